import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsAddress,
  containsCidr,
  formatCidr,
  formatIpv4,
  overlaps,
  parseCidr,
  parseIpv4,
} from '../../../src/lab/world/azure/ipv4.js';

describe('IPv4', () => {
  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => parseIpv4(formatIpv4(value)) === value));
  });

  it('puts every address into its own network of any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 32 }), (value, bits) => {
        const cidr = parseCidr(`${formatIpv4(value)}/${bits}`);
        return cidr !== undefined && containsAddress(cidr, value);
      }),
    );
  });

  it.each(['', '1.2.3', '1.2.3.256', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', 'a.b.c.d', '1.2.3.4/-1'])(
    'refuses %j',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );

  it('drops host bits and knows what overlaps', () => {
    const [big, small, other] = ['10.0.9.9/16', '10.0.1.0/24', '10.1.0.0/16'].map(
      (text) => parseCidr(text) ?? { base: 0, bits: 0 },
    );
    if (!big || !small || !other) throw new Error('unreachable');
    expect(formatCidr(big)).toBe('10.0.0.0/16');
    expect([containsCidr(big, small), containsCidr(small, big)]).toEqual([true, false]);
    expect([overlaps(small, big), overlaps(big, other)]).toEqual([true, false]);
  });
});
