import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DOMParser } from '@xmldom/xmldom';
import { DockerfileParser } from 'dockerfile-ast';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { PORTS } from '../../../src/health/winarena.js';
import { readBuildContext, shippedImage } from '../../../src/host/build-context.js';
import { appFiles } from '../../../src/layers/server/needs.js';
import { winarenaSpec } from '../../../src/layers/qemu/winarena-spec.js';
import { baseArguments } from '../../../src/operations/pin-bases.js';
import type { DockerOutput } from '../../../src/layers/io.js';
import { configSchema } from '../../../src/config/schema.js';
import type { WorkerPlan } from '../../../src/layers/worker-plan.js';

const directory = await shippedImage();
const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
const dockerfile = DockerfileParser.parse(read('Dockerfile'));
const context = await readBuildContext(directory);
const sourceOf = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../src/${path}`, import.meta.url)), 'utf8');

/** The container waa makes with default settings on a machine of the default size. */
const spec = winarenaSpec(
  { config: configSchema.parse({}) } as WorkerPlan,
  { image: 'x:1', dataDirectory: '/data', acceleration: 'kvm', cpuCores: 8, memoryMb: 32_768 } as DockerOutput,
);
const imageEnv = Object.fromEntries(
  dockerfile
    .getInstructions()
    .filter((one) => one.getKeyword() === 'ENV')
    .flatMap((one) => [...(one.getRawArgumentsContent() ?? '').matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)])
    .map(([, name, quoted, plain]) => [name ?? '', quoted ?? plain ?? '']),
);

describe('the Dockerfile', () => {
  it('passes the linter', () => {
    const problems = validate(read('Dockerfile'), { deprecatedMaintainer: ValidationSeverity.ERROR });
    expect(problems.map(({ message, range }) => [range.start.line + 1, message])).toEqual([]);
  });

  it('copies only what the context holds', () => {
    const copied = dockerfile
      .getCOPYs()
      .filter((copy) => copy.getFromFlag() === null)
      .flatMap((copy) => copy.getArguments().slice(0, -1))
      .map((argument) => argument.getValue().replace(/\/$/, ''));
    const missing = copied.filter(
      (source) => !context.files.some((file) => file === source || file.startsWith(`${source}/`)),
    );
    expect(copied.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it('sends nothing that it does not copy', () => {
    expect(
      context.files.filter((file) => !/^(Dockerfile|answer\.xml|entry\.sh|patch-upstream\.py|oem\/.*)$/.test(file)),
    ).toEqual([]);
    expect(context.files).toContain('oem/install.bat');
  });

  it('is for both builders of Docker: no heredocs, no --chmod, no frontend to pull', () => {
    const text = read('Dockerfile');
    expect(text).not.toMatch(/^#\s*(syntax|escape|check)\s*=/im);
    expect(text.replace(/^#.*$/gm, '')).not.toMatch(/<<[-~]?\w|--chmod|--mount|--link/);
  });

  it('takes every base image from an argument that can be pinned, and never an unnamed tag', () => {
    const bases = [...baseArguments(read('Dockerfile'))];
    expect(bases.map(([name]) => name).sort()).toEqual(['DOCKUR_IMAGE', 'WINARENA_IMAGE']);
    for (const [, reference] of bases) expect(reference).toMatch(/:[\w.-]+$/);
    const literal = dockerfile.getFROMs().filter((from) => !from.getImage()?.startsWith('${'));
    expect(literal).toEqual([]);
  });

  it('records both bases and its own revision as labels', () => {
    const text =
      dockerfile
        .getInstructions()
        .find((one) => one.getKeyword() === 'LABEL')
        ?.getRawArgumentsContent() ?? '';
    for (const name of ['DOCKUR_IMAGE', 'WINARENA_IMAGE', 'REVISION']) expect(text).toContain(`"\${${name}}"`);
  });

  it('becomes dockur below tini, so that a signal reaches it', () => {
    expect(dockerfile.getENTRYPOINTs()[0]?.getRawArgumentsContent()).toBe(
      '["/usr/bin/tini", "-s", "/opt/waa/entry.sh"]',
    );
    expect(read('entry.sh').trimEnd().split('\n').at(-1)).toBe('exec "$root/run/entry.sh" "$@"');
    expect(
      dockerfile.getInstructions().filter((one) => ['CMD', 'HEALTHCHECK', 'STOPSIGNAL'].includes(one.getKeyword())),
    ).toEqual([]);
  });
});

describe('the image and what the layers expect of it', () => {
  it('has the ports, and the same defaults as the container that waa makes', () => {
    const exposed = dockerfile
      .getInstructions()
      .find((one) => one.getKeyword() === 'EXPOSE')
      ?.getRawArgumentsContent();
    expect(exposed?.split(' ').map(Number).sort()).toEqual(Object.values(PORTS).sort());
    for (const name of ['VERSION', 'RAM_SIZE', 'CPU_CORES', 'DISK_SIZE', 'WIDTH', 'HEIGHT', 'HOST_PORTS', 'USER_PORTS'])
      expect([name, imageEnv[name]]).toEqual([name, spec.env[name]]);
    expect(spec.env['ARGUMENTS']).toContain(imageEnv['ARGUMENTS']);
  });

  it('has run.py and a python where the client layer and the task script look', () => {
    expect(read('Dockerfile')).toContain('COPY --from=winarena /client /client');
    expect(read('Dockerfile')).toMatch(/python \/client\/run\.py --help/);
    expect(sourceOf('layers/client/check.ts')).toContain("['python', '/client/run.py', '--help']");
    expect(sourceOf('host/scripts/task.sh')).toContain('-w /client');
  });

  it('counts every program that the server layer looks for', () => {
    const counted = Object.values(JSON.parse(read('oem/waa-apps.json')) as Record<string, string[]>).flat();
    expect(
      Object.values(appFiles)
        .flat()
        .filter((file) => !counted.includes(file)),
    ).toEqual([]);
  });

  it('keeps the name of the task that the server layer restarts', () => {
    expect(read('oem/waa-setup.ps1')).toContain("'WindowsArena_OnLogon'");
    expect(sourceOf('layers/server/recover.ts')).toContain('WindowsArena_OnLogon');
  });

  it('depends on no address of Windows', () => {
    for (const file of context.files)
      expect([file, /\b(20\.20\.20|172\.30)\./.test(read(file))]).toEqual([file, false]);
  });
});

describe('the answer file', () => {
  const errors: string[] = [];
  const document = new DOMParser({ onError: (level, message) => errors.push(`${level}: ${message}`) }).parseFromString(
    read('answer.xml'),
    'text/xml',
  );
  const values = (tag: string): string[] =>
    Array.from(document.getElementsByTagName(tag)).map((node) => (node.textContent ?? '').trim());

  it('is well-formed and in the namespace of unattended set-up', () => {
    expect(errors).toEqual([]);
    expect(document.documentElement?.namespaceURI).toBe('urn:schemas-microsoft-com:unattend');
  });

  it('asks no person: disk, edition, licence, account and log-on are answered', () => {
    expect(new Set(values('DiskID')).size).toBe(1);
    expect(values('InstallFrom')[0]?.replace(/\s+/g, ' ')).toBe('/IMAGE/INDEX 1');
    expect(values('AcceptEula')).toEqual(['true']);
    expect(values('ProductKey')).toEqual([]);
    expect([values('Name'), values('Username'), values('Enabled').at(-1)]).toEqual([['Docker'], ['Docker'], 'true']);
    expect(values('HideOnlineAccountScreens')).toEqual(['true']);
  });

  it('leaves the size of the screen to entry.sh, and starts the set-up without waiting for it', () => {
    expect([values('HorizontalResolution'), values('VerticalResolution')]).toEqual([['@WIDTH@'], ['@HEIGHT@']]);
    expect(values('CommandLine')).toEqual(['cmd.exe /d /c start "WAA" /min cmd.exe /d /c C:\\OEM\\install.bat']);
  });

  it('names each pass once and each component once in it', () => {
    const passes = Array.from(document.getElementsByTagName('settings'));
    expect(new Set(passes.map((one) => one.getAttribute('pass'))).size).toBe(passes.length);
    for (const pass of passes) {
      const names = Array.from(pass.getElementsByTagName('component')).map((one) => one.getAttribute('name'));
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe('what runs in Windows', () => {
  const scripts = readdirSync(join(directory, 'oem')).filter((name) => /\.(ps1|bat)$/.test(name));

  it.each(scripts)('%s is plain ASCII: PowerShell 5.1 and cmd read it in the code page of the machine', (name) => {
    expect(read(`oem/${name}`)).toMatch(/^[\t\n\x20-\x7e]*$/);
  });

  it.each(scripts.filter((name) => name.endsWith('.ps1')))('%s is balanced and knows only what 5.1 knows', (name) => {
    const code = withoutTexts(read(`oem/${name}`));
    expect(unbalanced(code)).toBe('');
    expect(code).not.toMatch(/\?\?|&&|\|\||\?\.|\bForEach-Object\s+-Parallel/);
  });

  it.each(scripts)('%s starts only files that are there', (name) => {
    const named = [...read(`oem/${name}`).matchAll(/(?:\$folder\\|%~dp0)([\w-]+\.(?:ps1|bat|json))/g)].map(
      ([, file]) => file ?? '',
    );
    // setup.ps1 is upstream's.
    expect(named.filter((file) => file !== 'setup.ps1' && !existsSync(join(directory, 'oem', file)))).toEqual([]);
  });
});

/** PowerShell without comments and without what stands in quotes. */
function withoutTexts(script: string): string {
  return script.replace(/'(?:[^']|'')*'|"(?:[^"`]|`.|"")*"|#[^\n]*/g, (text) => (text.startsWith('#') ? '' : "''"));
}

/** What is opened and not closed, or closed and not opened. */
function unbalanced(code: string): string {
  const closing: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
  const open: string[] = [];
  for (const character of code.replace(/[^()[\]{}]/g, '')) {
    const opener = closing[character];
    if (opener === undefined) open.push(character);
    else if (open.pop() !== opener) return `${character} closes nothing`;
  }
  return open.join('');
}
