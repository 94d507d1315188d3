import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import type { RemoteCommand } from '../remote-command.js';
import { answer, needs, refuse } from './answer.js';

/** agent.sh has|put DATA SHA256. Its `launcher` is called on the worker only. */
export const agentCommand: RemoteCommand = async (call) => {
  const bad = needs(call, 3);
  if (bad !== undefined) return bad;
  const { machine } = call;
  const [command, data = '', sha = ''] = call.args;
  if (!data.startsWith('/')) return refuse(call, 'usage', `DATA is not an absolute path: ${data}`, 64);
  if (!/^[0-9a-f]+$/.test(sha)) return refuse(call, 'usage', `not a hash: ${sha}`, 64);
  const place = `${data}/waa/agents/${sha}`;
  if (command === 'put') {
    const chunks: Buffer[] = [];
    for await (const chunk of call.stdin as AsyncIterable<Buffer | string>) chunks.push(Buffer.from(chunk));
    const tar = gunzipped(Buffer.concat(chunks));
    if (!tar) return refuse(call, 'wrong-hash', 'the agent did not arrive whole');
    const sum = createHash('sha256').update(tar).digest('hex');
    if (sum !== sha) return refuse(call, 'wrong-hash', `the agent arrived as ${sum}, not as ${sha}`);
    const files = extract();
    files.end(tar);
    for await (const entry of files) {
      const content: Buffer[] = [];
      for await (const chunk of entry) content.push(chunk as Buffer);
      machine.writeFile(`${place}/${entry.header.name}`, Buffer.concat(content), entry.header.mode);
    }
  } else if (command !== 'has') return refuse(call, 'usage', `unknown command: ${command ?? ''}`, 64);
  return answer(call, { there: machine.readFile(`${place}/agent.py`) !== undefined });
};

/** Undefined for what `gzip -dc` would not read to its end. */
function gunzipped(sent: Buffer): Buffer | undefined {
  try {
    return gunzipSync(sent);
  } catch {
    return undefined;
  }
}
