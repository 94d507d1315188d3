import type { DockerHost, Machine, MachineFactory, MachinePower } from '../../../src/lab/world/contracts.js';
import type { Simulation } from '../../../src/lab/world/simulation.js';

export interface FakeMachine extends Machine {
  /** Linux powers itself off, as `poweroff` in a shell does. */
  guestPoweroff(): void;
  /** Every order the machine got, oldest first. */
  readonly orders: readonly string[];
}

/** Machines that boot in 20 s and stop in 5 s and hold nothing: enough to see what Azure does to them. */
export function createFakeMachines(simulation: Simulation): {
  readonly create: MachineFactory;
  readonly made: FakeMachine[];
} {
  const made: FakeMachine[] = [];
  const create: MachineFactory = (spec) => {
    let power: MachinePower = 'off';
    let bootId = '';
    const orders: string[] = [];
    const machine: FakeMachine = {
      spec,
      orders,
      get power() {
        return power;
      },
      get agentReady() {
        return power === 'running';
      },
      get bootId() {
        return bootId;
      },
      get sshd() {
        return power === 'running' ? ('up' as const) : ('down' as const);
      },
      get docker(): DockerHost {
        throw new Error('a fake machine has no Docker');
      },
      mounts: new Map([['/', spec.osDisk]]),
      mountAll: () => undefined,
      onSshdChange: () => () => undefined,
      powerOn() {
        orders.push('on');
        power = 'booting';
        bootId = simulation.randomGuid();
        simulation.after(20_000, () => {
          if (power === 'booting') power = 'running';
        });
      },
      powerOff(how, done) {
        orders.push(`off ${how}`);
        const end = (): void => {
          power = 'off';
          done();
        };
        if (how === 'hard') {
          end();
          return;
        }
        power = 'stopping';
        simulation.after(5000, end);
      },
      onGuestPoweroff: undefined,
      guestPoweroff() {
        power = 'off';
        machine.onGuestPoweroff?.();
      },
      readFile: (path) => spec.osDisk.files.get(path),
      writeFile(path, content, modeBits = 0o644) {
        spec.osDisk.files.set(path, { content: Buffer.from(content), modeBits, modifiedMs: 0 });
      },
      removeTree(path) {
        spec.osDisk.files.delete(path);
      },
      listFiles: () => [...spec.osDisk.files.keys()],
    };
    made.push(machine);
    return machine;
  };
  return { create, made };
}
