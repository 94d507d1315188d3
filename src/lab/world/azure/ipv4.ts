/** An IPv4 network. `base` is the first address as a number. */
export interface Cidr {
  readonly base: number;
  readonly bits: number;
}

/** The address as a number, or undefined when the text is no IPv4 address. */
export function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    if (Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** `10.0.0.4` of the number that `parseIpv4` gives. */
export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** How many addresses a range has. */
export const cidrSize = (cidr: Cidr): number => 2 ** (32 - cidr.bits);

/** Parses `10.0.0.0/16`; a bare address counts as /32. Host bits are kept out of `base`. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bitsText, extra] = text.split('/');
  const value = parseIpv4(address);
  if (value === undefined || extra !== undefined || (bitsText !== undefined && !/^\d{1,2}$/.test(bitsText)))
    return undefined;
  const bits = bitsText === undefined ? 32 : Number(bitsText);
  if (bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return { base: Math.floor(value / size) * size, bits };
}

/** `10.0.0.0/16`. */
export const formatCidr = (cidr: Cidr): string => `${formatIpv4(cidr.base)}/${cidr.bits}`;

/** True of an address within a range. */
export const containsAddress = (cidr: Cidr, address: number): boolean =>
  address >= cidr.base && address < cidr.base + cidrSize(cidr);

/** True of a range that lies within `outer`, or is the same. */
export const containsCidr = (outer: Cidr, inner: Cidr): boolean =>
  inner.bits >= outer.bits && containsAddress(outer, inner.base);

/** True of two ranges with an address in common. */
export const overlaps = (a: Cidr, b: Cidr): boolean => containsCidr(a, b) || containsCidr(b, a);
