import type { LayerId, LayerStatus, Progress } from './layer.js';

/** Progress in a few words. */
export function progressText({ phase, percent }: Progress): string {
  return percent === undefined ? phase : `${phase} (${Math.round(percent)} %)`;
}

/** What a check saw, for a person; undefined when there is nothing to add to "ready". */
export function describeStatus(status: LayerStatus<unknown>): string | undefined {
  switch (status.state) {
    case 'ready':
      return status.detail;
    case 'absent':
      return status.detail ?? 'not there yet';
    case 'drifted':
      return `differs: ${status.differences.join('; ')}`;
    case 'in-progress':
      return progressText(status.progress);
    case 'unhealthy':
      return status.fault.message;
    case 'unknown':
      return `could not look: ${status.fault.message}`;
  }
}

/** The layer's part of its failure codes: `VM_STEP_TIMEOUT`. */
export function codePrefix(id: LayerId): Uppercase<LayerId> {
  return id.toUpperCase() as Uppercase<LayerId>;
}
