/** Writes the pages of docs/ that are made from the code. `npm run docs`; a unit test fails while one is stale. */
import { writeFile } from 'node:fs/promises';
import { generatedPages } from './docs/pages.js';

for (const [file, make] of Object.entries(generatedPages)) {
  await writeFile(new URL(`../docs/${file}`, import.meta.url), make());
}
console.log(`docs: ${Object.keys(generatedPages).join(', ')}`);
