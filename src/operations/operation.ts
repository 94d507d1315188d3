import type { Session } from '../session.js';

export interface OperationInfo {
  readonly operation: string;
  readonly deployment?: string;
  /** Layers to make ready, or tasks to run. */
  readonly totalSteps: number;
}

/** Runs `work` between operation.started and operation.finished, so that every viewer knows what goes on. */
export async function asOperation<T>(session: Session, info: OperationInfo, work: () => Promise<T>): Promise<T> {
  const { emit, clock } = session;
  const startedAt = clock.now();
  const about = info.deployment === undefined ? info.operation : `${info.operation} ${info.deployment}`;
  emit('operation.started', { ...info }, `${about}: begins`);
  let ok = false;
  try {
    const result = await work();
    ok = true;
    return result;
  } finally {
    const durationMs = clock.now() - startedAt;
    const end = ok ? 'done' : 'not done';
    emit('operation.finished', { operation: info.operation, ok, durationMs }, `${about}: ${end}`, {
      level: ok ? 'info' : 'warn',
    });
  }
}
