import { describe, expect, it } from 'vitest';
import { asTyped, programAsTyped } from '../../../src/commands/as-typed.js';
import { fail } from '../../../src/failures/waa-error.js';

describe('what is told to be typed next', () => {
  it.each([
    [{ lab: false, home: undefined }, 'waa'],
    [{ lab: true, home: undefined }, 'waa --lab'],
    [{ lab: true, home: '/tmp/my home' }, "waa --lab --home '/tmp/my home'"],
  ])('%j', (place, expected) => {
    expect(programAsTyped(place)).toBe(expected);
  });

  it('names the lab in every waa of a fix, and nowhere else', () => {
    const report = fail('VM_SSH_REFUSED', { host: '10.0.0.4', port: 22 }).report();
    const given = { ...report, fix: ['nc -vz 10.0.0.4 22', 'waa down && waa up', 'cat /data/waa/log'] };
    const { fix, why } = asTyped(given, { lab: true, home: undefined });
    expect(fix).toEqual(['nc -vz 10.0.0.4 22', 'waa --lab down && waa --lab up', 'cat /data/waa/log']);
    expect(why).toBe(report.why);
    expect(asTyped(given, { lab: false, home: undefined })).toBe(given);
  });
});
