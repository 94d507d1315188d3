import type { DockerHostFactory, Machine, MachineFactory, MachinePower, MachineSpec } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { startCloudInit } from './cloud-init.js';
import { createFileSystem } from './file-system.js';
import { mountFstab } from './fstab.js';
import { createTimers } from './timers.js';

/** sshd answers this long after the kernel, and the Azure agent with it. */
const SSHD_AFTER_KERNEL_MS = { min: 10_000, spread: 10_000 };
/** The fault vm-ssh-refused: sshd is this late. */
const SSHD_LATE_MS = 180_000;

export interface MachineDependencies {
  readonly createDockerHost: DockerHostFactory;
}

/**
 * Emulated VMs with the Linux inside.
 *
 *   off ──powerOn──> booting ──vm.boot──> running ──powerOff(graceful)──> stopping ──vm.shutdown──> off
 *                                            └──────powerOff(hard)───────────────────────────────────^
 *
 * A boot gives a new boot id, makes /dev and /run anew, mounts what /etc/fstab says, starts sshd 10-20 s later and,
 * on the first boot of its OS disk only, runs cloud-init.
 */
export function createMachine(simulation: Simulation, dependencies: MachineDependencies): MachineFactory {
  return (spec) => bootable(simulation, dependencies, spec);
}

function bootable(simulation: Simulation, { createDockerHost }: MachineDependencies, spec: MachineSpec): Machine {
  const files = createFileSystem(spec.osDisk, () => simulation.now);
  const timers = createTimers(simulation);
  const listeners = new Set<(change: 'up' | 'down' | 'lost') => void>();
  const data = spec.dataDisks.map((entry) => entry.disk);
  let power: MachinePower = 'off';
  let agentReady = false;
  let bootId = '';
  let sshd: 'down' | 'up' = 'down';

  const tell = (change: 'up' | 'down' | 'lost'): void => {
    sshd = change === 'up' ? 'up' : 'down';
    for (const listener of [...listeners]) listener(change);
  };
  const makeDevices = (): void => {
    files.clearVolatile();
    files.write('/dev/net/tun', '', 0o666);
    for (const { lun, disk } of spec.dataDisks) files.write(`/dev/disk/azure/scsi1/lun${lun}`, disk.id, 0o660);
    const capable = spec.nestedVirtualization && spec.securityType === 'Standard';
    if (capable && !simulation.faults.strikes('vm-kvm-missing', spec.name)) files.write('/dev/kvm', '', 0o660);
  };
  const kernelUp = (): void => {
    power = 'running';
    bootId = simulation.randomGuid();
    makeDevices();
    mountFstab(files, data);
    docker.onMachineBoot();
    const untilSshd = SSHD_AFTER_KERNEL_MS.min + SSHD_AFTER_KERNEL_MS.spread * simulation.random();
    const late = simulation.faults.strikes('vm-ssh-refused', spec.name) ? SSHD_LATE_MS : 0;
    timers.after(untilSshd, () => {
      agentReady = true;
    });
    timers.after(untilSshd + late, () => {
      tell('up');
    });
    startCloudInit(machine, simulation, timers);
  };
  const powerGone = (): void => {
    timers.cancelAll();
    power = 'off';
    agentReady = false;
    for (const mountPoint of [...files.mounts.keys()]) if (mountPoint !== '/') files.mounts.delete(mountPoint);
  };

  const machine: Machine = {
    spec,
    onGuestPoweroff: undefined,
    get power() {
      return power;
    },
    get agentReady() {
      return agentReady;
    },
    get bootId() {
      return bootId;
    },
    get sshd() {
      return sshd;
    },
    get docker() {
      return docker;
    },
    mounts: files.mounts,
    mountAll() {
      mountFstab(files, data);
    },
    onSshdChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    powerOn() {
      if (power !== 'off') return;
      power = 'booting';
      timers.after(simulation.draw('vm.boot'), kernelUp);
    },
    powerOff(how, done) {
      const wasUp = power === 'running' || power === 'stopping';
      timers.cancelAll();
      if (how === 'hard' || !wasUp) {
        if (wasUp) docker.onMachineOff('hard');
        powerGone();
        tell('lost');
        simulation.after(0, done);
        return;
      }
      power = 'stopping';
      tell('down');
      docker.onMachineOff('graceful');
      timers.after(simulation.draw('vm.shutdown'), () => {
        // What has not ended by now ends with the power.
        docker.onMachineOff('hard');
        powerGone();
        done();
      });
    },
    readFile: (path) => files.read(path),
    writeFile: (path, content, modeBits, modifiedMs) => {
      files.write(path, content, modeBits, modifiedMs);
    },
    removeTree: (path) => {
      files.removeTree(path);
    },
    listFiles: (directory) => files.list(directory),
  };
  const docker = createDockerHost(machine);
  return machine;
}
