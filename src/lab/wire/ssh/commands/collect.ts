import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { attemptFiles, type AttemptFiles } from '../../../world/agent/attempt-files.js';
import type { RemoteCall, RemoteCommand } from '../remote-command.js';
import { refuse } from './answer.js';

/** `host/scripts/collect.sh` against the emulated machine: same arguments, output and exit codes. */
export const collectCommand: RemoteCommand = async (call) => {
  const [command, data, run, attempt] = call.args;
  const usage = (text: string): number => refuse(call, 'usage', text, 64);
  if (call.args.length !== 4 || !data || !run || !attempt)
    return usage('usage: collect.sh manifest|stream|remove DATA RUN ATTEMPT');
  if (!data.startsWith('/')) return usage(`DATA is not an absolute path: ${data}`);
  for (const [what, name] of [
    ['RUN', run],
    ['ATTEMPT', attempt],
  ] as const) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) || name.includes('..'))
      return usage(`${what} is not a plain name: ${name}`);
  }
  const files = attemptFiles(call.machine, data, run, attempt);
  if (!files.exists)
    return command === 'remove' ? 0 : refuse(call, 'no-attempt', `there is no attempt ${attempt} of run ${run}`);
  if (files.read('exit') === '') return refuse(call, 'not-ended', `attempt ${attempt} has not ended`);
  const followed = `${data}/waa/results/${run}/.watched`;
  call.machine.writeFile(followed, `${Math.floor(call.simulation.now / 1000)}\n`);
  switch (command) {
    case 'manifest':
      call.stdout.write(manifest(call, files));
      return 0;
    case 'stream':
      await stream(call, files);
      return 0;
    case 'remove':
      files.remove();
      return 0;
    default:
      return usage(`unknown command: ${command ?? ''}`);
  }
};

function entries(call: RemoteCall, files: AttemptFiles): readonly { path: string; content: Buffer }[] {
  return files
    .list()
    .toSorted()
    .map((path) => ({
      path: path.slice(files.directory.length + 1),
      content: call.machine.readFile(path)?.content ?? Buffer.alloc(0),
    }));
}

function manifest(call: RemoteCall, files: AttemptFiles): string {
  return entries(call, files)
    .map(({ path, content }) => `${createHash('sha256').update(content).digest('hex')} ${content.length} ${path}\n`)
    .join('');
}

async function stream(call: RemoteCall, files: AttemptFiles): Promise<void> {
  const archive = pack();
  for (const { path, content } of entries(call, files)) {
    const header = { name: `./${path}`, size: content.length, mode: 0o600, mtime: new Date(call.simulation.now) };
    // A connection that ends in the middle ends the archive, which the pipeline raises; each entry would say it once more.
    archive.entry(header, content).on('error', () => undefined);
  }
  archive.finalize();
  await pipeline(archive, createGzip(), call.stdout, { end: false });
}
