import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verdict } from '../../../src/benchmark/scoring.js';

const script = fileURLToPath(new URL('../../../src/host/scripts/agent.sh', import.meta.url));
const noPython = spawnSync('python3', ['-c', '']).status === 0 ? undefined : 'python3 is not installed';

/** As upstream's run.py makes its agent. */
const RUN_PY = `import sys
from mm_agents.navi.agent import NaviAgent
agent = NaviAgent(server="oai", model="gpt-4o", som_config=None, som_origin="oss", temperature=1.0)
print("made", type(agent).__name__, getattr(agent, "seen", None), agent.action_space, sys.argv)
`;
const NAVI = `class NaviAgent:
    action_space = "code_block"
    def __init__(self, server, model, som_config, som_origin, temperature):
        self.seen = server
`;

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'waa-launch-'));
  await mkdir(join(root, 'client/mm_agents/navi'), { recursive: true });
  await mkdir(join(root, 'work'));
  for (const name of ['mm_agents/__init__.py', 'mm_agents/navi/__init__.py'])
    await writeFile(join(root, 'client', name), '');
  await writeFile(join(root, 'client/mm_agents/navi/agent.py'), NAVI);
  await writeFile(join(root, 'client/run.py'), RUN_PY);
  await writeFile(join(root, 'work/launch.py'), execFileSync('sh', [script, 'launcher']));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function launch(env: Record<string, string> = {}, agent?: string) {
  if (agent !== undefined) {
    await mkdir(join(root, 'work/agent'));
    await writeFile(join(root, 'work/agent/agent.py'), agent);
    await writeFile(join(root, 'work/agent-sha256'), 'abc\n');
  }
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync('python3', ['-u', join(root, 'work/launch.py'), '--model', 'm'], {
    cwd: join(root, 'client'),
    env: { PATH, PYTHONDONTWRITEBYTECODE: '1', ...env },
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

describe.skipIf(noPython)('the launcher of run.py', () => {
  it("runs navi with the server of the keys that are there, which run.py's own text does not", async () => {
    expect((await launch({ OPENAI_API_KEY: 'k' })).output).toContain('made NaviAgent oai code_block');
    expect((await launch({ AZURE_API_KEY: 'k' })).output).toContain(
      "made NaviAgent azure code_block ['run.py', '--model', 'm']",
    );
  });

  it("puts the user's class in navi's place, with the settings it takes", async () => {
    const own =
      'class Agent:\n  def __init__(self, model): self.seen = model\n  def predict(self, a, b): pass\n  def reset(self): pass\n';
    const { status, output } = await launch({ OPENAI_API_KEY: 'k' }, own);
    expect(output).toContain('waa: agent abc\n');
    expect(output).toContain('made Agent gpt-4o code_block');
    expect(status).toBe(0);
  });

  it.each([
    ['a module that is missing', 'import nosuchmodule_waa'],
    ['no class Agent', 'class Other: pass'],
    ['no predict', 'class Agent:\n  def reset(self): pass'],
    [
      'a constructor that fails',
      'class Agent:\n  def __init__(self): 1/0\n  def predict(self): pass\n  def reset(self): pass',
    ],
  ])("an agent with %s is the agent's own error", async (_what, own) => {
    const { status, output } = await launch({}, own);
    expect(status).toBe(3);
    expect(output).toContain('waa: the agent could not be loaded');
    const trace = {
      result: undefined,
      trajectory: '',
      log: output,
      feasible: true,
      foreign: undefined,
      withheld: undefined,
    } as const;
    expect(verdict({ ...trace, outcome: 'finished', exitCode: 3 }).state).toBe('agent_error');
  });
});
