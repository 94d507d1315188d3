import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shippedImage } from '../../../src/host/build-context.js';

const script = join(await shippedImage(), 'patch-upstream.py');

/** The lines of windowsarena/winarena (upstream 6d39ed8) that are patched. */
const upstream: Readonly<Record<string, string>> = {
  'oem/setup.ps1':
    '$scriptFolder = "\\\\host.lan\\Data"\r\n# - Windows Arena Server Setup \r\n$pythonServerPort = 5000\r\n',
  'oem/on-logon.ps1': '\ufeff$scriptFolder = "\\\\host.lan\\Data"\n',
  'oem/install.bat': '@echo off\nexit /b 0\n',
  'oem/tools_config.json': '{"LibreOffice": {"mirrors": ["https://a.example/lo.msi"]}, "VLC": {"mirrors": []}}',
  'oem/server/main.py': '',
  'client/run.py': 'agent = NaviAgent(\n    server="oai",\n    model=args.model)\n',
  'client/mm_agents/navi/gpt/gpt4v_oai.py': 'self.client = openai.OpenAI(api_key=self.api_key)  \n',
};

describe('patch-upstream.py', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waa pat ch-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function patch(files: Readonly<Record<string, string | undefined>>) {
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) continue;
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return again();
  }
  const again = () => spawnSync('python3', ['-B', script, root], { encoding: 'utf8' });
  const read = (name: string): string => readFileSync(join(root, name), 'utf8');

  it('makes every change, and none a second time', () => {
    expect(patch(upstream)).toMatchObject({ status: 0, stderr: '' });
    expect(read('oem/setup.ps1')).toContain('exit 3 }\n\n# - Windows Arena Server Setup');
    expect(read('oem/setup.ps1') + read('oem/on-logon.ps1')).not.toContain('host.lan');
    expect(read('client/mm_agents/navi/gpt/gpt4v_oai.py')).toContain('timeout=120.0');
    expect(read('client/run.py')).toContain('server="azure" if os.environ.get("AZURE_ENDPOINT") else "oai",');
    const { LibreOffice } = JSON.parse(read('oem/tools_config.json')) as { LibreOffice: { mirrors: string[] } };
    expect(LibreOffice.mirrors).toHaveLength(2);
    const before = Object.keys(upstream).map(read);
    expect(again().status).toBe(0);
    expect(Object.keys(upstream).map(read)).toEqual(before);
  });

  it('gives batch files the line ends of Windows', () => {
    patch(upstream);
    expect(read('oem/install.bat')).toBe('@echo off\r\nexit /b 0\r\n');
  });

  it.each([
    ['the section of the server is gone', { 'oem/setup.ps1': '# something else\n' }, 'found 0 times'],
    [
      'the section is there twice',
      { 'oem/setup.ps1': '# - Windows Arena Server Setup\n# - Windows Arena Server Setup\n' },
      'found 2 times',
    ],
    ['a file is missing', { 'client/run.py': undefined }, 'client/run.py'],
    ['LibreOffice has no mirrors', { 'oem/tools_config.json': '{}' }, 'no mirrors of LibreOffice'],
    ['the server is missing', { 'oem/server/main.py': undefined }, 'oem/server/main.py is missing'],
  ])('ends the build when %s', (_what, change, words) => {
    const { status, stderr } = patch({ ...upstream, ...change });
    expect(status).toBe(1);
    expect(stderr).toContain(words);
  });
});
