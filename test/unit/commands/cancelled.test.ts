import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { CommandCall } from '../../../src/commands/command.js';
import { commandTable } from '../../../src/commands/table.js';
import { executeCall } from '../../../src/execute.js';
import { callOf } from '../../helpers/lab-session.js';

/** What a command says that a person stopped. */
async function stopped(name: string, more: Partial<Pick<CommandCall, 'args' | 'options'>>): Promise<string> {
  const stop = new AbortController();
  const call = callOf('/nowhere', {}, stop.signal);
  let text = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const handle = (): Promise<number> => {
    stop.abort(new Error('SIGINT'));
    return Promise.reject(stop.signal.reason as Error);
  };
  const load = () => Promise.resolve({ handle });
  await executeCall({
    ...call,
    ...more,
    spec: { ...call.spec, ...commandTable.find((spec) => spec.name === name), load },
    surroundings: { ...call.surroundings, stdout },
  });
  return text;
}

it.each([
  ['pool-scale', { args: ['4'], options: { name: 'p' } }, 'pool-scale --name p 4'],
  ['image-create', { args: ['office'] }, 'image-create office'],
  ['exec', { args: ['ls', '-l', "it's"] }, "exec -- ls -l 'it'\\''s'"],
  ['lab start', {}, 'lab start'],
  ['up', { options: { workers: '3' } }, 'up --resume'],
  [
    'run',
    { options: { domain: ['clock', 'vlc'], maxSteps: '7', json: true, name: 'p' } },
    'run --name p --domain clock --domain vlc --max-steps 7',
  ],
] as const)('the hint after Ctrl-C of %s can be pasted', async (name, more, command) => {
  const { error } = JSON.parse(await stopped(name, more)) as { readonly error: { readonly fix: unknown } };
  expect(error.fix).toEqual([`waa --lab --home /nowhere ${command}`]);
});
