import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../../../scripts/docs/pages.js';

const onDisk = (file: string): string => readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');

describe('generated pages', () => {
  it.each(Object.entries(generatedPages))('docs/%s says what the code says (else: npm run docs)', (file, make) => {
    expect(onDisk(file)).toBe(make());
  });
});
