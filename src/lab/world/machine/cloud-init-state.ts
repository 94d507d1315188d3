import type { Machine } from '../contracts.js';

/** What `cloud-init status --format json` knows. Kept on the OS disk: it belongs to the instance, not to a boot. */
export interface CloudInitState {
  /** The OS disk it ran on: a disk copied from an image is a new instance and runs it again. */
  readonly instance: string;
  readonly status: 'running' | 'done' | 'error';
  readonly extendedStatus: string;
  /** As `cloud-init status` exits (>= 23.4): 0 ok, 1 error, 2 done with recoverable errors. */
  readonly exitCode: number;
  readonly errors: readonly string[];
  readonly recoverableErrors: readonly string[];
}

const KEY = 'cloud-init';

/** The state on the machine's OS disk, or undefined when cloud-init has not begun on this instance. */
export function cloudInitState(machine: Machine): CloudInitState | undefined {
  const state = machine.spec.osDisk.data.get(KEY) as CloudInitState | undefined;
  return state?.instance === machine.spec.osDisk.id ? state : undefined;
}

/** Notes on the OS disk how first boot went; it holds for that disk alone, as cloud-init keeps it by instance. */
export function saveCloudInitState(machine: Machine, state: Omit<CloudInitState, 'instance'>): void {
  machine.spec.osDisk.data.set(KEY, { ...state, instance: machine.spec.osDisk.id });
}

/** The JSON of `cloud-init status --format json`, as version 25.1 prints it. */
export function cloudInitReport(machine: Machine): { readonly text: string; readonly exitCode: number } {
  const state = cloudInitState(machine);
  const report = {
    boot_status_code: 'enabled-by-generator',
    datasource: 'azure',
    detail: 'DataSourceAzure [seed=/dev/sr0]',
    errors: state?.errors ?? [],
    extended_status: state?.extendedStatus ?? 'not started',
    last_update: '',
    recoverable_errors: state?.recoverableErrors.length ? { WARNING: state.recoverableErrors } : {},
    status: state?.status ?? 'not started',
  };
  return { text: JSON.stringify(report), exitCode: state?.exitCode ?? 0 };
}
