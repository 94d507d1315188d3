import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../helpers/cli.js';

const noPython = spawnSync('python3', ['-c', '']).status === 0 ? undefined : 'python3 is not installed';

/** Runs argv[2:] at a terminal of its own, types argv[1] once when it is asked, ends with its exit code. */
const AT_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown = b''
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    was_asked = b'[y/N]' in shown
    shown += piece
    if b'[y/N]' in shown and not was_asked:
        os.write(terminal, sys.argv[1].encode())
sys.stdout.write(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waa-prompt-'));
  // A sweep a moment ago: nothing asks for Azure beside the question.
  mkdirSync(join(home, 'cache'));
  writeFileSync(join(home, 'cache', 'swept'), String(Date.now()));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

describe.skipIf(noPython !== undefined)('a question at a terminal', () => {
  it.each([
    ['Ctrl-C', '\u0003', 130, 'waa down was stopped'],
    ['Ctrl-D', '\u0004', 103, 'deleting eval was stopped'],
  ])('%s changes nothing and is no defect', async (_key, typed, exitCode, told) => {
    const argv = [process.execPath, bundle, 'down', '--name', 'eval', '--home', home];
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1', LANG: 'C.UTF-8' };
    const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
      execFile('python3', ['-c', AT_TERMINAL, typed, ...argv], { env }, (error, text) => {
        resolve({ code: error?.code, stdout: text });
      });
    });
    expect(stdout).toContain(told);
    expect(stdout).not.toContain('BUG');
    expect(code).toBe(exitCode);
  });
});
