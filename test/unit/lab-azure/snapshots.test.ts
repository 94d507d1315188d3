import { beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotBody } from '../../../src/lab/world/azure/bodies/compute.js';
import { deleteDisk } from '../../../src/lab/world/azure/disks.js';
import type { ManagedDisk } from '../../../src/lab/world/azure/model.js';
import { putNic } from '../../../src/lab/world/azure/network-interfaces.js';
import { deleteSnapshot, putSnapshot } from '../../../src/lab/world/azure/snapshots.js';
import { findAt } from '../../../src/lab/world/azure/state.js';
import { deleteVm, putVm } from '../../../src/lab/world/azure/virtual-machines.js';
import { at, buildVm, codeOf, createTestWorld, location, vmBody, type TestWorld } from './world.js';

let world: TestWorld;
let data: ManagedDisk;
beforeEach(() => {
  world = createTestWorld();
  buildVm(world);
  const found = findAt(world.azure, 'Microsoft.Compute/disks', at('data'));
  if (!found) throw new Error('no data disk');
  data = found;
  data.contents.files.set('/data.img', { content: Buffer.from('windows'), modeBits: 0o600, modifiedMs: 0 });
  data.contents.data.set('state', { images: new Map([['a', { layers: ['x'] }]]) });
});

const body = (change: Partial<SnapshotBody['properties']['creationData']> = {}): SnapshotBody => ({
  location,
  properties: { creationData: { createOption: 'Copy', sourceResourceId: data.id, ...change } },
});
const take = () => {
  const { resource } = putSnapshot(world.azure, at('s'), body());
  world.advance(5000);
  return resource;
};
/** The PUT of a second VM whose data disk is a copy. */
const putCopy = (more: { sourceId?: string; diskSizeGB?: number } = {}) => {
  const subnet = `${findAt(world.azure, 'Microsoft.Network/virtualNetworks', at('vnet'))?.id ?? ''}/subnets/s`;
  const ipConfigurations = [{ name: 'c', properties: { subnet: { id: subnet } } }];
  const nic = putNic(world.azure, at('n2'), { location, properties: { ipConfigurations } }).resource;
  world.advance(10_000);
  const own = vmBody(nic.id);
  const { sourceId: id, ...size } = more;
  const disk = {
    lun: 0,
    name: 'copy',
    createOption: 'Copy' as const,
    ...(id === undefined ? {} : { sourceResource: { id } }),
  };
  const storageProfile = { ...own.properties.storageProfile, dataDisks: [{ ...disk, ...size }] };
  const put = { ...own, properties: { ...own.properties, storageProfile } };
  return () => putVm(world.azure, at('w2'), put, '2026-03-01');
};

describe('a snapshot', () => {
  it('holds the disk as it was, whatever becomes of the disk', () => {
    const snapshot = take();
    data.contents.files.delete('/data.img');
    (data.contents.data.get('state') as { images: Map<string, { layers: string[] }> }).images
      .get('a')
      ?.layers.push('y');
    deleteVm(world.azure, at('w1'), true);
    world.advance(100_000);
    deleteDisk(world.azure, at('data'));
    world.advance(5000);
    expect(snapshot.contents.files.get('/data.img')?.content.toString()).toBe('windows');
    expect(snapshot.contents.data.get('state')).toEqual({ images: new Map([['a', { layers: ['x'] }]]) });
  });

  it('becomes the data disk of a new VM, larger if wanted, and may go then', () => {
    putCopy({ sourceId: take().id, diskSizeGB: 256 })();
    world.advance(130_000);
    deleteSnapshot(world.azure, at('s'));
    world.advance(5000);
    const [disk] = world.machines.at(-1)?.spec.dataDisks ?? [];
    expect(disk?.disk).toMatchObject({ sizeGb: 256 });
    expect(disk?.disk.files.get('/data.img')?.content.toString()).toBe('windows');
    expect(disk?.disk.id).not.toBe(data.contents.id);
    expect(findAt(world.azure, 'Microsoft.Compute/snapshots', at('s'))).toBeUndefined();
  });

  it.each([
    ['of a disk that does not exist', () => body({ sourceResourceId: `${data.id}x` }), 'NotFound'],
    [
      'without a source',
      () => ({ ...body(), properties: { creationData: { createOption: 'Copy' } } }),
      'InvalidParameter',
    ],
    ['that is no copy', () => body({ createOption: 'Empty' }), 'InvalidParameter'],
    ['in another region than its disk', () => ({ ...body(), location: 'westus2' }), 'BadRequest'],
    ['of an unknown kind', () => ({ ...body(), sku: { name: 'UltraSSD_LRS' } }), 'InvalidParameter'],
  ])('%s is refused', (_what, bad, code) => {
    expect(codeOf(() => putSnapshot(world.azure, at('s'), bad()))).toBe(code);
    expect(findAt(world.azure, 'Microsoft.Compute/snapshots', at('s'))).toBeUndefined();
  });

  it('changes its tags, not its source', () => {
    take();
    expect(putSnapshot(world.azure, at('s'), { ...body(), tags: { a: 'b' } })).toMatchObject({ created: false });
    expect(codeOf(() => putSnapshot(world.azure, at('s'), body({ sourceResourceId: `${data.id}x` })))).toBe(
      'PropertyChangeNotAllowed',
    );
  });
});

describe('a copy for a VM is refused', () => {
  it.each([
    ['from nothing', () => ({}), 'InvalidParameter'],
    ['from a snapshot that does not exist', (id: string) => ({ sourceId: `${id}x` }), 'NotFound'],
    ['when it would be smaller', (id: string) => ({ sourceId: id, diskSizeGB: 64 }), 'BadRequest'],
  ])('%s', (_what, more, code) => {
    const put = putCopy(more(take().id));
    expect(codeOf(put)).toBe(code);
  });

  it('while the snapshot is being made, and when its source is changed later', () => {
    const { resource } = putSnapshot(world.azure, at('s'), body());
    resource.provisioningState = 'Updating';
    const early = putCopy({ sourceId: resource.id });
    resource.provisioningState = 'Updating';
    expect(codeOf(early)).toBe('OperationNotAllowed');
    resource.provisioningState = 'Succeeded';
    early();
    world.advance(130_000);
    expect(codeOf(putCopy({ sourceId: `${resource.id}-other` }))).toBe('PropertyChangeNotAllowed');
  });
});
