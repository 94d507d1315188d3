import { describe, expect, it } from 'vitest';
import { differencesOf, sizeGuest, winarenaSpec } from '../../../src/layers/qemu/winarena-spec.js';
import { createWorkerBench } from '../../helpers/worker-bench.js';

const bench = createWorkerBench();
const windows = bench.plan.config.windows;

describe('size of Windows', () => {
  it('takes what is configured when the host has it', () => {
    expect(sizeGuest(windows, { cpuCores: 8, memoryMb: 32_000 })).toEqual({ ramGb: 8, cpuCores: 8, notes: [] });
  });

  it('leaves 4 GB to the host and says so', () => {
    const size = sizeGuest({ ...windows, ramGb: 64 }, { cpuCores: 4, memoryMb: 16_000 });
    expect(size).toMatchObject({ ramGb: 11, cpuCores: 4 });
    expect(size.notes).toHaveLength(2);
  });

  it('refuses a host that cannot carry Windows', () => {
    expect(() => sizeGuest(windows, { cpuCores: 8, memoryMb: 7_900 })).toThrow(
      expect.objectContaining({ code: 'QEMU_HOST_TOO_SMALL' }) as Error,
    );
    expect(() => sizeGuest(windows, { cpuCores: 1, memoryMb: 32_000 })).toThrow(
      expect.objectContaining({ code: 'QEMU_HOST_TOO_SMALL' }) as Error,
    );
  });
});

describe('container specification', () => {
  const spec = winarenaSpec(bench.plan, bench.input);

  it('passes both devices, NET_ADMIN, and time for Windows to shut down', () => {
    expect(spec).toMatchObject({
      name: 'winarena',
      devices: ['/dev/kvm', '/dev/net/tun'],
      capabilities: ['NET_ADMIN'],
      stopTimeoutS: 120,
    });
  });

  it('sets port forwarding for NAT and for user mode, and the screen by the names dockur reads', () => {
    expect(spec.env).toMatchObject({
      HOST_PORTS: '7200',
      USER_PORTS: '5000',
      WIDTH: '1440',
      HEIGHT: '900',
      VERSION: '11e',
      DISK_SIZE: '64G',
    });
  });

  it('puts the control socket on a bind mount of the worker', () => {
    expect(spec.env['ARGUMENTS']).toContain('-qmp unix:/run/waa/qmp.sock,');
    expect(spec.binds).toContainEqual({ source: '/data/waa/run', target: '/run/waa' });
  });

  it('switches KVM off only where software emulation was allowed', () => {
    const emulated = winarenaSpec(bench.plan, { ...bench.input, acceleration: 'tcg' });
    expect(emulated.env['KVM']).toBe('N');
    expect(emulated.devices).not.toContain('/dev/kvm');
    expect(spec.env['KVM']).toBeUndefined();
  });

  it('has a fingerprint that follows the content', () => {
    const again = winarenaSpec(bench.plan, bench.input);
    const other = winarenaSpec(bench.plan, { ...bench.input, cpuCores: 4 });
    expect(again.labels).toEqual(spec.labels);
    expect(other.labels).not.toEqual(spec.labels);
  });

  it("finds no difference when the engine adds the image's environment or names capabilities with their prefix", () => {
    const { name: _name, labels, ...rest } = spec;
    const info = {
      id: 'c1',
      name: 'winarena',
      image: spec.image,
      imageId: 'sha256:image',
      state: 'running' as const,
      exitCode: 0,
      oomKilled: false,
      startedAt: '',
      finishedAt: '',
      restartCount: 0,
      labels,
      spec: { ...rest, env: { PATH: '/bin', ...spec.env }, capabilities: ['CAP_NET_ADMIN'] },
    };
    expect(differencesOf(spec, info, 'sha256:image')).toEqual([]);
    expect(differencesOf(spec, { ...info, spec: { ...info.spec, devices: [] } }, 'sha256:image')).toHaveLength(1);
  });
});
