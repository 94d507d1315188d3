import type { Simulation } from '../simulation.js';
import type { ArmErrorBody } from './arm-error.js';

export type OperationStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';

/** A long-running operation. Its record stays for good, so that a poller restored later still finds the end. */
export interface Operation {
  readonly id: string;
  readonly provider: 'Microsoft.Compute' | 'Microsoft.Network';
  readonly location: string;
  readonly name: string;
  /** Name of the resource it works on. */
  readonly target: string;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly status: OperationStatus;
  readonly error: ArmErrorBody | undefined;
}

/** An operation with the means to run and end it. Ending is final: steps still planned are dropped. */
export interface RunningOperation extends Operation {
  /** Plans a step; it does not run once the operation has ended. */
  after(delayMs: number, step: () => void): void;
  succeed(): void;
  fail(error: ArmErrorBody): void;
  /** Ends as `Canceled` because a newer operation took over. */
  preempt(): void;
}

export interface Operations {
  begin(provider: Operation['provider'], location: string, name: string, target: string): RunningOperation;
  find(id: string): Operation | undefined;
  /** Every operation that was ever begun, oldest first. */
  all(): readonly Operation[];
}

const preempted: ArmErrorBody = {
  code: 'OperationPreempted',
  message: 'Operation execution has been preempted by a more recent operation.',
};

/** Creates the table of operations of a subscription. */
export function createOperations(simulation: Simulation): Operations {
  const table = new Map<string, Operation>();

  const begin: Operations['begin'] = (provider, location, name, target) => {
    const cancels: (() => void)[] = [];
    const end = (status: OperationStatus, error: ArmErrorBody | undefined): void => {
      if (record.status !== 'InProgress') return;
      for (const cancel of cancels) cancel();
      record.status = status;
      record.endedAt = simulation.now;
      record.error = error;
    };
    const record = {
      id: simulation.randomGuid(),
      provider,
      location,
      name,
      target,
      startedAt: simulation.now,
      endedAt: undefined as number | undefined,
      status: 'InProgress' as OperationStatus,
      error: undefined as ArmErrorBody | undefined,
      after(delayMs: number, step: () => void): void {
        if (record.status === 'InProgress') cancels.push(simulation.after(delayMs, step));
      },
      succeed: (): void => {
        end('Succeeded', undefined);
      },
      fail: (error: ArmErrorBody): void => {
        end('Failed', error);
      },
      preempt: (): void => {
        end('Canceled', preempted);
      },
    };
    table.set(record.id, record);
    return record;
  };
  return { begin, find: (id) => table.get(id.toLowerCase()), all: () => [...table.values()] };
}
