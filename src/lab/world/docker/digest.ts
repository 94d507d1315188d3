import { createHash } from 'node:crypto';

/** Digest of a text as Docker writes it. */
export const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** The twelve digits that Docker shows of a digest. */
export const shortId = (digest: string): string => digest.slice(7, 19);
