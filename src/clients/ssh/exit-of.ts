import { constants } from 'node:os';
import type { ClientChannel } from 'ssh2';

/**
 * The exit code of a command once its output has ended. A command killed by a signal gives 128 + its number, as a shell
 * reports it. Rejects with `dropped()` when the channel closes without either: the connection broke.
 */
export function exitOf(channel: ClientChannel, dropped: () => unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    let code: number | undefined;
    channel.once('exit', (exitCode: number | null, signal?: string) => {
      code = exitCode ?? numberOf(signal);
    });
    channel.once('close', () => {
      if (code === undefined) reject(dropped());
      else resolve(code);
    });
  });
}

/** 128 + the signal's number; a name Linux does not know counts as 0. */
function numberOf(signal: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[`SIG${signal ?? ''}`] ?? 0);
}
