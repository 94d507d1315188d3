import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLineLog, openLineLog, type LogFile } from '../../../src/benchmark/line-log.js';
import { fail } from '../../../src/failures/waa-error.js';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'waa-log-'));
  directories.push(made);
  return made;
}

/** A disk whose syncs end when the test says so. */
function slowDisk() {
  const syncs: { end: () => void; break: (error: Error) => void }[] = [];
  const file: LogFile & { text: string } = {
    text: '',
    write(text) {
      file.text += text;
    },
    sync: () =>
      new Promise((resolve, reject) => {
        syncs.push({ end: resolve, break: reject });
      }),
    close: () => undefined,
  };
  const log = createLineLog(file, (cause) =>
    fail('OWN_STATE_UNWRITABLE', { file: 'f', what: 'log', problem: 'EIO' }, { cause }),
  );
  return { file, log, syncs };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a log of lines', () => {
  it('goes on behind what is there, each line in the file when append returns', async () => {
    const path = join(directory(), 'log');
    writeFileSync(path, 'a\n');
    const log = openLineLog(path, 'log');
    log.append('b');
    log.append('ç');
    expect(readFileSync(path, 'utf8')).toBe('a\nb\nç\n');
    await log.close();
  });

  it('says flushed only of what was written before the disk began', async () => {
    const { log, syncs } = slowDisk();
    log.append('a');
    const first = log.flush();
    log.append('b');
    let second = false;
    const both = log.flush().then(() => {
      second = true;
    });
    expect(syncs).toHaveLength(1);
    syncs[0]?.end();
    await first;
    await turn();
    expect([second, syncs.length]).toEqual([false, 2]);
    syncs[1]?.end();
    await both;
  });

  it('asks the disk once for all who wait, and not at all when nothing is new', async () => {
    const { log, syncs } = slowDisk();
    await log.flush();
    log.append('a');
    const waiting = [log.flush(), log.flush(), log.flush()];
    expect(syncs).toHaveLength(1);
    syncs[0]?.end();
    await Promise.all(waiting);
    await log.flush();
    expect(syncs).toHaveLength(1);
  });

  it('tells a disk that failed, and tries again when asked again', async () => {
    const { log, syncs } = slowDisk();
    log.append('a');
    const failed = log.flush();
    syncs[0]?.break(new Error('EIO'));
    await expect(failed).rejects.toMatchObject({ code: 'OWN_STATE_UNWRITABLE' });
    const again = log.flush();
    syncs[1]?.end();
    await again;
  });

  it('refuses a place that cannot be written', () => {
    expect(() => openLineLog(join(directory(), 'no', 'log'), 'log')).toThrow(/./);
    try {
      openLineLog(join(directory(), 'no', 'log'), 'log');
    } catch (error) {
      expect(error).toMatchObject({ code: 'OWN_STATE_UNWRITABLE', params: { problem: 'ENOENT' } });
    }
  });
});
