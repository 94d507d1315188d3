import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJournal, readJournal } from '../../../src/events/journal.js';
import type { WaaEvent } from '../../../src/events/catalogue.js';
import { createRedactor } from '../../../src/output/redact.js';
import { anyEvent, event } from '../../helpers/events.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'waa-journal-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const asIs = (text: string): string => text;
const log = (text: string): WaaEvent => event('log', { component: 'x' }, { text });

async function write(file: string, events: readonly WaaEvent[], redact = asIs): Promise<void> {
  const journal = createJournal({ file, redact });
  for (const one of events) journal.consume(one);
  await journal.close?.();
}

describe('journal', () => {
  it('gives back what was written, whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 10 }), async (events) => {
        const file = join(mkdtempSync(join(directory, 'x-')), 'deep', 'journal.jsonl');
        await write(file, events);
        expect(await readJournal(file)).toMatchObject({
          events: JSON.parse(JSON.stringify(events)) as object[],
          skipped: 0,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('is for the owner only', async () => {
    const file = join(directory, 'journal.jsonl');
    await write(file, [log('a')]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('loses at most the torn line, wherever a crash cut it, and the next process goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000 }), async (cut) => {
        const file = join(mkdtempSync(join(directory, 'x-')), 'journal.jsonl');
        await write(file, [log('one'), log('two')]);
        const whole = readFileSync(file, 'utf8');
        truncateSync(file, Math.max(0, whole.length - 1 - (cut % whole.length)));
        const left = readFileSync(file, 'utf8');
        const complete = left.split('\n').length - 1;
        expect((await readJournal(file)).events).toHaveLength(complete);
        await write(file, [log('three')]);
        const texts = (await readJournal(file)).events.map((one) => one.text);
        expect(texts.at(-1)).toBe('three');
        expect(texts.slice(0, complete)).toEqual(['one', 'two'].slice(0, complete));
      }),
      { numRuns: 40 },
    );
  });

  it('counts complete lines it cannot read and reads the others', async () => {
    const file = join(directory, 'journal.jsonl');
    await write(file, [log('one')]);
    appendFileSync(
      file,
      'garbage\n{"v":2}\n{"v":1,"seq":1,"at":1,"run":"r","type":"log","level":"info","text":"t","data":{}}\n',
    );
    await write(file, [log('two')]);
    const part = await readJournal(file);
    expect(part.events.map((one) => one.text)).toEqual(['one', 'two']);
    expect(part.skipped).toBe(3);
  });

  it('can be followed while it is written; an unfinished line waits', async () => {
    const file = join(directory, 'journal.jsonl');
    expect(await readJournal(file)).toEqual({ events: [], skipped: 0, nextOffset: 0 });
    await write(file, [log('one')]);
    const first = await readJournal(file);
    const line = JSON.stringify(log('zwö'));
    appendFileSync(file, line.slice(0, 20));
    const none = await readJournal(file, first.nextOffset);
    expect(none).toMatchObject({ events: [], nextOffset: first.nextOffset });
    appendFileSync(file, `${line.slice(20)}\n`);
    const second = await readJournal(file, none.nextOffset);
    expect(second.events.map((one) => one.text)).toEqual(['zwö']);
    expect(second.nextOffset).toBe(statSync(file).size);
  });

  it('is read from its beginning again after it became shorter', async () => {
    const file = join(directory, 'journal.jsonl');
    await write(file, [log('one'), log('two')]);
    const { nextOffset } = await readJournal(file);
    writeFileSync(file, '');
    expect((await readJournal(file, nextOffset)).nextOffset).toBe(0);
  });

  it('holds no secret', async () => {
    const file = join(directory, 'journal.jsonl');
    const redact = createRedactor(['hunter2hunter2']);
    const leaking = [
      log('key is hunter2hunter2'),
      event('log', { component: 'x', header: 'api-key: 0123456789abcdef' }),
    ];
    await write(file, leaking, redact);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/hunter2|0123456789abcdef/);
    expect((await readJournal(file)).events).toHaveLength(2);
  });

  it('hands on what the system says about a directory in its place', async () => {
    await expect(readJournal(directory)).rejects.toThrow(/EISDIR/);
    expect(() => createJournal({ file: directory, redact: asIs })).toThrow(/EISDIR/);
  });
});
