import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedSpec, fingerprintOf, toCreateBody } from '../../../src/clients/docker-engine/container-spec.js';
import type { ContainerSpec } from '../../../src/clients/docker-engine/docker-engine.js';

const spec = (over: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: 'winarena',
  image: 'windowsarena/waa-auto:2026.11',
  env: { VERSION: '11e', RAM_SIZE: '8G' },
  binds: [{ source: '/data/waa/storage', target: '/storage' }],
  devices: ['/dev/kvm', '/dev/net/tun'],
  capabilities: ['NET_ADMIN'],
  ports: [{ container: 5000, host: 5000 }],
  stopTimeoutS: 120,
  labels: {},
  ...over,
});
const rejected = (over: Partial<ContainerSpec>) => () => checkedSpec(spec(over));

describe('container specification', () => {
  it('publishes on the loopback only and never restarts by itself', () => {
    const { HostConfig } = toCreateBody(spec());
    expect(HostConfig?.PortBindings).toEqual({ '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: '5000' }] });
    expect(HostConfig?.RestartPolicy).toEqual({ Name: 'no' });
  });

  it('labels the container with its fingerprint, but keeps one that was given', () => {
    expect(toCreateBody(spec()).Labels).toEqual({ 'waa.fingerprint': fingerprintOf(spec()) });
    expect(toCreateBody(spec({ labels: { 'waa.fingerprint': 'own' } })).Labels).toEqual({ 'waa.fingerprint': 'own' });
  });

  it.each<[string, Partial<ContainerSpec>]>([
    ['an image without tag or digest', { image: 'windowsarena/waa-auto' }],
    ['an image that is no reference', { image: 'Windows Arena:1' }],
    ['a relative bind source', { binds: [{ source: 'storage', target: '/storage' }] }],
    ['a bind with a colon, which would change its meaning', { binds: [{ source: '/data:rw', target: '/storage' }] }],
    ['a bind that climbs', { binds: [{ source: '/data/../etc', target: '/storage' }] }],
    [
      'two binds at one path',
      {
        binds: [
          { source: '/a', target: '/s' },
          { source: '/b', target: '/s' },
        ],
      },
    ],
    [
      'two uses of one host port',
      {
        ports: [
          { container: 1, host: 5000 },
          { container: 2, host: 5000 },
        ],
      },
    ],
    ['a port that is none', { ports: [{ container: 70_000, host: 5000 }] }],
    ['a device outside /dev', { devices: ['/etc/passwd'] }],
    ['a variable that is no name', { env: { 'A=B': '1' } }],
    ['a variable of two lines', { env: { A: '1\n2' } }],
    ['a name Docker refuses', { name: '/winarena' }],
  ])('refuses %s', (_what, over) => {
    expect(rejected(over)).toThrow(expect.objectContaining({ code: 'DOCKER_SPEC_REJECTED' }));
  });

  it('has a fingerprint that does not depend on the order of keys and lists', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), fc.string()), (env) => {
        const backwards = Object.fromEntries(Object.entries(env).reverse());
        expect(fingerprintOf(spec({ env: backwards, devices: ['/dev/net/tun', '/dev/kvm'] }))).toBe(
          fingerprintOf(spec({ env })),
        );
      }),
    );
  });

  it('has a fingerprint that does depend on the order of a command', () => {
    expect(fingerprintOf(spec({ command: ['a', 'b'] }))).not.toBe(fingerprintOf(spec({ command: ['b', 'a'] })));
    expect(fingerprintOf(spec({ command: ['a'] }))).not.toBe(fingerprintOf(spec({ entrypoint: ['a'] })));
  });

  it('has another fingerprint when anything differs that makes another container', () => {
    const base = fingerprintOf(spec());
    const others = [
      spec({ image: 'a:1' }),
      spec({ stopTimeoutS: 60 }),
      spec({ env: { VERSION: '11e', RAM_SIZE: '16G' } }),
      spec({ labels: { a: 'b' } }),
    ];
    for (const other of others) expect(fingerprintOf(other)).not.toBe(base);
  });
});
