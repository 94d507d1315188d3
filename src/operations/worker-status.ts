/** One worker in `status --json`. */
export interface WorkerStatus {
  readonly worker: string;
  readonly ready: boolean;
  readonly layers: readonly {
    readonly id: string;
    readonly state: string;
    readonly detail?: string;
    readonly fault?: unknown;
  }[];
}
