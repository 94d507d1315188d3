import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listConfigKeys } from '../../../src/config/keys.js';
import { resolveConfig } from '../../../src/config/load.js';
import { failureCodes } from '../../../src/failures/catalogue/index.js';
import { fail } from '../../../src/failures/waa-error.js';
import { emptyView } from '../../../src/events/view.js';
import { createColour } from '../../../src/output/colour.js';
import { paintConfig } from '../../../src/output/paint/config.js';
import { paintFailure } from '../../../src/output/paint/failure.js';
import { paintFrame } from '../../../src/output/paint/frame.js';
import { paintLayers } from '../../../src/output/paint/layers.js';
import { mark } from '../../../src/output/paint/marks.js';
import { paintPreflight } from '../../../src/output/paint/preflight.js';
import { paintResults, type ResultRow } from '../../../src/output/paint/results.js';
import { noColour, plainStyle, type Style } from '../../../src/output/paint/style.js';
import { paintTasks } from '../../../src/output/paint/tasks.js';
import { oneLine, textWidth } from '../../../src/output/paint/text.js';
import { summarise, type CheckResult } from '../../../src/preflight/report.js';
import { anyEvent, event, fault, fold, START } from '../../helpers/events.js';

const ascii: Style = { ...plainStyle, unicode: false };
const coloured: Style = { ...plainStyle, colour: createColour(true) };
const onlyAscii = /^[\u0020-\u007e]*$/;

describe('frame', () => {
  it('never has a line wider than the terminal, whatever happens on whatever terminal', () => {
    const colour = fc.constantFrom(noColour, createColour(true));
    const style = fc.record({ columns: fc.integer({ min: 40, max: 160 }), unicode: fc.boolean(), colour });
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), style, (events, chosen) => {
        const view = fold(events);
        for (const line of paintFrame(view, view.at + 1_000, chosen)) {
          expect(textWidth(line)).toBeLessThanOrEqual(chosen.columns);
          expect(line).not.toMatch(/[\r\n]/);
        }
      }),
      { numRuns: 150 },
    );
  });

  const view = fold([
    event('operation.started', { operation: 'up', deployment: 'mine', totalSteps: 7 }),
    event('layer.state', { layer: 'azure', state: 'ready', detail: 'eastus' }, { text: 'azure ready' }),
    event('layer.state', { layer: 'vm', state: 'provisioning' }),
    event('layer.progress', { layer: 'vm', phase: 'cloud-init', percent: 50, etaMs: 120_000 }),
    event('layer.fault', { layer: 'vm', fault }, { level: 'error', text: 'it broke', worker: 'w0' }),
    event('log', { component: 'x' }, { level: 'warn', text: 'mind\nthe gap' }),
    event('cost.updated', { usd: 0.12, hourlyUsd: 0.384 }),
  ]);

  it('shows operation, money, progress, layers, faults and recent events', () => {
    const text = paintFrame(view, START + 30_000, plainStyle).join('\n');
    for (const part of [
      'up mine   step 2 of 7   30 s   $0.12 ($0.384/h)',
      '21 % ETA 2 min   vm: cloud-init',
      ' ✔ azure    ready        eastus',
      ' ▶ vm       provisioning ████░░░░  50 % ETA 2 min  cloud-init',
      ' · docker   pending',
      'USAGE  w0 vm: broken',
      'mind the gap',
    ])
      expect(text).toContain(part);
  });

  it('says the same in ASCII', () => {
    for (const line of paintFrame(view, START + 30_000, ascii)) expect(line).toMatch(onlyAscii);
  });

  it('says the same without colour as with it', () => {
    const stripped = paintFrame(view, START, coloured).map((line) => oneLine(line.padEnd(1)));
    expect(stripped).toEqual(paintFrame(view, START, plainStyle).map((line) => oneLine(line)));
    expect(paintFrame(view, START, coloured).join('')).toContain('\u001b[3');
  });

  it('hides a fault that was recovered, and recent events when asked to', () => {
    const healed = fold(
      [event('layer.recovered', { layer: 'vm', action: 'restarted', durationMs: 1 }, { worker: 'w0' })],
      view,
    );
    expect(paintFrame(healed, START, plainStyle).join('\n')).not.toContain('USAGE  w0');
    expect(paintFrame(view, START, plainStyle, { recent: 0 }).join('\n')).not.toContain('mind');
  });

  it('is empty before the first event', () => {
    expect(paintFrame(emptyView, START, plainStyle)).toEqual([]);
  });
});

describe('layers', () => {
  it('have marks that differ without colour in both alphabets', () => {
    for (const style of [plainStyle, ascii]) {
      const shown = (['ready', 'failed', 'provisioning', 'recovering', 'pending', 'checking'] as const).map((state) =>
        mark(state, style),
      );
      expect(new Set(shown).size).toBe(shown.length);
    }
  });

  it('show how long work without a known end goes on', () => {
    const view = fold([event('layer.state', { layer: 'vm', state: 'checking', detail: 'ssh' })]);
    expect(paintLayers(view, START + 90_000, plainStyle)[1]).toBe(' ? vm       checking     1 min 30 s  ssh');
  });

  it('take a line a worker, and one for what it does, when there are several', () => {
    const view = fold([
      event('layer.state', { layer: 'azure', state: 'ready' }, { worker: 'w0' }),
      event('layer.state', { layer: 'vm', state: 'recovering', detail: 'restart' }, { worker: 'w10' }),
    ]);
    expect(paintLayers(view, START, plainStyle)).toEqual([
      'w0   ✔azure ·vm ·docker ·qemu ·windows ·server ·client',
      'w10  ·azure ↻vm ·docker ·qemu ·windows ·server ·client',
      '     vm recovering 0 s  restart',
    ]);
  });
});

describe('tasks', () => {
  const task = (name: string, worker: string) =>
    event('task.started', { task: name, domain: 'vlc', attempt: 1, index: 1, total: 5 }, { worker });
  const end = (name: string, state: 'scored' | 'infra_error' | 'timeout', score: number | null) =>
    event('task.finished', { task: name, domain: 'vlc', attempt: 1, state, score, durationMs: 1 });

  it('show what runs and count what is done', () => {
    const view = fold([
      task('a', 'w0'),
      end('a', 'scored', 1),
      task('b', 'w0'),
      end('b', 'scored', 0),
      task('c', 'w0'),
      end('c', 'infra_error', null),
      task('d', 'w0'),
      event('task.progress', { task: 'd', step: 3, maxSteps: 15 }),
    ]);
    const [count, title, row, ...rest] = paintTasks(view, START + 65_000, plainStyle);
    expect(count).toBe('Tasks  3 of 5 done   ✔ 2 scored (1 solved)   ! 1 infra_error   1 running');
    expect(title?.split(/ +/)).toEqual(['worker', 'task', 'step', 'time', 'try']);
    expect(row?.split(/ {2,}/)).toEqual(['w0', 'd', '3/15', '1 min 05 s', '1']);
    expect(rest).toEqual([]);
  });

  it('are nothing before the first, and only a count after the last', () => {
    expect(paintTasks(emptyView, START, plainStyle)).toEqual([]);
    expect(paintTasks(fold([end('a', 'timeout', null)]), START, plainStyle)).toEqual([
      'Tasks  1 of 1 done   ◷ 1 timeout',
    ]);
  });
});

describe('results', () => {
  const row = (
    domain: string,
    state: ResultRow['state'],
    score: number | null,
    more: Partial<ResultRow> = {},
  ): ResultRow => ({ task: 't', domain, state, score, durationMs: 60_000, ...more });

  it('are told by domain over valid tasks, with a total', () => {
    const rows = [
      row('vlc', 'scored', 1, { costUsd: 0.1 }),
      row('vlc', 'scored', 0.5, { costUsd: 0.1 }),
      row('vlc', 'infra_error', null),
      row('edge', 'eval_error', null),
      row('edge', 'timeout', null, { durationMs: 600_000 }),
    ];
    const cells = paintResults(rows, plainStyle).map((line) => line.trim().split(/ {2,}/));
    expect(cells).toEqual([
      ['domain', 'tasks', 'valid', 'score', 'success', 'median time', 'cost'],
      ['edge', '2', '1', '0', '0 %', '5 min 30 s', '$0.00'],
      ['vlc', '3', '2', '1.5', '75 %', '1 min 00 s', '$0.20'],
      ['all', '5', '3', '1.5', '50 %', '1 min 00 s', '$0.20'],
    ]);
  });

  it('show no rate where nothing was valid and no cost where none is known', () => {
    const cells = paintResults([row('edge', 'eval_error', null)], plainStyle).map((line) => line.trim().split(/ {2,}/));
    expect(cells[1]).toEqual(['edge', '1', '0', '0', '-', '1 min 00 s']);
    // A run that is not over has as many tasks here as in its report.
    const half = paintResults([row('edge', 'scored', 1), row('edge', 'pending', null, { durationMs: 0 })], plainStyle);
    expect(half.at(-1)?.trim().split(/ {2,}/)).toEqual(['all', '2', '1', '1', '100 %', '1 min 00 s']);
    expect(paintResults([], plainStyle).at(-1)?.trim().split(/ {2,}/)).toEqual(['all', '0', '0', '0', '-', '-']);
  });
});

describe('failure block', () => {
  const error = fail(
    'OWN_LOCKED',
    { deployment: 'mine', pid: 7, host: 'h', command: 'waa up', since: 'noon' },
    {
      cause: new Error('EEXIST'),
      evidence: [{ title: 'container log', path: '/x/log', text: 'one\u001b[31m\ntwo' }],
    },
  );

  it('has code and symptom, why, numbered fixes, evidence, original words and the page', () => {
    const text = paintFailure(error.report(), plainStyle).join('\n');
    expect(text).toMatch(/^OWN_LOCKED {2}mine is in use by `waa up`/);
    for (const part of [
      '  Why  ',
      '  Fix  1. ',
      '       2. ',
      '  See  container log: /x/log',
      '| one\n',
      '  Original  EEXIST',
      'docs/failures.md#own_locked',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('\u001b');
  });

  it('greys the original error', () => {
    expect(paintFailure(error.report(), coloured).join('\n')).toContain(createColour(true).grey('EEXIST'));
  });

  it('fits 80 columns for every failure there is', () => {
    const words = new Proxy<Record<string, never>>({}, { get: () => 'some words' }) as never;
    for (const code of failureCodes) {
      let report;
      try {
        report = fail(code, words).report();
      } catch {
        continue; // computes with a number; its texts are tested with the catalogue
      }
      for (const line of paintFailure(report, plainStyle)) {
        const words = line.trim().split(/\s+/);
        const longest = Math.max(...words.map((word) => word.length));
        expect(textWidth(line), `${code}: ${line}`).toBeLessThanOrEqual(Math.max(80, longest + 14));
      }
    }
  });
});

describe('preflight report', () => {
  const check = (id: string, outcome: CheckResult['outcome'], more: Partial<CheckResult> = {}): CheckResult => ({
    id,
    title: id,
    requirement: 'P1',
    outcome,
    severity: 'critical',
    ignored: false,
    detail: `${id} detail`,
    durationMs: 1,
    ...(outcome === 'pass' || outcome === 'skipped' ? {} : { problem: fault }),
    ...more,
  });

  it('shows a line a check, the fixes of problems, and a verdict', () => {
    const report = summarise(
      [
        check('a', 'pass'),
        check('bb', 'problem'),
        check('c', 'problem', { ignored: true }),
        check('d', 'could-not-run'),
        check('e', 'skipped'),
        check('f', 'pass', { fixed: 'made a key' }),
      ],
      2_300,
    );
    expect(paintPreflight(report, plainStyle)).toEqual([
      ' ✔ a   a detail',
      ' ✖ bb  bb detail',
      '      1. mend it',
      ' ! c   (ignored) c detail',
      '      1. mend it',
      ' ? d   (could not run) d detail',
      ' - e   e detail',
      ' ✔ f   f detail',
      '      fixed: made a key',
      '',
      'Not ready. 2 passed, 1 critical, 1 warning, 1 could not run, 1 did not apply, in',
      '2.3 s.',
    ]);
  });

  it.each([
    ['pass', 'pass', 'Ready. 1 passed, in 1 s.'],
    ['warnings', 'could-not-run', 'Not ready.'],
  ] as const)('sums up %s', (_, outcome, verdict) => {
    expect(paintPreflight(summarise([check('a', outcome)], 1_000), plainStyle).at(-1)).toContain(verdict);
  });

  it('breaks a long detail below itself', () => {
    const report = summarise(
      [
        check('a', 'pass', { detail: 'word '.repeat(40) }),
        check('b', 'problem', { severity: 'warning' }),
        check('c', 'problem', { severity: 'warning' }),
      ],
      1,
    );
    const lines = paintPreflight(report, coloured);
    expect(lines[1]).toMatch(/^ {6}word/);
    expect(lines.join('\n')).toContain('2 warnings');
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  });
});

describe('config table', () => {
  it('shows every key, with its origin when asked for, within 80 columns', () => {
    const { rows } = resolveConfig({ flags: [], env: { WAA_AZURE_REGION: 'x' }, files: [] });
    const lines = paintConfig(rows, true, plainStyle);
    expect(lines).toHaveLength(listConfigKeys().length + 1);
    expect(lines.find((line) => line.startsWith('azure.region '))?.split(/ +/)).toEqual([
      'azure.region',
      'x',
      'WAA_AZURE_REGION',
    ]);
    expect(lines.every((line) => textWidth(line) <= 80)).toBe(true);
    expect(paintConfig(rows, false, plainStyle)[0]?.split(/ +/)).toEqual(['key', 'value']);
    expect(lines.join('\n')).toContain('(not set)');
  });
});
