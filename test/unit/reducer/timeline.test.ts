import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventData, EventType, WaaEvent } from '../../../src/events/catalogue.js';
import { criticalPath } from '../../../src/events/critical-path.js';
import { timelineOf } from '../../../src/events/timeline.js';
import { ganttSvg } from '../../../src/output/paint/gantt-svg.js';
import { paintGantt } from '../../../src/output/paint/gantt.js';
import { plainStyle } from '../../../src/output/paint/style.js';
import { textWidth } from '../../../src/output/paint/text.js';

const S = 1000;
let seq = 0;
function event<T extends EventType>(atS: number, type: T, data: EventData<T>, worker?: string, run = 'up-1'): WaaEvent {
  seq += 1;
  const of = worker === undefined ? {} : { worker };
  return { v: 1, seq, at: atS * S, run, type, level: 'info', text: '', data, ...of } as WaaEvent;
}
const begin = (atS: number, run = 'up-1', operation = 'up') =>
  event(atS, 'operation.started', { operation, deployment: 'demo', totalSteps: 7 }, undefined, run);
const end = (atS: number, run = 'up-1') =>
  event(atS, 'operation.finished', { operation: 'up', ok: true, durationMs: 0 }, undefined, run);
const state = (
  atS: number,
  layer: 'azure' | 'vm' | 'docker' | 'server',
  to: 'checking' | 'provisioning' | 'verifying' | 'ready',
  worker = 'w0',
) => event(atS, 'layer.state', { layer, state: to }, worker);
const phase = (atS: number, layer: 'azure' | 'vm' | 'docker' | 'server', text: string, worker = 'w0') =>
  event(atS, 'layer.progress', { layer, phase: text }, worker);
const arm = (atS: number, name: string, to: 'started' | 'succeeded') =>
  event(atS, 'arm.operation', { name, state: to });

/** Address beside the network; the interface needs both. */
const coldStart: readonly WaaEvent[] = [
  begin(0),
  state(0, 'azure', 'checking'),
  state(2, 'azure', 'provisioning'),
  phase(2, 'azure', 'creating resource group waa-demo'),
  phase(4, 'azure', 'network with port 22 open'),
  arm(4, 'firewall of waa-demo', 'started'),
  arm(4, 'create public address waa-demo-w0-ip', 'started'),
  arm(9, 'create public address waa-demo-w0-ip', 'succeeded'),
  arm(10, 'firewall of waa-demo', 'succeeded'),
  arm(10, 'network of waa-demo', 'started'),
  arm(15, 'network of waa-demo', 'succeeded'),
  state(15, 'azure', 'verifying'),
  state(17, 'azure', 'ready'),
  state(17, 'vm', 'checking'),
  state(18, 'vm', 'provisioning'),
  phase(18, 'vm', 'creating VM waa-demo-w0 (Standard_D8ds_v5)'),
  arm(18, 'create interface waa-demo-w0-nic', 'started'),
  arm(22, 'create interface waa-demo-w0-nic', 'succeeded'),
  arm(22, 'create vm waa-demo-w0', 'started'),
  arm(82, 'create vm waa-demo-w0', 'succeeded'),
  phase(82, 'vm', 'waiting for SSH: refused'),
  state(92, 'vm', 'verifying'),
  state(95, 'vm', 'ready'),
  end(100),
];

const timelineFor = (events: readonly WaaEvent[]) => {
  const timeline = timelineOf(events);
  if (!timeline) throw new Error('no timeline');
  return timeline;
};

describe('the timeline', () => {
  it('is of the last operation, or of the last of that name', () => {
    const events = [begin(0), end(5), begin(10, 'down-1', 'down'), end(12, 'down-1')];
    expect(timelineOf(events)).toMatchObject({ operation: 'down', fromMs: 10 * S, toMs: 12 * S, isOver: true });
    expect(timelineOf(events, ['up'])).toMatchObject({ operation: 'up', toMs: 5 * S });
    expect(timelineOf(events, ['run'])).toBeUndefined();
    expect(timelineOf([])).toBeUndefined();
  });
  it('of a killed operation ends with the last that was heard of it', () => {
    const timeline = timelineFor([begin(0), state(1, 'azure', 'checking'), phase(7, 'azure', 'x')]);
    expect(timeline).toMatchObject({ isOver: false, toMs: 7 * S });
    expect(timeline.spans).toMatchObject([{ name: 'azure checking', kind: 'proof', toMs: 7 * S }]);
  });
  it('knows what Azure makes wait for what', () => {
    const { spans } = timelineFor(coldStart);
    const named = (name: string) => spans.find((span) => span.name === name);
    const waitedFor = (name: string) => named(name)?.after.map((id) => spans[id]?.name);
    expect(waitedFor('create interface waa-demo-w0-nic')?.sort()).toEqual([
      'create public address waa-demo-w0-ip',
      'network of waa-demo',
    ]);
    expect(waitedFor('network of waa-demo')).toEqual(['firewall of waa-demo']);
    expect(waitedFor('waiting for SSH')).toEqual(['create vm waa-demo-w0']);
  });
  it('of weeks is linked as exactly as one of minutes, and in no more time than its length', () => {
    const tasks = 20_000;
    const events = Array.from({ length: tasks }, (_, index) => {
      const worker = `w${index % 4}`;
      const about = { task: `t${index}`, domain: 'clock', attempt: 1 };
      const at = Math.floor(index / 4) * 10;
      return [
        event(at, 'task.started', { ...about, index, total: tasks }, worker),
        event(at + 10, 'task.finished', { ...about, state: 'scored', score: 1, durationMs: 10 * S }, worker),
      ];
    });
    const timeline = timelineFor([begin(0), ...events.flat().sort((a, b) => a.at - b.at), end(50_000)]);
    const path = criticalPath(timeline);
    expect(path.chain).toHaveLength(tasks / 4);
    expect(path).toMatchObject({ chainMs: 50_000 * S, ratio: 1 });
    expect(timeline.spans.slice(4).every(({ id, after }) => after.length === 1 && after[0] === id - 4)).toBe(true);
  });
  it('takes a phase that comes back for one', () => {
    const texts = ['probe', 'waiting for the WAA server: refused', 'probe', 'waiting for the WAA server: refused'];
    const events = [
      begin(0),
      state(0, 'server', 'provisioning'),
      ...texts.map((text, index) => phase(1 + index * 5, 'server', text)),
      state(30, 'server', 'ready'),
      end(30),
    ];
    const names = timelineFor(events).spans.map(({ name, toMs }) => `${name} ${toMs / S}`);
    expect(names).toEqual(['server provisioning 1', 'probe 16', 'waiting for the WAA server 30']);
  });
});

describe('the longest unavoidable chain', () => {
  it('leaves out what ran beside it, proofs, and phases around operations of Azure', () => {
    const path = criticalPath(timelineFor(coldStart));
    expect(path.chain.map((span) => span.name)).toEqual([
      'creating resource group waa-demo',
      'firewall of waa-demo',
      'network of waa-demo',
      'create interface waa-demo-w0-nic',
      'create vm waa-demo-w0',
      'waiting for SSH',
    ]);
    expect(path.chainMs).toBe((2 + 6 + 5 + 4 + 60 + 10) * S);
    expect(path.ratio).toBeCloseTo(100 / 87);
    expect(path.byKindMs.proof).toBe((2 + 2 + 1 + 3) * S);
  });
  it('of several workers is the slowest one', () => {
    const both = ['w0', 'w1'].flatMap((worker, index) => [
      state(0, 'docker', 'provisioning', worker),
      state(40 + index * 20, 'docker', 'ready', worker),
    ]);
    const path = criticalPath(timelineFor([begin(0), ...both, end(70)]));
    expect(path).toMatchObject({ chainMs: 60 * S, totalMs: 70 * S, idleMs: 10 * S });
  });
  it('of tasks is the work of the busiest worker', () => {
    const task = (name: string, worker: string, fromS: number, toS: number) => {
      const about = { task: name, domain: 'clock', attempt: 1 };
      return [
        event(fromS, 'task.started', { ...about, index: 0, total: 3 }, worker),
        event(toS, 'task.finished', { ...about, state: 'scored', score: 1, durationMs: (toS - fromS) * S }, worker),
      ];
    };
    const events = [
      begin(0),
      ...task('a', 'w0', 0, 30),
      ...task('b', 'w1', 0, 50),
      ...task('c', 'w0', 35, 60),
      end(60),
    ];
    const sorted = [...events].sort((a, b) => a.at - b.at);
    expect(criticalPath(timelineFor(sorted))).toMatchObject({ chainMs: 55 * S, totalMs: 60 * S });
  });
  it('of nothing is nothing', () => {
    expect(criticalPath(timelineFor([begin(0), end(0)]))).toMatchObject({ chain: [], chainMs: 0, ratio: 1, idleMs: 0 });
  });
  it('is never longer than the whole, whatever happened', () => {
    const layers = fc.constantFrom('azure' as const, 'vm' as const, 'docker' as const, 'server' as const);
    const states = fc.constantFrom(
      'checking' as const,
      'provisioning' as const,
      'verifying' as const,
      'ready' as const,
    );
    const workers = fc.constantFrom('w0', 'w1');
    const any = fc.record({
      layer: layers,
      to: states,
      worker: workers,
      after: fc.integer({ min: 0, max: 50 }),
      text: fc.option(fc.constantFrom('a', 'b')),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (steps) => {
        let at = 0;
        const events = steps.map(({ layer, to, worker, after, text }) => {
          at += after;
          return text === null ? state(at, layer, to, worker) : phase(at, layer, text, worker);
        });
        const path = criticalPath(timelineFor([begin(0), ...events, end(at)]));
        expect(path.chainMs).toBeLessThanOrEqual(path.totalMs);
        expect(path.idleMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('the picture', () => {
  const timeline = timelineFor(coldStart);
  const path = criticalPath(timeline);
  it.each([true, false])('fits 80 columns (unicode: %s) and tells how far the whole is above the chain', (unicode) => {
    const lines = paintGantt(timeline, path, { ...plainStyle, unicode });
    expect(lines.filter((line) => textWidth(line) > 80)).toEqual([]);
    expect(lines.join('\n')).toContain('the whole is 13 s (14.9 %) above it');
    expect(lines.find((line) => line.includes('create vm'))).toMatch(unicode ? /█{8}/ : /#{8}/);
    expect(lines.find((line) => line.includes('create public')) ?? '').not.toMatch(/[█#]/);
  });
  it.each([60, 80])('of days, with everything in it, fits %s columns', (columns) => {
    const long = { ...path, chainMs: 91_234_567, totalMs: 292_345_678, ratio: 3.2, idleMs: 45_296_789 };
    const byKindMs = { work: 0, proof: 45_296_789, repair: 45_296_789, wait: 45_296_789 };
    const lines = paintGantt(timeline, { ...long, byKindMs }, { ...plainStyle, columns });
    expect(lines.filter((line) => textWidth(line) > columns)).toEqual([]);
  });
  it('as SVG holds every step, and nothing of a name becomes markup', () => {
    const odd = timelineFor([
      begin(0),
      event(0, 'task.started', { task: '<b>&', domain: 'd', attempt: 1, index: 0, total: 1 }, 'w0'),
      end(9),
    ]);
    const svg = ganttSvg(odd, criticalPath(odd));
    expect(svg).not.toContain('<b>');
    expect(ganttSvg(timeline, path).match(/<rect /g)).toHaveLength(timeline.spans.length + 1);
  });
});
