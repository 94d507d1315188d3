import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { factsSchema, toHostFacts } from '../../../src/host/facts.js';
import { loadHostScripts } from '../../../src/host/scripts.js';

const DIRECTORY = fileURLToPath(new URL('../../../src/host/scripts/', import.meta.url));
const SHELLS = ['dash', 'bash'].filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);
const { files } = await loadHostScripts();
const names = [...files.keys()];

function run(
  shell: string,
  script: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(shell, [join(DIRECTORY, script), ...args], { encoding: 'utf8' });
}

describe('host scripts', () => {
  it.each(names)('%s parses in every POSIX shell here', (name) => {
    for (const shell of SHELLS)
      expect(spawnSync(shell, ['-n', join(DIRECTORY, name)], { encoding: 'utf8' }).stderr).toBe('');
  });

  it.each(SHELLS)('carry any text as JSON in %s', (shell) => {
    const roundTrip = (text: string): unknown => {
      const command = `. '${DIRECTORY}lib.sh'; json_string "$1"`;
      return JSON.parse(execFileSync(shell, ['-c', command, 'x', text], { encoding: 'utf8' }));
    };
    const printable = fc.string({ unit: fc.constantFrom(...Array.from('ab "\\\'$`{}[]:,/%\t\n<>&|;é漢🙂-')) });
    fc.assert(
      fc.property(printable, (text) => {
        // A command substitution of the shell drops line ends at the end; so may the scripts.
        expect(String(roundTrip(text)).replace(/\n+$/, '')).toBe(text.replace(/\n+$/, ''));
      }),
      { numRuns: 60 },
    );
    expect(roundTrip('bell\u0007 escape\u001b[0m')).toBe('bell escape[0m');
  });
});

describe.each(SHELLS)('host scripts in %s', (shell) => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "waa it's "));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('facts fit their schema for a path with spaces and quotes', () => {
    const { status, stdout } = run(shell, 'facts.sh', [directory, '0']);
    expect(status).toBe(0);
    expect(toHostFacts(factsSchema.parse(JSON.parse(stdout))).mounts).toHaveLength(1);
  });

  it.each([
    ['start', 7, 7],
    ['start-pre', 0, 0],
    ['auto-restart', 1, undefined],
    ['running', 600, undefined],
    ['dead', 600, undefined],
  ])(
    'facts take a docker.service in SubState %s since %d s for one that starts since %s',
    (subState, ageS, startingS) => {
      const bin = join(directory, 'bin');
      mkdirSync(bin);
      const sinceUs = `$(($(cut -d. -f1 /proc/uptime) - ${ageS}))000000`;
      const systemctl = `#!/bin/sh\necho "SubState=${subState}"\necho "InactiveExitTimestampMonotonic=${sinceUs}"\n`;
      writeFileSync(join(bin, 'systemctl'), systemctl, { mode: 0o755 });
      const path = `${bin}:${process.env['PATH'] ?? ''}`;
      const { stdout } = spawnSync(shell, [join(DIRECTORY, 'facts.sh'), directory, '0'], {
        encoding: 'utf8',
        env: { PATH: path },
      });
      const { docker } = toHostFacts(factsSchema.parse(JSON.parse(stdout)));
      // The machine's clock may tick between the two.
      if (startingS === undefined) expect(docker.startingS).toBeUndefined();
      else expect([startingS, startingS + 1]).toContain(docker.startingS);
    },
  );

  it.each([
    'facts',
    'disk-prepare',
    'docker-install',
    'docker-start',
    'guardian-clean',
    'storage',
    'mark-installed',
    'reset-storage',
    'golden',
    'iso-fetch',
    'read-file',
    'open-socket',
  ])('%s refuses missing arguments with 64 and does nothing', (script) => {
    const { status, stderr, stdout } = run(shell, `${script}.sh`, []);
    expect(status).toBe(64);
    expect(stderr).toMatch(/^waa-error: usage: needs \d arguments, got 0$/m);
    expect(stdout).toBe('');
  });

  it.each([
    ['disk-prepare.sh', ['x1', '/data', 'root'], 'usage'],
    ['disk-prepare.sh', ['0', 'relative', 'root'], 'usage'],
    ['disk-prepare.sh', ['0', '/data', 'no-such-user-here'], 'no-user'],
    ['reset-storage.sh', ['/home'], 'usage'],
    ['reset-storage.sh', ['/no such/storage'], 'no-directory'],
    ['golden.sh', ['status', '/home'], 'usage'],
    ['golden.sh', ['melt', '/data/storage'], 'usage'],
    ['golden.sh', ['restore', '/no such/storage'], 'no-golden'],
    ['golden.sh', ['capture', '/no such/storage'], 'not-installed'],
    ['read-file.sh', ['/etc/hostname', 'many'], 'usage'],
    ['read-file.sh', ['/etc', '10'], 'not-a-file'],
    ['open-socket.sh', ['/etc/hostname', 'root'], 'no-socket'],
  ])('%s %j ends with reason %s', (script, args, reason) => {
    const { status, stderr } = run(shell, script, args);
    expect(status).not.toBe(0);
    expect(stderr).toContain(`waa-error: ${reason}: `);
  });

  it('golden copies a clean Windows, puts it back over what tasks did, and takes no copy of a used one', () => {
    const storage = join(directory, 'storage');
    mkdirSync(join(storage, 'deep'), { recursive: true });
    const file = (name: string): string => join(storage, name);
    const clean = { 'data.img': 'clean disk', 'windows.boot': '', 'windows.vars': 'v', 'deep/file': 'x' };
    for (const [name, text] of Object.entries(clean)) writeFileSync(file(name), text);
    const golden = (step: string): { status: number | null; stdout: string; stderr: string } =>
      run(shell, 'golden.sh', [step, storage]);
    const facts = (step: string): unknown => JSON.parse(golden(step).stdout);
    expect(facts('status')).toMatchObject({ exists: false, used: false, capturedS: 0 });
    expect(facts('capture')).toMatchObject({ exists: true, used: false, bytes: expect.any(Number) });

    writeFileSync(file('data.img'), 'a task wrote here');
    writeFileSync(file('.waa-used'), '');
    rmSync(file('deep/file'));
    expect(facts('status')).toMatchObject({ exists: true, used: true });
    expect(golden('capture').stderr).toContain('waa-error: used: ');
    expect(facts('restore')).toMatchObject({ exists: true, used: false });
    for (const [name, text] of Object.entries(clean)) expect(readFileSync(file(name), 'utf8')).toBe(text);
    expect(existsSync(`${storage}.restore`)).toBe(false);

    // Torn off in the middle, the restore is simply done again; a new installation takes the old copy with it.
    mkdirSync(`${storage}.restore`);
    writeFileSync(file('.waa-used'), '');
    expect(facts('restore')).toMatchObject({ used: false });
    expect(run(shell, 'reset-storage.sh', [storage]).status).toBe(0);
    expect(golden('restore').stderr).toContain('waa-error: no-golden: ');
  });

  it('guardian-clean removes a download of Windows that broke off, and not one that goes on', () => {
    const bin = join(directory, 'bin');
    const iso = join(directory, 'waa/iso');
    mkdirSync(bin);
    mkdirSync(iso, { recursive: true });
    // Without apt, journal and Docker: those are this machine's.
    for (const tool of ['awk', 'df', 'dirname', 'find', 'timeout'])
      symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(bin, tool));
    for (const name of ['old.iso.part', 'new.iso.part', 'lock']) writeFileSync(join(iso, name), 'x');
    utimesSync(join(iso, 'old.iso.part'), 1, 1);
    utimesSync(join(iso, 'lock'), 1, 1);
    const path = execFileSync('sh', ['-c', `command -v ${shell}`], { encoding: 'utf8' }).trim();
    const { status } = spawnSync(path, [join(DIRECTORY, 'guardian-clean.sh'), directory], { env: { PATH: bin } });
    expect(status).toBe(0);
    expect(readdirSync(iso).toSorted()).toEqual(['lock', 'new.iso.part']);
  });

  // It gives a folder to root, as on the host, where it runs under sudo.
  it.skipIf(userInfo().uid !== 0)(
    'disk-prepare none makes the folders in a directory that exists already, twice',
    () => {
      const data = join(directory, 'da ta');
      const user = userInfo().username;
      for (let i = 0; i < 2; i += 1) expect(run(shell, 'disk-prepare.sh', ['none', data, user]).stderr).toBe('');
      for (const folder of ['docker', 'waa/storage', 'waa/results', 'waa/run'])
        expect(existsSync(join(data, folder))).toBe(true);
    },
  );
});
