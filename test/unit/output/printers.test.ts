import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/config/secret.js';
import type { WaaEvent } from '../../../src/events/catalogue.js';
import { fail } from '../../../src/failures/waa-error.js';
import { writeJson } from '../../../src/output/json.js';
import { createLog, openLogFile } from '../../../src/output/log.js';
import { createPlainPrinter } from '../../../src/output/plain.js';
import { createRedactor, redactDeep } from '../../../src/output/redact.js';
import { anyEvent, event, fault, START } from '../../helpers/events.js';
import { createFakeStream } from '../../helpers/fake-stream.js';

function printed(events: readonly WaaEvent[], verbose = false): readonly string[] {
  const stream = createFakeStream({ isTTY: false });
  const printer = createPlainPrinter({ stream, verbose });
  for (const one of events) printer.consume(one);
  return stream.text.split('\n').slice(0, -1);
}
const progress = (second: number, phase: string, layer: 'vm' | 'windows' = 'windows', worker?: string): WaaEvent =>
  event(
    'layer.progress',
    { layer, phase, percent: 41, etaMs: 120_000 },
    { at: START + second * 1_000, ...(worker === undefined ? {} : { worker }) },
  );

describe('plain printer', () => {
  it('prints a line an event, with time, mark and words', () => {
    expect(
      printed([
        event('layer.state', { layer: 'vm', state: 'ready', detail: 'boot 1' }, { worker: 'w1' }),
        progress(30, 'copying'),
        event(
          'task.finished',
          { task: 't', domain: 'd', attempt: 1, state: 'scored', score: 1, durationMs: 1 },
          { text: 't scored 1' },
        ),
        event('log', { component: 'x' }, { level: 'warn', text: 'mind\nthe gap' }),
        event('log', { component: 'x' }, { level: 'error', text: 'gone' }),
      ]),
    ).toEqual([
      '00:00:00 w1 ✔ vm ready  boot 1',
      '00:00:30 ▶ windows 41 %  ETA 2 min  copying',
      '00:00:00 ✔ t scored 1',
      '00:00:00 warning: mind the gap',
      '00:00:00 error: gone',
    ]);
  });

  it('tells progress every 30 s, or when the phase changes, not when only its numbers do', () => {
    const lines = printed([
      progress(0, 'copying 1 %'),
      progress(10, 'copying 2 %'),
      progress(20, 'booting'),
      progress(49, 'booting'),
      progress(50, 'booting'),
    ]);
    expect(lines.map((line) => line.slice(6, 8))).toEqual(['00', '20', '50']);
  });

  it('counts the 30 s for each layer and worker', () => {
    expect(
      printed([progress(0, 'a'), progress(1, 'a', 'vm'), progress(2, 'a', 'vm', 'w1'), progress(3, 'a')]),
    ).toHaveLength(3);
  });

  it('prints a repeated line once', () => {
    const waiting = (text: string) => event('log', { component: 'x' }, { text });
    expect(printed([waiting('a'), waiting('a'), waiting('b'), waiting('a')])).toHaveLength(3);
  });

  it('prints a fault as a block', () => {
    const lines = printed([event('layer.fault', { layer: 'vm', fault }, { level: 'error' })]);
    expect(lines[0]).toBe('00:00:00 vm failed');
    expect(lines[1]).toMatch(/^USAGE {2}broken/);
  });

  it('leaves out debug and chatter unless it shall be verbose', () => {
    const chatter = [
      event('log', { component: 'x' }, { level: 'debug' }),
      event('cost.updated', { usd: 1, hourlyUsd: 1 }),
    ];
    expect(printed(chatter)).toEqual([]);
    expect(printed(chatter, true)).toHaveLength(2);
  });

  it('takes any events', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        expect(() => printed(events, true)).not.toThrow();
      }),
    );
  });
});

describe('redactor', () => {
  const redact = createRedactor(['s3cret/value"x', 'short']);

  it.each([
    ['the value itself', 'a s3cret/value"x b', 'a *** b'],
    ['its JSON form', '{"k":"s3cret/value\\"x"}', '{"k":"***"}'],
    ['its URL form', '?k=s3cret%2Fvalue%22x', '?k=***'],
    ['its base64 form', Buffer.from('s3cret/value"x').toString('base64'), '***'],
    ['an OpenAI key', 'key sk-proj-abcdefghijklmnop1234', 'key ***'],
    ['an Anthropic key', 'sk-ant-api03-abcdefghijklmnop_1234', '***'],
    ['a bearer token', 'Authorization: Bearer abcdefghijklmnop.qrs==', 'Authorization: Bearer ***'],
    ['a JSON web token', 'got eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abc-def', 'got ***'],
    ['a shared access signature', 'https://x/y?sv=1&sig=abc%2Bdef&se=2', 'https://x/y?sv=1&sig=***&se=2'],
    ['a storage key', 'AccountName=a;AccountKey=abcd+/efgh==', 'AccountName=a;AccountKey=***'],
    ['an api key by name', 'api-key: 0123456789abcdef', 'api-key: ***'],
    ['a password in JSON', '{"password": "hunter22"}', '{"password": "***"}'],
    ['a password in JSON in JSON', '"{\\"password\\":\\"hunter22\\"}"', '"{\\"password\\":\\"***\\"}"'],
    ['a Slack hook', 'https://hooks.slack.com/services/T0/B0/xyz', 'https://hooks.slack.com/services/***'],
    ['a private key', 'a -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- b', 'a *** b'],
    ['a cut private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nabc', '***'],
  ])('removes %s', (_, text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it.each([
    'a short word',
    'task-runner',
    'the key is missing',
    'sha256:0123456789abcdef0123456789abcdef',
    '/home/me/.ssh/id_ed25519',
    'OPENAI_API_KEY is not set',
  ])('leaves %j alone', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('keeps JSON readable and free of the secret, wherever it stands', () => {
    const awkward = fc
      .string({ minLength: 6, maxLength: 20 })
      .filter((text) => text.trim().length >= 6 && !/^\W+$/.test(text));
    fc.assert(
      fc.property(awkward, fc.string(), (secret, around) => {
        const value = { a: `${around}${secret}${around}`, [`k`]: [secret] };
        const clean = redactDeep(value, createRedactor([secret]));
        expect(JSON.stringify((clean as { k: unknown }).k)).not.toContain(JSON.stringify(secret));
      }),
    );
  });

  it('walks into values and asks them how they are written', () => {
    const value = {
      at: new Date(0),
      token: new Secret('x'),
      list: ['api-key: 0123456789abcdef', 7, null],
      no: undefined,
    };
    expect(redactDeep(value, redact)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      token: '***',
      list: ['api-key: ***', 7, null],
      no: undefined,
    });
  });
});

describe('writeJson', () => {
  it('prints exactly one document without secrets', () => {
    const stream = createFakeStream();
    const error = fail('USAGE', { problem: 'bad sk-abcdefghijklmnopqrst', hint: 'h' }).report();
    writeJson(stream, { v: 1, command: 'up', ok: false, error }, createRedactor([]));
    expect(stream.writes).toHaveLength(1);
    expect(JSON.parse(stream.text)).toMatchObject({
      v: 1,
      command: 'up',
      ok: false,
      error: { code: 'USAGE', symptom: 'bad ***' },
    });
    expect(stream.text.endsWith('}\n')).toBe(true);
  });
});

describe('log', () => {
  it('writes the fields of requirement O6, for the owner only, without secrets', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'waa-log-'));
    const file = join(directory, 'deep', 'waa.log');
    const log = createLog({
      destination: openLogFile(file),
      redact: createRedactor(['hunter2hunter2']),
      operation: 'up',
      containerName: 'winarena',
    });
    log.consume(
      event(
        'layer.recovered',
        { layer: 'qemu', action: 'restart', durationMs: 1_234 },
        { worker: 'w1', level: 'warn', text: 'back' },
      ),
    );
    log.consume(
      event('log', { component: 'ssh', header: 'hunter2hunter2' }, { level: 'debug', text: 'with hunter2hunter2' }),
    );
    log.consume(event('cost.updated', { usd: 1, hourlyUsd: 2 }));
    await log.close?.();
    const text = readFileSync(file, 'utf8');
    const [first, second, third] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toEqual({
      timestamp: '2026-01-01T00:00:00.000Z',
      level: 'warn',
      component: 'qemu',
      operation: 'up',
      host: 'w1',
      container_name: 'winarena',
      message: 'back',
      duration_ms: 1_234,
      metadata: { run: 'r1', seq: 1, type: 'layer.recovered', layer: 'qemu', action: 'restart', durationMs: 1_234 },
    });
    expect(second).toMatchObject({
      component: 'ssh',
      host: 'local',
      container_name: null,
      duration_ms: null,
      message: 'with ***',
    });
    expect(third).toMatchObject({ component: 'cost', level: 'info' });
    expect(text).not.toContain('hunter2');
    expect(statSync(file).mode & 0o077).toBe(0);
    rmSync(directory, { recursive: true });
  });
});
