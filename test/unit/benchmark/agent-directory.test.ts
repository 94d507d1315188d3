import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packAgent } from '../../../src/benchmark/agent-directory.js';

let directory = '';
const put = async (name: string, content = 'x'): Promise<void> => {
  await mkdir(dirname(join(directory, name)), { recursive: true });
  await writeFile(join(directory, name), content);
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'waa-agent-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("a user's own agent", () => {
  it('is packed with everything it needs', async () => {
    await put('agent.py', 'class Agent: pass');
    await put('lib/prompts/system.txt', 'You are');
    const agent = await packAgent(directory);
    expect(agent).toMatchObject({ files: 2, bytes: 24, secrets: [] });
    const tar = gunzipSync(agent.tar).toString('latin1');
    expect(tar).toContain('agent.py');
    expect(tar).toContain('lib/prompts/system.txt');
  });

  it('has the same hash whenever and wherever its files are the same', async () => {
    await put('agent.py');
    const first = await packAgent(directory);
    await utimes(join(directory, 'agent.py'), 1, 1);
    expect((await packAgent(directory)).sha256).toBe(first.sha256);
    expect(createHash('sha256').update(gunzipSync(first.tar)).digest('hex')).toBe(first.sha256);
    await put('agent.py', 'y');
    expect((await packAgent(directory)).sha256).not.toBe(first.sha256);
  });

  it('leaves out what is made anew, what leads out, and what looks like a secret, which it names', async () => {
    for (const name of ['agent.py', '.git/config', 'node_modules/a.js', '__pycache__/a.pyc', '.env.example'])
      await put(name);
    for (const name of ['.env', 'sub/.env.local', 'key.pem', 'id_ed25519', 'credentials.json'])
      await put(name, 'SECRET');
    await symlink('/etc/passwd', join(directory, 'passwd'));
    const agent = await packAgent(directory);
    expect(agent.files).toBe(2);
    expect(agent.secrets.toSorted()).toEqual(['.env', 'credentials.json', 'id_ed25519', 'key.pem', 'sub/.env.local']);
    expect(gunzipSync(agent.tar).toString('latin1')).not.toContain('SECRET');
  });

  it.each([
    ['without the entry file', async () => put('main.py'), 'it has no agent.py'],
    ['whose entry file is a directory', async () => put('agent.py/x'), 'it has no agent.py'],
    ['that does not exist', async () => rm(directory, { recursive: true }), 'there is no such directory'],
    [
      'that holds a model',
      async () => Promise.all([put('agent.py'), put('weights.bin', 'x'.repeat(65 * 1024 ** 2))]),
      'larger than 64 MB',
    ],
  ])('%s is refused', async (_what, make, problem) => {
    await make();
    await expect(packAgent(directory)).rejects.toMatchObject({
      code: 'CLIENT_AGENT_DIRECTORY',
      params: { problem: expect.stringContaining(problem) },
    });
  });
});
