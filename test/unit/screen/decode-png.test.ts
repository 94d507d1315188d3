import fc from 'fast-check';
import { PNG, type ColorType } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { decodePng } from '../../../src/health/decode-png.js';

const encode = (image: PNG, colorType: ColorType, filterType: number): Buffer =>
  PNG.sync.write(image, { colorType, filterType });

describe('screendumps', () => {
  it('are read as another decoder reads them, whatever filter their lines have', () => {
    const size = fc.integer({ min: 1, max: 24 });
    const frames = fc.tuple(size, size).chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        rgba: fc.uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 }),
        colorType: fc.constantFrom<ColorType>(2, 6),
        filter: fc.integer({ min: -1, max: 4 }),
      }),
    );
    fc.assert(
      fc.property(frames, ({ width, height, rgba, colorType, filter }) => {
        const image = new PNG({ width, height });
        image.data = Buffer.from(rgba);
        const png = encode(image, colorType, filter);
        const { channels, data } = decodePng(png);
        const expected = PNG.sync.read(png).data.filter((_, index) => channels === 4 || index % 4 < 3);
        expect([channels, Buffer.from(data)]).toEqual([colorType === 2 ? 3 : 4, Buffer.from(expected)]);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['grey', 0],
    ['grey with alpha', 4],
  ] as const)('in %s are no screendumps of ours', (_name, colorType) => {
    const png = encode(new PNG({ width: 2, height: 2 }), colorType, 0);
    expect(() => decodePng(png)).toThrow(expect.objectContaining({ code: 'WINDOWS_SCREEN_UNREADABLE' }));
  });

  it('cut off anywhere are unreadable, and never more is unpacked than their size says', () => {
    const png = encode(new PNG({ width: 8, height: 8 }), 2, 1);
    const unreadable = expect.objectContaining({ code: 'WINDOWS_SCREEN_UNREADABLE' }) as Error;
    for (let length = 0; length < png.length - 4; length += 1)
      expect(() => decodePng(png.subarray(0, length))).toThrow(unreadable);
    const bomb = Buffer.from(encode(new PNG({ width: 400, height: 400 }), 2, 0));
    bomb.writeUInt32BE(1, 16);
    expect(() => decodePng(bomb)).toThrow(unreadable);
  });
});
