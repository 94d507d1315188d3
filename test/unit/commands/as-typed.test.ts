import { describe, expect, it } from 'vitest';
import { asTyped, reportAsTyped } from '../../../src/commands/as-typed.js';
import { hint, nextLines } from '../../../src/commands/hints.js';
import { fail } from '../../../src/failures/waa-error.js';

const here = { lab: false, home: undefined };
const inLab = { lab: true, home: undefined };
const globals = { ...inLab, json: false, debug: false, color: undefined };

describe('what is told to be typed next', () => {
  it.each([
    [here, undefined, 'waa up --resume'],
    [inLab, undefined, 'waa --lab up --resume'],
    [{ lab: true, home: '/tmp/my home' }, undefined, "waa --lab --home '/tmp/my home' up --resume"],
    [here, 'eval', 'waa up --name eval --resume'],
    [inLab, '$& it', "waa --lab up --name '$& it' --resume"],
  ])('%j of %s', (place, deployment, expected) => {
    expect(asTyped('waa up --resume', place, deployment)).toBe(expected);
  });

  it.each([
    ['every command of a step', 'waa down && waa up', 'waa --lab down --name eval && waa --lab up --name eval'],
    ['options that belong to another program', 'waa exec -- ls', 'waa --lab exec --name eval -- ls'],
    ['a command without deployment', 'waa lab start', 'waa --lab lab start'],
    ['a step that names another one', 'waa up --name fresh', 'waa --lab up --name fresh'],
    ['a step that says --lab itself', 'waa --lab up', 'waa --lab up --name eval'],
    ['prose', 'is it the image that waa expects?', 'is it the image that waa expects?'],
    ['a path', 'cat /data/waa/log', 'cat /data/waa/log'],
  ])('%s', (_what, text, expected) => {
    expect(asTyped(text, inLab, 'eval')).toBe(expected);
  });

  it('is in the fix steps of a report, and nowhere else', () => {
    const report = fail('VM_SSH_REFUSED', { host: '10.0.0.4', port: 22 }).report();
    expect(reportAsTyped(report, inLab, 'eval')).toEqual({
      ...report,
      fix: report.fix.map((step) => step.replace('waa up', 'waa --lab up --name eval')),
    });
  });

  it('leaves out the name of the default deployment, which is meant without one', () => {
    expect(hint({ globals }, 'Go on with: waa pool-resume', 'default')).toBe('Go on with: waa --lab pool-resume');
    expect(
      nextLines(
        { globals },
        [
          ['waa pool-resume', 'go on'],
          ['waa down', 'delete everything'],
        ],
        'eval',
      ),
    ).toEqual(['  waa --lab pool-resume --name eval  go on', '  waa --lab down --name eval         delete everything']);
  });
});
