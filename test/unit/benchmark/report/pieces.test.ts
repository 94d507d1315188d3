import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { spread } from '../../../../src/benchmark/report/collect-steps.js';
import { escapeMarkup } from '../../../../src/benchmark/report/escape.js';
import { junitXml } from '../../../../src/benchmark/report/junit.js';
import { buildReport } from '../../../../src/benchmark/report/model.js';
import { shrinkPicture } from '../../../../src/benchmark/report/shrink-picture.js';
import { parseTrajectory } from '../../../../src/benchmark/report/trajectory.js';
import { junitProblems } from '../../../helpers/junit-schema.js';
import { attempt, fixtureHead, fixtureIndex } from '../../../helpers/run-fixture.js';

describe('text from a worker', () => {
  it('whatever it is, leaves the XML well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (reason) => {
        const lines = attempt('clock/one', 'w0', 0, 1, { state: 'agent_error', score: null, reason });
        expect(junitProblems(junitXml(buildReport(fixtureHead, lines, fixtureIndex)))).toEqual([]);
      }),
    );
  });

  it('never opens an element or leaves an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeMarkup(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});

describe('a trajectory', () => {
  it('has steps, and the crash that upstream wrote into it', () => {
    const read = parseTrajectory(
      '{"step_num": 1, "action": ["a", "b"], "window_title": "Clock", "screenshot": "s.png"}\n' +
        '{"Error": "Exception in x", "Exception": "boom", "Traceback": "..."}\n',
    );
    expect(read.steps).toEqual([{ number: 1, at: '', action: '["a","b"]', window: 'Clock', picture: 's.png' }]);
    expect(read.crash).toBe('boom');
  });

  it.each(['../../etc/passwd.png', '/etc/x.png', 'a/b.png', 'x.svg', 'a\\b.png'])('does not lead out by %s', (name) => {
    expect(parseTrajectory(JSON.stringify({ step_num: 1, screenshot: name })).steps[0]?.picture).toBeUndefined();
  });

  it('of garbage is counted, never raised', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseTrajectory(text).unreadable).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a choice of pictures', () => {
  it('holds the first and the last', () => {
    expect(spread([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7]);
    expect(spread([1, 2], 5)).toEqual([1, 2]);
    expect(spread([1, 2, 3], 1)).toEqual([3]);
    expect(spread([1, 2, 3], 0)).toEqual([]);
  });
});

describe('a picture', () => {
  it('keeps its colours roughly and its shape', () => {
    const source = new PNG({ width: 100, height: 50 });
    for (let at = 0; at < source.data.length; at += 4) source.data.set([200, 100, 0, 255], at);
    const small = PNG.sync.read(shrinkPicture(PNG.sync.write(source), 40) ?? Buffer.alloc(0));
    expect([small.width, small.height]).toEqual([40, 20]);
    expect(Math.abs((small.data[0] ?? 0) - 200)).toBeLessThan(10);
  });

  it('that is cut off is no picture', () => {
    const png = PNG.sync.write(new PNG({ width: 30, height: 30 }));
    expect(shrinkPicture(png.subarray(0, 40), 40)).toBeUndefined();
  });
});
