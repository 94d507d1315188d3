import { describe, expect, it } from 'vitest';
import { renderFailure } from '../../../src/failures/render.js';
import { fail } from '../../../src/failures/waa-error.js';

const locked = { deployment: 'a', pid: 7, host: 'h', command: 'waa up', since: 'noon' };

describe('renderFailure', () => {
  it('always has the same shape: symptom, why, numbered fixes, evidence, original, page', () => {
    const error = fail('OWN_LOCKED', locked, {
      cause: new Error('EEXIST'),
      evidence: [{ title: 'log', path: '/tmp/log' }],
    });
    const lines = renderFailure(error.report());
    expect(lines.map((line) => line.role)).toEqual(['headline', 'why', 'fix', 'fix', 'evidence', 'original', 'docs']);
    expect(lines[0]).toMatchObject({ label: 'OWN_LOCKED  ', text: error.message });
    expect(lines.filter((line) => line.role === 'fix').map((line) => line.label.trim())).toEqual(['Fix  1.', '2.']);
    expect(lines[4]?.text).toBe('log: /tmp/log');
  });

  it('leaves out what is not there', () => {
    const roles = renderFailure(fail('OWN_LOCKED', locked).report()).map((line) => line.role);
    expect(roles).not.toContain('evidence');
    expect(roles).not.toContain('original');
  });

  it('shows the end of a long evidence text, without blank lines', () => {
    const text = `${Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\r\n\n')}\n`;
    const lines = renderFailure(fail('OWN_LOCKED', locked, { evidence: [{ title: 'log', text }] }).report());
    const shown = lines.filter((line) => line.role === 'evidence').map((line) => line.text);
    expect(shown).toEqual(['log:', 'line 14', 'line 15', 'line 16', 'line 17', 'line 18', 'line 19']);
  });

  it('omits an original error that the evidence shows', () => {
    const evidence = [{ title: 'answer', text: '{"message":"no such region"}' }];
    const roles = (message: string) =>
      renderFailure(fail('OWN_LOCKED', locked, { cause: new Error(message), evidence }).report()).map(
        ({ role }) => role,
      );
    expect(roles('no such region')).not.toContain('original');
    expect(roles('something else')).toContain('original');
  });

  it('shortens an endless original error and omits one that repeats the symptom', () => {
    const long = renderFailure(fail('BUG', { what: 'x' }, { cause: new Error('y'.repeat(5_000)) }).report());
    expect(long.find((line) => line.role === 'original')?.text.length).toBeLessThan(700);
    const error = fail('USAGE', { problem: 'same', hint: 'h' }, { cause: new Error('same') });
    expect(renderFailure(error.report()).some((line) => line.role === 'original')).toBe(false);
  });
});
