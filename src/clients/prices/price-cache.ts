import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import * as z from 'zod';

const entrySchema = z.object({ key: z.string(), usd: z.number().positive(), atMs: z.number() });
export type CachedPrice = z.infer<typeof entrySchema>;

/** Prices on disk, a file each. A file that cannot be read is no price: it is asked for again and replaced. */
export interface PriceCache {
  read(key: string): Promise<CachedPrice | undefined>;
  write(entry: CachedPrice): Promise<void>;
}

/** Prices in files of a directory, one a question. What cannot be read counts as not there. */
export function createPriceCache(directory: string): PriceCache {
  const fileOf = (key: string): string =>
    join(directory, `price-${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`);
  return {
    async read(key) {
      try {
        const entry = entrySchema.parse(JSON.parse(await readFile(fileOf(key), 'utf8')));
        return entry.key === key ? entry : undefined;
      } catch {
        // Missing, torn or of another version: in each case there is no cached price, which is an answer.
        return undefined;
      }
    },
    async write(entry) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFileAtomic(fileOf(entry.key), JSON.stringify(entry), { mode: 0o600 });
    },
  };
}
