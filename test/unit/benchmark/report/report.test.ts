import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultsCsv } from '../../../../src/benchmark/report/csv.js';
import { reportPage } from '../../../../src/benchmark/report/html/page.js';
import { junitXml } from '../../../../src/benchmark/report/junit.js';
import { summaryMarkdown } from '../../../../src/benchmark/report/markdown.js';
import { buildReport } from '../../../../src/benchmark/report/model.js';
import { allResult, missing } from '../../../../src/benchmark/report/upstream.js';
import { writeReport } from '../../../../src/benchmark/report/write-report.js';
import type { QueueLine } from '../../../../src/benchmark/run-record.js';
import { junitProblems } from '../../../helpers/junit-schema.js';
import { attempt, fixtureHead, fixtureIndex, fixtureLines } from '../../../helpers/run-fixture.js';

const report = buildReport(fixtureHead, fixtureLines, fixtureIndex);

describe('the report of a run', () => {
  it('keeps every attempt under its task, spoiled ones too', () => {
    expect(report.tasks[0]?.rows.map((row) => [row.worker, row.state])).toEqual([
      ['w0', 'infra_error'],
      ['w1', 'scored'],
    ]);
    expect(report.attempts).toHaveLength(8);
  });

  it('counts failures by cause', () => {
    expect(report.failures.map((row) => row.state).toSorted()).toEqual([
      'agent_error',
      'cancelled',
      'eval_error',
      'infra_error',
      'timeout',
    ]);
  });

  it('charges a task for all its attempts and the run for its idle time', () => {
    // 0.70 an hour with the disk; w0 is in the run's hands from minute 0 to 60, w1 from 6 to 60.
    expect(report.tasks[0]?.costUsd).toBeCloseTo((15 / 60) * 0.7, 6);
    expect(report.cost?.totalUsd).toBeCloseTo((114 / 60) * 0.7, 6);
    expect(report.cost?.idleUsd).toBeCloseTo(((114 - 70) / 60) * 0.7, 6);
    expect(report.cost?.spoiledUsd).toBeCloseTo((5 / 60) * 0.7, 6);
  });

  it('of a run without a price has no cost rather than a wrong one', () => {
    const { prices: _, ...head } = fixtureHead;
    const priceless = buildReport(head, fixtureLines, fixtureIndex);
    expect(priceless.cost).toBeUndefined();
    expect(priceless.tasks[0]?.costUsd).toBeUndefined();
  });

  it('of an attempt that was left alone overnight says how long it took, everywhere the same', () => {
    const hour = 3_600_000;
    const night = attempt('clock/one', 'w0', 0, 600, { state: 'scored', score: 1 }).map((line): QueueLine =>
      line.type === 'finished' ? { ...line, durationMs: hour / 10 } : line,
    );
    const left = buildReport(fixtureHead, night, fixtureIndex);
    expect(left.attempts).toMatchObject([{ durationMs: hour / 10 }]);
    const page = reportPage(left, new Map(), []);
    const times = page.slice(page.indexOf('id="times"'), page.indexOf('id="costs"'));
    const tasks = page.slice(page.indexOf('id="tasks"'));
    for (const part of [times, tasks, summaryMarkdown(left).slice(summaryMarkdown(left).indexOf('## Tasks'))]) {
      expect(part).toContain('6 min 00 s');
      expect(part).not.toContain('10 h');
    }
  });

  it('of a run that never began can be made', () => {
    const empty = buildReport(fixtureHead, [], fixtureIndex);
    expect(junitProblems(junitXml(empty))).toEqual([]);
    expect(summaryMarkdown(empty)).toContain('Not finished');
    expect(reportPage(empty, new Map(), [])).toContain('No attempt has ended');
  });
});

describe('junit.xml', () => {
  const xml = junitXml(report);

  it('fits the schema', () => {
    expect(junitProblems(xml)).toEqual([]);
  });

  it('sorts the states into failures, errors and skipped', () => {
    expect(xml).toMatch(/<testsuites [^>]*tests="8" failures="3" errors="1"/);
    expect(xml).toMatch(/<testsuite name="vlc" tests="4" failures="1" errors="1" skipped="2"/);
  });

  it('a check that lets everything pass would be none', () => {
    expect(junitProblems('<testsuites><testcase/></testsuites>')).not.toEqual([]);
    expect(junitProblems(xml.replace('classname=', 'klass='))).toEqual(['testcase must not have klass']);
    expect(junitProblems(xml.replace('</testsuites>', ''))).not.toEqual([]);
  });
});

describe('results.csv', () => {
  const rows = resultsCsv(report).split('\r\n');

  it('has a line a task', () => {
    expect(rows).toHaveLength(1 + 8 + 1);
    expect(rows[1]).toBe('clock/one,clock,true,scored,1,2,4,600.0,0.0,0.1750,w1,');
  });

  it('quotes what needs quotes and disarms what looks like a formula', () => {
    expect(rows[5]).toContain('"crashed: <script>alert(""x"")</script> & more"');
    expect(rows[6]).toMatch(/,'=cmd\|calc$/);
  });
});

describe("upstream's files", () => {
  it('hold honest scores only, and the rest as a task file', () => {
    expect(allResult(report)).toEqual({ clock: { one: 1, two: 0 }, notepad: { 'INF-four': 1 } });
    expect(missing(report)).toEqual({ notepad: ['three'], vlc: ['five', 'six', 'seven', 'eight'] });
  });
});

describe('the files in the folder of a run', () => {
  let directory = '';
  let page = '';
  const secret = 'sk-averysecretkeythatmustnotleak';

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'waa-report-'));
    const results = join(directory, 'attempts', 'clock.one.2', 'results', 'pyautogui', 'x');
    mkdirSync(results, { recursive: true });
    const picture = new PNG({ width: 1440, height: 900 });
    picture.data.fill(200);
    writeFileSync(join(results, 'step_1.png'), PNG.sync.write(picture));
    writeFileSync(join(results, 'step_2.png'), Buffer.from('not a picture'));
    const step = (number: number, action: string): string =>
      JSON.stringify({ step_num: number, action_timestamp: 't', action, screenshot: `step_${number}.png` });
    writeFileSync(
      join(results, 'traj.jsonl'),
      [step(1, '<img src=x onerror=alert(1)>'), '\u0000garbage', '[1]', step(2, `type ${secret}`)].join('\n'),
    );
    const written = await writeReport({
      directory,
      head: fixtureHead,
      lines: fixtureLines,
      index: fixtureIndex,
      redact: (text) => text.replaceAll(secret, '***'),
    });
    page = readFileSync(written.page, 'utf8');
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('are all there and parse', () => {
    for (const name of ['results.json', 'all_result.json', 'missing.json']) {
      expect(() => {
        JSON.parse(readFileSync(join(directory, name), 'utf8'));
      }).not.toThrow();
    }
    expect(readFileSync(join(directory, 'summary.md'), 'utf8')).toContain('| all tasks | 8 | 5 |');
  });

  it('the page asks the network for nothing and runs nothing', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toMatch(/@import|url\(/);
    expect(page).toContain("default-src 'none'");
  });

  it('the page shows text of the worker as text', () => {
    expect(page).not.toContain('<img src=x');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).toContain('&lt;script&gt;');
  });

  it('the page holds the step picture scaled down, and says what it could not read', () => {
    const [, data = ''] = /src="data:image\/png;base64,([^"]+)"/.exec(page) ?? [];
    const shown = PNG.sync.read(Buffer.from(data, 'base64'));
    expect([shown.width, shown.height]).toEqual([480, 300]);
    expect(page.match(/<img /g)).toHaveLength(1);
    expect(page).toContain('2 lines of traj.jsonl could not be read');
  });

  it('hold no secret', () => {
    expect(page).toContain('type ***');
    expect(page).not.toContain(secret);
  });
});
