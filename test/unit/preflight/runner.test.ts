import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../src/clock/manual-clock.js';
import { fail, type FailureReport } from '../../../src/failures/waa-error.js';
import type { Deadline } from '../../../src/health/deadline.js';
import type { Check, CheckOutcome } from '../../../src/preflight/check.js';
import { passGate } from '../../../src/preflight/gate.js';
import { preflightJsonSchema, preflightReport, type PreflightReport } from '../../../src/preflight/report.js';
import { runPreflight, type PreflightOptions } from '../../../src/preflight/runner.js';
import { createRecordingBus, type RecordingBus } from '../../helpers/recording-bus.js';

const problem = (text = 'no quota'): FailureReport => fail('USAGE', { problem: text, hint: 'ask for more' }).report();
const pass: CheckOutcome = { outcome: 'pass', detail: 'fine' };
const broken: CheckOutcome = { outcome: 'problem', problem: problem() };
const alsoBroken: CheckOutcome = { outcome: 'problem', problem: problem('no key') };
const blind: CheckOutcome = { outcome: 'could-not-run', problem: problem('no network') };
const skipped: CheckOutcome = { outcome: 'skipped', detail: 'no VM yet' };

type Run = (context: string, deadline: Deadline) => Promise<CheckOutcome>;
function check(id: string, run: CheckOutcome | Run, more: Partial<Check<string>> = {}): Check<string> {
  const looked: Run = typeof run === 'function' ? run : () => Promise.resolve(run);
  return { id, title: id, requirement: 'P1', severity: 'critical', run: looked, ...more };
}

interface Started {
  readonly clock: ManualClock;
  readonly bus: RecordingBus;
  readonly report: Promise<PreflightReport>;
}

function start(checks: readonly Check<string>[], more: Partial<PreflightOptions<string>> = {}): Started {
  const clock = createManualClock();
  const bus = createRecordingBus(clock);
  const report = clock.runUntil(runPreflight({ checks, context: 'here', clock, emit: bus.emit, ...more }));
  return { clock, bus, report };
}
const exitOf = async (
  outcomes: readonly CheckOutcome[],
  ignore: readonly string[] = [],
  severity: 'critical' | 'warning' = 'critical',
): Promise<number> =>
  (
    await start(
      outcomes.map((outcome, index) => check(`c${index}`, outcome, { severity })),
      { ignore },
    ).report
  ).exitCode;

describe('runPreflight: exit code', () => {
  it.each([
    ['all pass', [pass, pass], 0],
    ['nothing applied', [skipped], 0],
    ['no check at all', [], 0],
    ['a critical problem', [pass, broken], 1],
    ['a critical problem among doubts', [broken, blind], 1],
    ['a problem that says it is a warning', [pass, { ...broken, severity: 'warning' }], 2],
    ['a check that could not run', [pass, blind], 2],
    ['nothing could run', [blind, blind, skipped], 1],
  ] as const)('%s', async (_, outcomes, expected) => {
    expect(await exitOf(outcomes)).toBe(expected);
  });

  it.each([
    ['a critical problem becomes a warning', [pass, broken], 'critical', 2],
    ['a warning becomes nothing', [pass, broken], 'warning', 0],
    ['a doubt becomes nothing', [pass, blind], 'critical', 0],
  ] as const)('ignored: %s', async (_, outcomes, severity, expected) => {
    expect(await exitOf(outcomes, ['c1'], severity)).toBe(expected);
  });
});

describe('runPreflight', () => {
  it('runs the checks side by side and reports them in their order', async () => {
    const clock = createManualClock();
    const slow: Run = async () => {
      await clock.sleep(6_000);
      return pass;
    };
    const quick: Run = async () => {
      await clock.sleep(1_000);
      return broken;
    };
    const report = await clock.runUntil(
      runPreflight({
        checks: [check('slow', slow), check('quick', quick)],
        context: 'x',
        clock,
        emit: createRecordingBus(clock).emit,
      }),
    );
    expect(report.checks.map((one) => [one.id, one.durationMs])).toEqual([
      ['slow', 6_000],
      ['quick', 1_000],
    ]);
    expect(report.durationMs).toBe(6_000);
  });

  it('is over after 10 s; who has not answered could not run', async () => {
    const report = await start([check('hangs', () => new Promise(() => undefined)), check('ok', pass)]).report;
    expect(report.durationMs).toBe(10_000);
    expect(report.checks.map((one) => one.outcome)).toEqual(['could-not-run', 'pass']);
    expect(report.checks[0]?.problem).toMatchObject({
      code: 'OWN_CHECK_TIMEOUT',
      params: { id: 'hangs', seconds: 10 },
    });
    expect(report.exitCode).toBe(2);
  });

  it.each([
    ['rejects', () => Promise.reject(fail('CANCELLED', { what: 'x' })), 'CANCELLED'],
    [
      'throws',
      () => {
        throw new TypeError('boom');
      },
      'BUG',
    ],
  ])('a check that %s could not run and harms no other', async (_, run, code) => {
    const report = await start([check('bad', run), check('ok', pass)]).report;
    expect(report.checks[0]).toMatchObject({ outcome: 'could-not-run', problem: { code } });
    expect(report.checks[1]?.outcome).toBe('pass');
  });

  it('gives every check the context and a deadline', async () => {
    const seen: unknown[] = [];
    const run: Run = (context, deadline) => {
      seen.push(context, deadline.totalMs);
      return Promise.resolve(pass);
    };
    await start([check('a', run)]).report;
    expect(seen).toEqual(['here', 10_000]);
  });

  it('tells every result as an event of its weight', async () => {
    const { bus, report } = start([check('a', pass), check('b', broken), check('c', blind), check('d', skipped)]);
    await report;
    expect(bus.events.map((one) => [one.type, one.level])).toEqual([
      ['check.finished', 'info'],
      ['check.finished', 'error'],
      ['check.finished', 'warn'],
      ['check.finished', 'info'],
    ]);
  });

  it('refuses to ignore what does not exist, with the nearest id', async () => {
    const { report } = start([check('azure-quota', pass)], { ignore: ['azure-qouta'] });
    await expect(report).rejects.toMatchObject({ code: 'USAGE', params: { hint: 'Did you mean azure-quota?' } });
  });

  it('ends at once on Ctrl-C with its reason', async () => {
    const clock = createManualClock();
    const ctrlC = new AbortController();
    const running = runPreflight({
      checks: [check('hangs', () => new Promise(() => undefined))],
      context: 'x',
      clock,
      emit: createRecordingBus(clock).emit,
      signal: ctrlC.signal,
    }).catch((error: unknown) => error);
    const reason = fail('CANCELLED', { what: 'preflight' });
    ctrlC.abort(reason);
    expect(await running).toBe(reason);
  });
});

describe('runPreflight --fix', () => {
  it('repairs what has a fix and checks that again', async () => {
    let mended = false;
    const looks: string[] = [];
    const mendable = check(
      'key',
      () => {
        looks.push('key');
        return Promise.resolve(mended ? pass : broken);
      },
      {
        fix: () => {
          mended = true;
          return Promise.resolve('made a key');
        },
      },
    );
    const other = check(
      'quota',
      () => {
        looks.push('quota');
        return Promise.resolve(pass);
      },
      { fix: () => Promise.reject(new Error('never called')) },
    );
    const report = await start([mendable, other, check('hopeless', alsoBroken)], { fix: true }).report;
    expect(report.checks.map((one) => [one.outcome, one.fixed])).toEqual([
      ['pass', 'made a key'],
      ['pass', undefined],
      ['problem', undefined],
    ]);
    expect(looks).toEqual(['key', 'quota', 'key']);
    expect(report.exitCode).toBe(1);
  });

  it('changes nothing without --fix', async () => {
    const report = await start([check('key', broken, { fix: () => Promise.reject(new Error('called')) })]).report;
    expect(report.checks[0]?.fixed).toBeUndefined();
  });

  it('says why a repair failed', async () => {
    const report = await start(
      [check('key', broken, { fix: () => Promise.reject(fail('CANCELLED', { what: 'it' })) })],
      { fix: true },
    ).report;
    expect(report.checks[0]).toMatchObject({ outcome: 'problem', fixed: 'could not be repaired: it was stopped' });
  });
});

describe('the same problem in several checks', () => {
  it('stays with the first; the others could not run and say so', async () => {
    const report = await start([check('login', broken), check('quota', broken), check('key', alsoBroken)]).report;
    expect(report.checks.map((result) => result.outcome)).toEqual(['problem', 'could-not-run', 'problem']);
    expect(report.checks[1]?.detail).toBe('same problem as login');
    expect(report.counts).toMatchObject({ critical: 2, couldNotRun: 1 });
  });
});

describe('the report', () => {
  it('has the published shape', async () => {
    const facts: CheckOutcome = { outcome: 'pass', detail: 'fine', facts: { user: 'me' } };
    const report = await start([check('a', facts), check('b', broken), check('c', blind), check('d', skipped)], {
      ignore: ['b'],
    }).report;
    expect(preflightReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('is described by docs/schemas/preflight.schema.json as it is now', () => {
    const file = fileURLToPath(new URL('../../../docs/schemas/preflight.schema.json', import.meta.url));
    const current = `${JSON.stringify(preflightJsonSchema(), undefined, 2)}\n`;
    expect(existsSync(file) ? readFileSync(file, 'utf8') : 'there is none').toBe(current);
  });
});

describe('passGate', () => {
  const login = (run: CheckOutcome) => check('login', run);
  const quota = (run: CheckOutcome) => check('quota', run);
  const options = (checks: readonly Check<string>[], ignore: readonly string[] = []) => {
    const clock = createManualClock();
    return { command: 'waa up', checks, context: 'x', clock, emit: createRecordingBus(clock).emit, ignore };
  };
  const me: CheckOutcome = { outcome: 'pass', detail: 'me', facts: { user: 'me' } };

  it('runs the checks it names, and no others', async () => {
    const report = await passGate(['login'], options([login(me), quota(broken)]));
    expect(report.checks.map((one) => one.id)).toEqual(['login']);
  });

  it('refuses with exit code 3, every problem and the ids to ignore', async () => {
    const error = await passGate(['login', 'quota'], options([login(broken), quota(alsoBroken)])).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'OWN_GATE_REFUSED', exitCode: 3, params: { count: 2, ids: 'login quota' } });
    expect((error as { evidence: { title: string; text: string }[] }).evidence.map((one) => one.title)).toEqual([
      'login',
      'quota',
    ]);
    expect((error as { evidence: { text: string }[] }).evidence[0]?.text).toBe('no quota\nfix: ask for more');
  });

  it('lets pass what is ignored, and what could not be looked at', async () => {
    const report = await passGate(['login', 'quota'], options([login(blind), quota(broken)], ['quota']));
    expect(report.exitCode).toBe(2);
  });

  it('accepts to ignore a check of another gate', async () => {
    await expect(passGate(['login'], options([login(me), quota(broken)], ['quota']))).resolves.toBeDefined();
    await expect(passGate(['login'], options([login(me)], ['quota']))).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('calls a gate that names no check a bug', async () => {
    await expect(passGate(['quota'], options([login(me)]))).rejects.toMatchObject({ code: 'BUG' });
  });
});
