import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd } from '../../../src/money.js';
import { paintBar, paintProgress } from '../../../src/output/paint/bar.js';
import { plainStyle, type Style } from '../../../src/output/paint/style.js';
import { paintTable } from '../../../src/output/paint/table.js';
import { oneLine, textWidth, truncate, wrap } from '../../../src/output/paint/text.js';
import {
  formatBytes,
  formatClock,
  formatDuration,
  formatEta,
  formatPercent,
  formatTime,
} from '../../../src/output/paint/units.js';
import { START } from '../../helpers/events.js';

const ascii: Style = { ...plainStyle, unicode: false };

describe('table', () => {
  const columns = [
    { title: 'name', cell: (row: readonly string[]) => row[0] ?? '', shrinkTo: 4 },
    { title: 'n', cell: (row: readonly string[]) => row[1] ?? '', align: 'right' as const },
  ];

  it('aligns columns and drops trailing blanks', () => {
    expect(
      paintTable(
        columns,
        [
          ['a', '1'],
          ['long', '100'],
        ],
        plainStyle,
      ),
    ).toEqual(['name    n', 'a       1', 'long  100']);
  });

  it('shrinks what may shrink', () => {
    expect(paintTable(columns, [['x'.repeat(30), '100']], { ...plainStyle, columns: 15 })[1]).toBe(
      `${'x'.repeat(9)}…  100`,
    );
  });

  it('is cut when nothing may shrink any more', () => {
    for (const line of paintTable(columns, [['abcdef', '1234567890']], { ...plainStyle, columns: 10 }))
      expect(textWidth(line)).toBeLessThanOrEqual(10);
  });
});

describe('bar', () => {
  it.each([
    [0, '░░░░░░░░░░'],
    [50, '█████░░░░░'],
    [100, '██████████'],
    [140, '██████████'],
    [-3, '░░░░░░░░░░'],
    [Number.NaN, '░░░░░░░░░░'],
  ])('%s %% of ten columns', (percent, bar) => {
    expect(paintBar(percent, 10, plainStyle)).toBe(bar);
  });

  it('leaves out what is unknown', () => {
    expect(paintProgress(undefined, undefined, 4, ascii)).toBe('');
    expect(paintProgress(50, undefined, 4, ascii)).toBe('##--  50 %');
    expect(paintProgress(undefined, 60_000, 4, ascii)).toBe('ETA 1 min');
  });
});

describe('text', () => {
  it('measures what a terminal shows', () => {
    expect(textWidth('abc')).toBe(3);
    expect(textWidth('\u001b[31mabc\u001b[39m')).toBe(3);
    expect(textWidth('日本')).toBe(4);
    expect(textWidth('e\u0301')).toBe(1);
    expect(textWidth('🚀')).toBe(2);
  });

  it('cuts at the width and closes colours', () => {
    expect(truncate('abcdef', 4, plainStyle)).toBe('abc…');
    expect(truncate('abcdef', 5, ascii)).toBe('ab...');
    expect(truncate('abcdef', 2, ascii)).toBe('..');
    expect(truncate('日本語', 4, plainStyle)).toBe('日…');
    expect(truncate('\u001b[31mabcdef\u001b[39m', 4, plainStyle)).toBe('\u001b[31mabc…\u001b[0m');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 30 }), (text, columns) => {
        expect(textWidth(truncate(oneLine(text), columns, plainStyle))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('breaks between words, and a word longer than a line after a slash or anywhere', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('see /a/very/long/path now', 8, '  ')).toEqual(['see', '  /a/ver', '  y/long', '  /path', '  now']);
    expect(wrap('0123456789 b', 4)).toEqual(['0123', '4567', '89 b']);
    expect(wrap('/home/abc/defgh', 12)).toEqual(['/home/abc/', 'defgh']);
    expect(wrap('a\r\nb\tc', 20, '> ')).toEqual(['a', '> b c']);
  });

  it('never makes a line that is too wide, and loses nothing', () => {
    const words = fc.array(fc.stringMatching(/^[a-z/]{1,40}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 30 }), (texts, columns) => {
        const lines = wrap(texts.join(' '), columns, '  ');
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(texts.join(''));
      }),
    );
  });

  it('disarms control sequences of others', () => {
    expect(oneLine('a\u001b[2Jb\r\nc\u0007\u009bd')).toBe('ab cd');
  });
});

describe('units', () => {
  it.each([
    [0, '0 s'],
    [849, '0.8 s'],
    [9_949, '9.9 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [7_620_000, '2 h 07 min'],
    [86_399_999, '1 d 0 h'],
    [273_600_000, '3 d 4 h'],
    [-5, '0 s'],
    [Number.NaN, 'unknown'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [0, '5 s'],
    [42_000, '45 s'],
    [61_000, '2 min'],
    [7_500_000, '2 h 05 min'],
    [Number.POSITIVE_INFINITY, 'unknown'],
  ])('an ETA of %d ms is %s', (ms, text) => {
    expect(formatEta(ms)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1_400_000_000, '1.4 GB'],
    [64e9, '64 GB'],
    [999_600, '1 MB'],
    [-1, '0 B'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '$0.00'],
    [0.384, '$0.384'],
    [0.38, '$0.38'],
    [0.004, '$0.004'],
    [0.0001, '$0.00'],
    [0.9999, '$1.00'],
    [12.3, '$12.30'],
    [-0.5, '-$0.50'],
  ])('%d dollars are %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });

  it('writes moments in UTC', () => {
    expect(formatTime(START + 1_500)).toBe('2026-01-01 00:00:01Z');
    expect(formatClock(START + 3_600_000)).toBe('01:00:00');
    expect(formatPercent(41.4)).toBe('41 %');
  });
});
