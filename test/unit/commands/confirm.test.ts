import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirmDeletion } from '../../../src/operations/confirm.js';
import type { Session } from '../../../src/session.js';

/** Asks at a terminal where `type` types. */
async function ask(type: (stdin: PassThrough, stop: AbortController) => void): Promise<void> {
  const [stdin, stderr, stop] = [
    Object.assign(new PassThrough(), { isTTY: true }),
    new PassThrough(),
    new AbortController(),
  ];
  const session = { kind: 'azure', command: 'down', json: false, signal: stop.signal, surroundings: { stdin, stderr } };
  const asked = confirmDeletion(session as unknown as Session, { name: 'eval' }, false);
  type(stdin, stop);
  await asked;
}

describe('the question before data is destroyed', () => {
  it.each(['y\n', 'YES\n', ' y \r\n'])('takes %j as a yes', async (text) => {
    await expect(ask((stdin) => stdin.write(text))).resolves.toBeUndefined();
  });

  it.each(['\n', 'n\n', 'yep\n'])('takes %j as a no', async (text) => {
    await expect(ask((stdin) => stdin.write(text))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('takes the end of the input as a no', async () => {
    await expect(ask((stdin) => stdin.end())).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('ends with the reason of the signal that stops the command', async () => {
    const reason = new Error('stopped by SIGINT');
    await expect(
      ask((_stdin, stop) => {
        stop.abort(reason);
      }),
    ).rejects.toBe(reason);
  });
});
