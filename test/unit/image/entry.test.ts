import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shippedImage } from '../../../src/host/build-context.js';

const image = await shippedImage();
const SHELLS = ['dash', 'bash'].filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);

describe.each(SHELLS)('entry.sh in %s', (shell) => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "waa en'try "));
    mkdirSync(join(root, 'run'));
    mkdirSync(join(root, 'opt', 'waa'), { recursive: true });
    writeFileSync(join(root, 'opt', 'waa', 'answer.xml'), readFileSync(join(image, 'answer.xml')));
    // Stands where dockur's entry point stands; tells its process id, as exec keeps it.
    writeFileSync(join(root, 'run', 'entry.sh'), '#!/bin/sh\nprintf "dockur %s %s" "$$" "$*"\n');
    chmodSync(join(root, 'run', 'entry.sh'), 0o755);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const start = (env: Readonly<Record<string, string>> = {}, ...args: string[]) =>
    spawnSync(shell, [join(image, 'entry.sh'), ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], WAA_ENTRY_ROOT: root, ...env },
    });
  const answer = () => readFileSync(join(root, 'custom.xml'), 'utf8');

  it('parses', () => {
    expect(spawnSync(shell, ['-n', join(image, 'entry.sh')], { encoding: 'utf8' }).stderr).toBe('');
  });

  it('becomes dockur in the same process, with its arguments', () => {
    const { status, stdout, pid } = start({}, 'a b', 'c');
    expect([status, stdout]).toEqual([0, `dockur ${pid} a b c`]);
  });

  it('writes the size of the screen into the answer file, anew at every start', () => {
    start({ WIDTH: '1280', HEIGHT: '720' });
    start();
    expect(answer()).toContain('<HorizontalResolution>1440</HorizontalResolution>');
    expect(answer()).toContain('<VerticalResolution>900</VerticalResolution>');
    expect(answer()).not.toMatch(/@\w+@/);
  });

  it("leaves somebody's own answer file alone, for any version", () => {
    writeFileSync(join(root, 'custom.xml'), '<unattend/>');
    expect(start({ VERSION: '10' }).status).toBe(0);
    expect(answer()).toBe('<unattend/>');
  });

  it('leaves the directory that Docker makes of a missing file to dockur', () => {
    mkdirSync(join(root, 'custom.xml'));
    expect(start().stdout).toMatch(/^dockur/);
  });

  it.each([
    [{ VERSION: '11' }, 'VERSION=11 needs an answer file of its own'],
    [{ WIDTH: '14x40' }, 'The WIDTH variable is not a number of pixels: 14x40'],
    [{ WIDTH: '1&40' }, 'The WIDTH variable is not a number'],
    [{ HEIGHT: '100' }, 'The HEIGHT variable must be at least 480, but is 100'],
    [{ HEIGHT: '9999999' }, 'The HEIGHT variable is not a number'],
  ])("refuses %o in dockur's own form, with its exit code", (env, words) => {
    const { status, stderr, stdout } = start(env);
    expect([status, stdout]).toEqual([84, '']);
    expect(stderr).toContain(`❯ ERROR: ${words}`);
  });

  it('refuses an image without its template', () => {
    rmSync(join(root, 'opt', 'waa', 'answer.xml'));
    expect(start().stderr).toContain('The image is incomplete');
  });
});
