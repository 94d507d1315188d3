import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callLab, findLab } from '../../src/lab/lab-handle.js';
import { saveDeployment, type DeploymentRecord } from '../../src/state/deployment.js';
import { takeLock, type HeldLock } from '../../src/state/lock.js';
import { statePaths } from '../../src/state/paths.js';
import { createCliHome, documentOf, failureOf, filesBelow, wideLines, type CliHome } from '../helpers/cli.js';

let cli: CliHome;
beforeAll(async () => {
  cli = createCliHome();
  await cli.run(['lab', 'start', '--scale', '600']);
});
afterAll(() => cli.dispose());

const deployments = (): string => join(cli.home, 'lab', 'home', 'deployments');
const recordOf = (name: string): string => {
  mkdirSync(join(deployments(), name), { recursive: true });
  return join(deployments(), name, 'deployment.json');
};
/** A working directory of a test's own, with one file in it. */
const directoryWith = (name: string, text: string): string => {
  const cwd = mkdtempSync(join(cli.cwd, 'cwd-'));
  writeFileSync(join(cwd, name), text);
  return cwd;
};
/** Nothing was made in Azure, and no file of the state home is another than before. Prices are a cache. */
const untouched = async (work: () => Promise<void>): Promise<void> => {
  const files = (): unknown =>
    Object.fromEntries(Object.entries(filesBelow(cli.home)).filter(([path]) => !path.includes('/cache/')));
  const before = files();
  await work();
  expect(files()).toEqual(before);
  const lab = await findLab(join(cli.home, 'lab'));
  expect(lab && (await callLab(lab, 'GET', '/summary'))).toMatchObject({ groups: [] });
};

describe('a command line that cannot be understood exits 64 and says what to type', () => {
  it.each([
    ['an unknown option', ['up', '--resum'], "unknown option '--resum'", 'waa up --resume'],
    ['an unknown command', ['statsu'], "unknown command 'statsu'", 'waa status'],
    ['an unknown second word', ['lab', 'strat'], "unknown command 'strat'", 'waa lab start'],
    ['half a command', ['lab'], 'waa lab needs one of: start, stop', 'waa lab --help'],
    ['a missing argument', ['exec'], "missing required argument 'argv'", 'waa exec --help'],
    ['an argument too many', ['up', 'twice'], "too many arguments for 'up'", 'waa up --help'],
    ['an option without its value', ['up', '--name'], 'argument missing', 'waa up --help'],
    ['a number that is none', ['preflight', '--lab', '--workers', 'two'], '--workers two', 'e.g. --workers 1'],
    ['an unknown log', ['logs', 'kernel'], 'there is no log "kernel"', 'waa logs container | host | journal'],
    ['an unknown shell', ['completion', 'tcsh'], 'no completion for "tcsh"', 'waa completion bash'],
    ['no tasks', ['run', '--lab'], 'run needs tasks', 'waa --lab run --tasks easy_20.json'],
    ['an unknown check', ['preflight', '--lab', '--ignore', 'azure-qouta'], 'azure-qouta', 'azure-quota'],
  ])('%s', async (_what, argv, problem, fix) => {
    const text = await cli.run(argv);
    expect(text.exitCode).toBe(64);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(problem);
    expect(text.stderr).toContain(fix);
    expect(wideLines(text)).toEqual([]);
  });

  it.each([
    ['up', '--json', '--resum'],
    ['lab', 'strat', '--json'],
    ['logs', 'kernel', '--json'],
    ['status', '--watch', '--json'],
  ])('as one document with --json: %s %s %s', async (...argv) => {
    const result = await cli.run(argv);
    expect(failureOf(result)).toMatchObject({ code: 'USAGE', exitCode: 64 });
    expect(result.stderr).toBe('');
  });

  it('makes no state home', async () => {
    const home = join(cli.cwd, 'never-made');
    await cli.run(['up', '--resum', '--home', home]);
    expect(Object.keys(filesBelow(cli.cwd)).filter((path) => path.startsWith('never-made'))).toEqual([]);
  });
});

describe('configuration', () => {
  it.each([
    ['an unknown key', 'azure:\n  regoin: westus2\n', 'OWN_CONFIG_UNKNOWN_KEY', 'azure.regoin', 'azure.region'],
    [
      'a value out of range',
      'azure:\n  autoPauseHours: -2\n',
      'OWN_CONFIG_INVALID',
      'azure.autoPauseHours',
      'waa.yaml',
    ],
    ['no YAML', 'azure: [\n', 'OWN_CONFIG_SYNTAX', 'waa.yaml, line', 'line'],
  ])('%s is refused naming file, key and fix; nothing is changed', async (_what, text, code, input, fix) => {
    const cwd = directoryWith('waa.yaml', text);
    // The environment is stronger than the file; this test is about the file.
    const env = { WAA_AZURE_AUTO_PAUSE_HOURS: '' };
    await untouched(async () => {
      const failure = failureOf(await cli.run(['--lab', '--json', 'up', '--yes'], { cwd, env }));
      expect(failure.code).toBe(code);
      expect(failure.symptom).toContain(input);
      expect(failure.fix.join('\n')).toContain(fix);
    });
  });

  it('that cannot be read is refused', async () => {
    const cwd = mkdtempSync(join(cli.cwd, 'cwd-'));
    mkdirSync(join(cwd, 'waa.yaml'));
    expect(failureOf(await cli.run(['--lab', '--json', 'preflight'], { cwd })).code).toBe('OWN_CONFIG_UNREADABLE');
  });
});

describe('state that cannot be used is refused and kept as it is', () => {
  it.each([
    ['corrupt', '{"schemaVersion": 1, "da', 'OWN_STATE_CORRUPT', 100],
    ['no object', '[]', 'OWN_STATE_CORRUPT', 100],
    ['incomplete', '{"schemaVersion": 1, "data": {}}', 'OWN_STATE_CORRUPT', 100],
    ['of a newer version', '{"schemaVersion": 99, "data": {}}', 'OWN_STATE_NEWER', 106],
  ])('%s', async (what, text, code, exitCode) => {
    const name = what.replaceAll(' ', '-');
    const file = recordOf(name);
    writeFileSync(file, text);
    await untouched(async () => {
      for (const argv of [['status'], ['up', '--resume', '--yes'], ['down', '--yes']]) {
        const failure = failureOf(await cli.run(['--lab', '--json', ...argv, '--name', name]));
        expect(failure).toMatchObject({ code, exitCode });
        expect(failure.symptom).toContain(file);
      }
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('unreadable', async () => {
    mkdirSync(recordOf('unreadable'), { recursive: true });
    const failure = failureOf(await cli.run(['--lab', '--json', 'status', '--name', 'unreadable']));
    expect(failure).toMatchObject({ code: 'OWN_STATE_UNREADABLE', exitCode: 107 });
  });

  it('is told within 80 columns, however long the path is', async () => {
    const home = join(cli.cwd, 'a-rather-long-name-of-a-folder'.repeat(4), 'home');
    const file = join(home, 'deployments', 'abcdefghijklmnopqrstuvwx', 'deployment.json');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '{');
    const result = await cli.run(['status', '--home', home]);
    expect(result.exitCode).toBe(100);
    expect(wideLines(result)).toEqual([]);
    expect(result.stderr.replaceAll(/\s/g, '')).toContain(file);
  });
});

describe('a deployment', () => {
  it.each([
    ['status'],
    ['up', '--resume', '--yes'],
    ['pool-pause'],
    ['pool-resume'],
    ['down', '--yes'],
    ['ssh', '--print'],
    ['logs'],
  ])('that is unknown is refused by %s %s', async (...argv) => {
    const words = argv.filter((word) => typeof word === 'string');
    await untouched(async () => {
      const failure = failureOf(await cli.run(['--lab', '--json', ...words, '--name', 'nosuch']));
      expect(failure).toMatchObject({ code: 'OWN_DEPLOYMENT_NOT_FOUND', exitCode: 105 });
      expect(failure.symptom).toContain('nosuch');
    });
  });

  it.each(['../../etc', 'UPPER', '', 'a;reboot', 'x'.repeat(80)])('cannot be named "%s"', async (name) => {
    await untouched(async () => {
      const result = await cli.run(['--lab', '--json', 'up', '--yes', '--name', name]);
      expect(failureOf(result)).toMatchObject({ code: 'OWN_DEPLOYMENT_NAME_INVALID', exitCode: 64 });
    });
  });

  it('named with something near gets a hint', async () => {
    writeFileSync(recordOf('baseline'), '{');
    expect(failureOf(await cli.run(['--lab', '--json', 'status', '--name', 'basline'])).fix.join()).toContain(
      'baseline',
    );
  });
});

describe('a pool is refused before anything is made', () => {
  it.each([
    [
      'without workers',
      ['pool-create', '--workers', '0'],
      64,
      'USAGE',
      '--workers 0: expected a whole number from 1 to 100',
    ],
    ['of ten thousand', ['pool-create', '--workers', '10000'], 64, 'USAGE', '--workers 10000: expected a whole number'],
    ['of half a worker', ['pool-create', '--workers', '1.5'], 64, 'USAGE', '--workers 1.5'],
    ['with a minimum of none', ['pool-create', '--min-workers', '0'], 64, 'USAGE', '--min-workers 0'],
    [
      'with a minimum above its size',
      ['pool-create', '--workers', '2', '--min-workers', '3'],
      64,
      'USAGE',
      '--min-workers 3',
    ],
    ['scaled to nothing', ['pool-scale', '0'], 64, 'USAGE', '0 is not a number of workers'],
    ['scaled to ten thousand', ['pool-scale', '10000'], 64, 'USAGE', '10000 is not a number of workers'],
    [
      'in no region',
      ['pool-create', '--region', 'eastsu'],
      16,
      'AZURE_REGION_UNKNOWN',
      'waa --lab up --name bad --region eastus',
    ],
    [
      'beyond the budget',
      ['pool-create', '--workers', '4', '--max-cost', '0.5'],
      3,
      'OWN_GATE_REFUSED',
      'more than the limit of $0.50',
    ],
  ])('%s', async (_what, argv, exitCode, code, input) => {
    await untouched(async () => {
      const told = await cli.run(['--lab', ...argv, '--yes', '--name', 'bad']);
      expect(told).toMatchObject({ exitCode, stdout: '' });
      expect(told.stderr).toContain(code);
      expect(told.stderr.replaceAll(/\s+/g, ' ')).toContain(input);
      expect(told.stderr).toMatch(/^ {2}Fix {2}1\. /m);
      expect(wideLines(told)).toEqual([]);
    });
  });
});

describe('tasks are refused before anything is started', () => {
  it.each([
    ['an empty file', '', 'CLIENT_TASK_FILE_EMPTY', 'tasks.json'],
    ['an empty object', '{}', 'CLIENT_TASK_FILE_EMPTY', 'tasks.json'],
    ['no JSON', 'notepad', 'CLIENT_TASK_FILE_NOT_JSON', 'tasks.json'],
    ['a list', '["notepad"]', 'CLIENT_TASK_FILE_SHAPE', 'tasks.json'],
    ['shell metacharacters', '{"notepad": ["$(reboot)"]}', 'CLIENT_TASK_NAME_UNSAFE', '$(reboot)'],
    ['a path', '{"notepad": ["../../etc/passwd"]}', 'CLIENT_TASK_NAME_UNSAFE', '../../etc/passwd'],
    [
      'an unknown domain',
      '{"notepda": ["366de66e-cbae-4d72-b042-26390db2b145-WOS"]}',
      'CLIENT_TASK_DOMAIN_UNKNOWN',
      'notepda',
    ],
    ['an unknown task', '{"notepad": ["366de66e-cbae-4d72-b042-000000000000-WOS"]}', 'CLIENT_TASK_UNKNOWN', '000000'],
  ])('%s', async (_what, text, code, input) => {
    const cwd = directoryWith('tasks.json', text);
    await untouched(async () => {
      const failure = failureOf(await cli.run(['--lab', '--json', 'run', '--tasks', 'tasks.json'], { cwd }));
      expect(failure.code).toBe(code);
      expect(failure.symptom).toContain(input);
    });
  });

  it('not for a task that stands there twice: told, and taken once', async () => {
    const id = '366de66e-cbae-4d72-b042-26390db2b145-WOS';
    const cwd = directoryWith('tasks.json', JSON.stringify({ notepad: [id, id] }));
    const result = await cli.run(['--lab', '--json', 'tasks', 'validate', 'tasks.json'], { cwd });
    const note = `tasks.json: 1 task stands there more than once, taken once: notepad/${id}`;
    expect(documentOf(result)).toMatchObject({ ok: true, result: { count: 1, notes: [note] } });
    expect(result.stderr).toContain('Note: tasks.json: 1 task stands there more than once');
    expect(wideLines(result).filter((line) => !line.includes('"'))).toEqual([]);
  });

  it('a missing file', async () => {
    const failure = failureOf(await cli.run(['--lab', '--json', 'run', '--tasks', 'nosuch.json']));
    expect(failure).toMatchObject({ code: 'CLIENT_TASK_FILE_NOT_FOUND', exitCode: 95 });
  });

  it('a folder in place of a file', async () => {
    const cwd = mkdtempSync(join(cli.cwd, 'cwd-'));
    mkdirSync(join(cwd, 'tasks.json'));
    const failure = failureOf(await cli.run(['--lab', '--json', 'run', '--tasks', 'tasks.json'], { cwd }));
    expect(failure.code).toMatch(/^CLIENT_TASK_FILE_/);
  });
});

describe('things that are not there', () => {
  it('a run', async () => {
    expect(failureOf(await cli.run(['--lab', '--json', 'results', 'nosuch'])).code).toBe('OWN_RUN_UNKNOWN');
    expect((await cli.run(['--lab', 'results'])).stderr).toContain('there is no run here yet');
  });

  it('a fault', async () => {
    expect(failureOf(await cli.run(['lab', 'faults', 'vm-shh-refused', '--json'])).fix.join()).toContain(
      'vm-ssh-refused',
    );
  });
});

describe('a deployment that is in use', () => {
  const hold = async (name: string, host: string): Promise<HeldLock> => {
    const paths = statePaths(join(cli.home, 'lab', 'home'));
    await saveDeployment(paths, { ...record, name, resourceGroup: `waa-${name}` });
    const me = { pid: process.pid, host, command: 'waa up', since: '2026-01-01T00:00:00.000Z' };
    return takeLock({ ...paths.deployment(name), deployment: name, me, isAlive: () => true });
  };

  it.each([
    ['on this computer', hostname()],
    ['on another computer', `not-${hostname()}`],
  ])('by a process %s is left alone, and the holder is named', async (where, host) => {
    const name = where.replaceAll(' ', '-');
    const lock = await hold(name, host);
    try {
      await untouched(async () => {
        for (const argv of [['pool-pause'], ['down', '--yes']]) {
          const failure = failureOf(await cli.run(['--lab', '--json', ...argv, '--name', name]));
          expect(failure).toMatchObject({ code: 'OWN_LOCKED', exitCode: 101 });
          expect(failure.symptom).toContain(`\`waa up\` (process ${process.pid} on ${host}`);
          expect(failure.fix.join()).toContain(`kill -INT ${process.pid}`);
        }
      });
      // `up` makes waa's own key before it asks for the lock; one key serves all deployments.
      expect(failureOf(await cli.run(['--lab', '--json', 'up', '--name', name])).code).toBe('OWN_LOCKED');
    } finally {
      await lock.release();
    }
  });
});

const record: DeploymentRecord = {
  name: '',
  home: 'lab',
  subscriptionId: '5a6b1c2d-0000-4000-8000-1ab000000001',
  resourceGroup: '',
  region: 'eastus',
  vmSize: 'Standard_D8ds_v5',
  workers: ['w0'],
  createdAt: '2026-01-01T00:00:00.000Z',
  owner: 'somebody',
  configFingerprint: 'x',
  intent: 'creating',
  intentAt: '2026-01-01T00:00:00.000Z',
};
