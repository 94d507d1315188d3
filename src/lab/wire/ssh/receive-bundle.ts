import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import tarStream from 'tar-stream';
import type { Machine } from '../../world/contracts.js';

const BASE = '/var/lib/waa/host';

/** What the bundle installer does on a real host: unpacks the tar on standard input to the folder of its content hash. */
export async function receiveBundle(machine: Machine, args: readonly string[], stdin: Readable): Promise<number> {
  const [hash = ''] = args;
  if (!/^[0-9a-f]{16,64}$/.test(hash)) return 64;
  const extract = tarStream.extract();
  stdin.pipe(extract);
  for await (const entry of extract) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type !== 'file') continue;
    const path = posix.join(BASE, hash, posix.normalize(`/${entry.header.name}`));
    machine.writeFile(path, Buffer.concat(chunks), entry.header.mode);
  }
  return 0;
}
