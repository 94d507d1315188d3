import { describe, expect, it } from 'vitest';
import { numberOption } from '../../../src/commands/input.js';

const read = (text: string, integer: boolean) =>
  numberOption({ minWorkers: text }, 'minWorkers', { min: 0, max: 100, integer });

describe('a number on the command line', () => {
  it.each(['0', '7', '007', '100'])('takes %j as a whole one', (text) => {
    expect(read(text, true)).toBe(Number(text));
  });

  it.each(['1e1', '0x5', '1.0', '-1', '101', 'ten', '', ' '])(
    'refuses %j as a whole one, and names the option',
    (text) => {
      expect(() => read(text, true)).toThrow(`--min-workers ${text}: expected a whole number from 0 to 100`);
    },
  );

  it.each(['2', '2.5', '.5'])('takes %j where parts are allowed', (text) => {
    expect(read(text, false)).toBe(Number(text));
  });

  it.each(['1e1', '0x5', 'Infinity', '.', '-1'])('refuses %j there, too', (text) => {
    expect(() => read(text, false)).toThrow('expected a number from 0 to 100');
  });
});
