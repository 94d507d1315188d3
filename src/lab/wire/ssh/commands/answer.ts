import type { RemoteCall } from '../remote-command.js';

/** Prints one line of JSON and succeeds, as a host script does. */
export function answer(call: RemoteCall, value: unknown): number {
  call.stdout.write(`${JSON.stringify(value)}\n`);
  return 0;
}

/** Fails as lib.sh's `fail`: reason and detail as the last line of standard error. */
export function refuse(call: RemoteCall, reason: string, detail: string, exitCode = 1): number {
  call.stderr.write(`waa-error: ${reason}: ${detail}\n`);
  return exitCode;
}

/** The usage error of lib.sh's `need`, or undefined when enough arguments are there. */
export function needs(call: RemoteCall, count: number): number | undefined {
  if (call.args.length >= count) return undefined;
  return refuse(call, 'usage', `needs ${count} arguments, got ${call.args.length}`, 64);
}

/** Lets `ms` of lab time pass, or rejects when the channel closes first. */
export function pass({ simulation, signal }: RemoteCall, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = simulation.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
