import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { envNameOf, listConfigKeys } from '../../../src/config/keys.js';
import { loadConfig, resolveConfig, type ConfigSources, type ResolvedConfig } from '../../../src/config/load.js';
import { describeOrigin } from '../../../src/config/origin.js';
import { configSchema } from '../../../src/config/schema.js';
import type { WaaError } from '../../../src/failures/waa-error.js';

const resolve = (sources: Partial<ConfigSources> = {}): ResolvedConfig =>
  resolveConfig({ flags: [], env: {}, files: [], ...sources });
const yaml = (text: string, path = 'waa.yaml') => ({ files: [{ path, text }] });
const originOf = ({ rows }: ResolvedConfig, key: string): string => {
  const row = rows.find((one) => one.key === key);
  return row ? describeOrigin(row.origin) : 'no such key';
};
const failureOf = (sources: Partial<ConfigSources>): Pick<WaaError, 'code' | 'params'> => {
  try {
    resolve(sources);
  } catch (error) {
    return error as WaaError;
  }
  throw new Error('nothing was refused');
};

describe('resolveConfig: which source wins', () => {
  it('is all defaults without any source', () => {
    const resolved = resolve();
    expect(resolved.config).toEqual(configSchema.parse({}));
    expect(resolved.rows.every((row) => row.origin.kind === 'default')).toBe(true);
    expect(resolved.rows.map((row) => row.key)).toEqual(listConfigKeys().map((key) => key.path));
  });

  it('takes flag over environment over ./waa.yaml over the home over the default', () => {
    const home = {
      path: '/h/config.yaml',
      text: 'azure:\n  region: from-home\n  vmSize: home-size\nssh:\n  user: home\n',
    };
    const here = { path: 'waa.yaml', text: 'azure:\n  region: from-here\n  vmSize: here-size\n' };
    const env = { WAA_AZURE_REGION: 'from-env' };
    const flags = [{ flag: '--region', key: 'azure.region', value: 'from-flag' }];
    const all = resolve({ flags, env, files: [here, home] });
    expect(all.config.azure.region).toBe('from-flag');
    expect(['azure.region', 'azure.vmSize', 'ssh.user', 'azure.spot'].map((key) => originOf(all, key))).toEqual([
      '--region',
      'waa.yaml:3',
      '/h/config.yaml:5',
      'default',
    ]);
    expect(resolve({ env, files: [here, home] }).config.azure.region).toBe('from-env');
    expect(resolve({ files: [here, home] }).config.azure.region).toBe('from-here');
    expect(resolve({ files: [home] }).config.azure.region).toBe('from-home');
  });

  it('treats a flag that was not given and an empty variable as nothing', () => {
    const flags = [{ flag: '--region', key: 'azure.region', value: undefined }];
    expect(resolve({ flags, env: { WAA_AZURE_REGION: '', WAA_AZURE_SPOT: undefined } }).config).toEqual(
      resolve().config,
    );
  });

  it('replaces a list as a whole', () => {
    const env = { WAA_AZURE_REGION_FALLBACKS: 'a, b,' };
    expect(resolve({ ...yaml('azure: {regionFallbacks: [x, y, z]}'), env }).config.azure.regionFallbacks).toEqual([
      'a',
      'b',
    ]);
  });

  it('reads nested sections, empty ones and empty files', () => {
    expect(resolve(yaml('timeouts:\n  vm:\n    checkS: 5\n')).config.timeouts.vm.checkS).toBe(5);
    for (const text of ['', '# nothing\n', 'azure:\n', '---\n', 'null'])
      expect(resolve(yaml(text)).config).toEqual(resolve().config);
  });

  it.each([
    ['WAA_AZURE_SPOT', 'yes', true],
    ['WAA_AZURE_SPOT', 'OFF', false],
    ['WAA_AZURE_SPOT', '1', true],
    ['WAA_AZURE_OS_DISK_GB', '100', 100],
    ['WAA_AZURE_AUTO_PAUSE_HOURS', '1.5', 1.5],
    ['WAA_TIMEOUTS_SERVER_PROVISION_S', '60', 60],
    ['WAA_AGENT_A11Y_BACKEND', 'win32', 'win32'],
    ['WAA_WINDOWS_VERSION', '11', '11'],
  ])('reads %s=%s in the type of its key', (name, text, expected) => {
    const { rows } = resolve({ env: { [name]: text } });
    expect(rows.find((row) => describeOrigin(row.origin) === name)?.value).toBe(expected);
  });

  it('takes typed values of flags as they are', () => {
    const flags = [
      { flag: '--spot', key: 'azure.spot', value: true },
      { flag: '--max-cost', key: 'benchmark.maxCostUsd', value: '2.5' },
    ];
    expect(resolve({ flags }).config).toMatchObject({ azure: { spot: true }, benchmark: { maxCostUsd: 2.5 } });
  });

  it('leaves variables without a section to others', () => {
    expect(() =>
      resolve({ env: { WAA_HOME: '/x', WAA_LAB: '1', WAA_LIVE: '1', AZURE_REGION: 'x', PATH: '/bin' } }),
    ).not.toThrow();
  });
});

it.each(['EastUS', 'East US', 'eastus'])('knows the region %j by the name Azure gives it', (text) => {
  const flags = [{ flag: '--region', key: 'azure.region', value: text }];
  const all = resolve({ flags, ...yaml('azure: {regionFallbacks: [West US 2]}') });
  expect(all.config.azure).toMatchObject({ region: 'eastus', regionFallbacks: ['westus2'] });
  expect(all.rows).toContainEqual({ key: 'azure.region', value: 'eastus', origin: { kind: 'flag', name: '--region' } });
});

describe('resolveConfig: what it refuses', () => {
  it.each([
    ['azure:\n  regoin: x', 'azure.regoin', 'waa.yaml:2', 'Did you mean azure.region?'],
    ['azur:\n  region: x', 'azur', 'waa.yaml:1', 'Did you mean azure?'],
    ['model:\n  apiKey: sk-x', 'model.apiKey', 'waa.yaml:2', 'Remove model.apiKey from waa.yaml.'],
    ['? [a, b]\n: x', 'a complex key', 'waa.yaml:1', 'Remove a complex key from waa.yaml.'],
  ])('an unknown key: %j', (text, key, where, hint) => {
    expect(failureOf(yaml(text))).toMatchObject({ code: 'OWN_CONFIG_UNKNOWN_KEY', params: { key, where, hint } });
  });

  it('an unknown variable of a known section', () => {
    expect(failureOf({ env: { WAA_AZURE_REGOIN: 'x' } })).toMatchObject({
      code: 'OWN_CONFIG_UNKNOWN_KEY',
      params: { key: 'WAA_AZURE_REGOIN', hint: 'Did you mean WAA_AZURE_REGION?' },
    });
  });

  it.each([
    ['azure:\n  osDiskGb: 5', 'waa.yaml:2', 'azure.osDiskGb', '5', 'a whole number from 30 to 4095'],
    ['azure:\n  osDiskGb: "64"', 'waa.yaml:2', 'azure.osDiskGb', '"64"', 'a whole number from 30 to 4095'],
    ['azure:\n  spot: maybe', 'waa.yaml:2', 'azure.spot', '"maybe"', 'true or false'],
    ['azure:\n  region:', 'waa.yaml:2', 'azure.region', 'empty', 'text that is not empty'],
    ['azure: {region: " "}', 'waa.yaml:1', 'azure.region', '" "', 'text that is not empty'],
    ['azure: {vmSize: ""}', 'waa.yaml:1', 'azure.vmSize', '""', 'text that is not empty'],
    ['azure:\n  regionFallbacks: [a, 3]', 'waa.yaml:2', 'azure.regionFallbacks', '["a",3]', 'a list of texts'],
    ['azure:\n  autoPauseHours: 0', 'waa.yaml:2', 'azure.autoPauseHours', '0', 'a number above 0, at most 336'],
    ['model: {provider: openia}', 'waa.yaml:1', 'model.provider', '"openia"', 'one of openai, azure-openai, anthropic'],
    ['model: {name: ""}', 'waa.yaml:1', 'model.name', '""', 'text that is not empty'],
    ['model: {endpoint: nowhere}', 'waa.yaml:1', 'model.endpoint', '"nowhere"', 'a URL such as https://example.org'],
    ['ssh: {user: Root}', 'waa.yaml:1', 'ssh.user', '"Root"', 'text that matches ^[a-z_][a-z0-9_-]{0,31}$'],
    ['azure: 5', 'waa.yaml:1', 'azure', 'a single value', 'a section with keys below it'],
    ['- a', 'waa.yaml:1', 'the file', 'not a mapping', 'sections such as azure:'],
  ])('a bad value: %j', (text, where, key, got, expected) => {
    expect(failureOf(yaml(text))).toMatchObject({ code: 'OWN_CONFIG_INVALID', params: { where, key, got, expected } });
  });

  it('a bad value in a variable or a flag, naming it', () => {
    expect(failureOf({ env: { WAA_AZURE_OS_DISK_GB: 'big' } })).toMatchObject({
      params: { where: 'WAA_AZURE_OS_DISK_GB', got: '"big"' },
    });
    const flags = [{ flag: '--max-cost', key: 'benchmark.maxCostUsd', value: '-1' }];
    expect(failureOf({ flags })).toMatchObject({
      code: 'OWN_CONFIG_INVALID',
      params: { where: '--max-cost', got: '-1' },
    });
  });

  it('shortens an endless value', () => {
    const { params } = failureOf({ env: { WAA_AZURE_OS_DISK_GB: 'x'.repeat(500) } });
    expect(String(params['got']).length).toBeLessThanOrEqual(80);
  });

  it.each([
    ['azure:\n  region: a\n  region: b\n', 3],
    ['azure:\n\tregion: a\n', 2],
    ['azure: {region: a\n', 2],
  ])('a file that is not YAML, with its line: %j', (text, line) => {
    expect(failureOf(yaml(text))).toMatchObject({ code: 'OWN_CONFIG_SYNTAX', params: { file: 'waa.yaml', line } });
  });

  it('a flag wired to a key that does not exist, as our own bug', () => {
    expect(failureOf({ flags: [{ flag: '--x', key: 'azure.nothing', value: '1' }] })).toMatchObject({ code: 'BUG' });
  });

  it('any text as a file without ever failing in another way', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '-', '[', '{', '&', '*', '"', '#') }),
        ),
        (text) => {
          try {
            resolve(yaml(text));
          } catch (error) {
            expect((error as WaaError).code).toMatch(/^OWN_CONFIG_/);
          }
        },
      ),
    );
  });
});

describe('keys', () => {
  it.each([
    ['azure.vmSize', 'WAA_AZURE_VM_SIZE'],
    ['timeouts.vm.checkS', 'WAA_TIMEOUTS_VM_CHECK_S'],
    ['agent.a11yBackend', 'WAA_AGENT_A11Y_BACKEND'],
  ])('%s is set by %s', (path, env) => {
    expect(envNameOf(path)).toBe(env);
  });

  it('have variables that differ', () => {
    const names = listConfigKeys().map((key) => key.env);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('loadConfig', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'waa-config-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const load = (): Promise<ResolvedConfig> =>
    loadConfig({ flags: [], env: {}, workingDirectory: join(directory, 'w'), home: directory });

  it('reads both files, each when it is there', async () => {
    expect((await load()).config.azure.region).toBe('eastus');
    writeFileSync(join(directory, 'config.yaml'), 'azure: {region: a, vmSize: b}');
    mkdirSync(join(directory, 'w'));
    writeFileSync(join(directory, 'w', 'waa.yaml'), 'azure: {region: c}');
    const resolved = await load();
    expect(resolved.config.azure).toMatchObject({ region: 'c', vmSize: 'b' });
    expect(originOf(resolved, 'azure.region')).toBe('waa.yaml:1');
    expect(originOf(resolved, 'azure.vmSize')).toBe(`${join(directory, 'config.yaml')}:1`);
  });

  it('does not go on without a file that cannot be read', async () => {
    mkdirSync(join(directory, 'config.yaml'));
    await expect(load()).rejects.toMatchObject({
      code: 'OWN_CONFIG_UNREADABLE',
      params: { file: join(directory, 'config.yaml') },
    });
  });
});
