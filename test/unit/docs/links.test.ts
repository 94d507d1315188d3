import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`),
].filter((file) => file.endsWith('.md'));

/** Links to files of this repository, without the part after #. */
function fileLinks(page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link));
}

describe('documentation', () => {
  it.each(pages)('%s links to files that exist', (page) => {
    const broken = fileLinks(page).filter((link) => !existsSync(join(root, dirname(page), link)));
    expect(broken).toEqual([]);
  });

  it('shows the two set-up commands verbatim', () => {
    const lines = readFileSync(join(root, 'README.md'), 'utf8')
      .split('\n')
      .map((line) => line.trim());
    expect(lines).toContain('npm ci && npx waa demo');
    expect(lines).toContain('npm ci && npm test');
  });
});
