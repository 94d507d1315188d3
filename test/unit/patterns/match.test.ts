import { describe, expect, it } from 'vitest';
import { failureIn, matchText } from '../../../src/failures/match.js';

const KVM =
  '❯ ERROR: KVM acceleration is not available (/dev/kvm is missing), this will cause the machine to run about 10 times slower.';
const BANNER = '❯ Starting Windows for Docker v6.05...';
const FAQ =
  '❯ ERROR: See the FAQ for possible causes, or disable acceleration by adding the "KVM=N" variable (not recommended).';

describe('matchText', () => {
  it('blames the first specific cause, not the last line', () => {
    const match = matchText('container-log', [BANNER, KVM, FAQ].join('\n'));
    expect(match).toMatchObject({
      code: 'QEMU_KVM_UNAVAILABLE',
      params: { reason: '/dev/kvm is missing' },
      lineNumber: 2,
    });
  });

  it('falls back to a generic pattern only when nothing specific is found', () => {
    expect(matchText('container-log', [BANNER, FAQ].join('\n'))?.code).toBe('QEMU_DOCKUR_ERROR');
  });

  it('sees through colours and prefixes', () => {
    const coloured = `winarena  | \u001b[1;31m${KVM}\u001b[0m`;
    expect(matchText('container-log', coloured)).toMatchObject({ code: 'QEMU_KVM_UNAVAILABLE', line: KVM });
    expect(matchText('container-log', `2026-11-22T05:00:11.238912509Z ${KVM}`)?.code).toBe('QEMU_KVM_UNAVAILABLE');
  });

  it('counts only the newest start of a restarted container', () => {
    const healthy = [BANNER, '❯ Booting Windows using QEMU v10.0.13...'];
    expect(matchText('container-log', [BANNER, KVM, ...healthy].join('\n'))).toBeUndefined();
  });

  it('forgets a download that failed and then went on', () => {
    const failed = '❯ ERROR: Failed to download https://example.net/win11.iso , network failure!';
    const later = '❯ Extracting downloaded ISO image...';
    expect(matchText('container-log', [BANNER, failed].join('\n'))?.code).toBe('WINDOWS_DOWNLOAD_FAILED');
    expect(matchText('container-log', [BANNER, failed, later].join('\n'))).toBeUndefined();
  });

  it('reads success in 5.14 as no proof: the UEFI shell decides', () => {
    const shell = 'BdsDxe: starting Boot0002 "EFI Internal Shell" from Fv(7CB8BDC9)';
    const dvd = 'BdsDxe: starting Boot0001 "UEFI QEMU DVD-ROM QM00013 " from PciRoot(0x0)';
    const success = '❯ Windows started successfully, visit http://127.0.0.1:8006/ to view the screen...';
    expect(matchText('container-log', [shell, success].join('\n'))?.code).toBe('QEMU_NOT_BOOTABLE');
    expect(matchText('container-log', [shell, dvd, success].join('\n'))).toBeUndefined();
  });

  it('means different things by the same words in different channels', () => {
    const words = 'no space left on device';
    expect(matchText('docker-api', words)?.code).toBe('DOCKER_DISK_FULL');
    expect(matchText('host-shell', 'cp: error writing: No space left on device')?.code).toBe('VM_DISK_FULL');
    expect(matchText('ssh', words)).toBeUndefined();
  });

  it('says nothing about text it does not know, and nothing about no text', () => {
    expect(matchText('container-log', 'everything is different now')).toBeUndefined();
    expect(matchText('run.py', '')).toBeUndefined();
  });

  it('cuts a line of kilobytes to what a message can hold', () => {
    const detail = matchText('docker-api', `Error response from daemon: ${'x'.repeat(5000)}`)?.params['detail'];
    expect(String(detail).length).toBeLessThan(400);
  });

  it('blames an unreachable mirror for the packages that are missing', () => {
    const log =
      "Failed to install packages: ['docker.io']\nW: Failed to fetch http://mirror.example/InRelease  503  Service Unavailable";
    expect(matchText('cloud-init', log)?.code).toBe('VM_APT_OFFLINE');
  });
});

describe('failureIn', () => {
  it('makes a failure that can be reported, with its evidence', () => {
    const failure = failureIn('container-log', KVM, { evidence: [{ title: 'container log', text: KVM }] });
    expect(failure?.report()).toMatchObject({
      code: 'QEMU_KVM_UNAVAILABLE',
      layer: 'qemu',
      evidence: [{ title: 'container log' }],
    });
  });

  it('is undefined for a healthy text', () => {
    expect(failureIn('dockerd', 'level=info msg="API listen on /var/run/docker.sock"')).toBeUndefined();
  });
});
