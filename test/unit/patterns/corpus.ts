import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { CHANNELS, type Channel } from '../../../src/failures/match.js';

/** A real text. `code: null` with `healthy: false` is a failure that no pattern claims. */
const sample = z.strictObject({
  id: z.string(),
  code: z.string().nullable(),
  healthy: z.boolean(),
  about: z.string(),
  source: z.string().min(1),
  text: z.string().min(1),
});
export type Sample = z.infer<typeof sample> & { readonly channel: Channel };

/** Every sample of test/fixtures/failures, by channel: verbatim texts with the public place or program they come from. */
export function readCorpus(): readonly Sample[] {
  return CHANNELS.flatMap((channel) => {
    const file = new URL(`../../fixtures/failures/${channel.replace('.', '-')}.jsonl`, import.meta.url);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => ({ ...sample.parse(JSON.parse(line)), channel }));
  });
}
