import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../../scripts/docs/failures-page.js';
import { commandTable } from '../../../src/commands/table.js';
import { failureCodes } from '../../../src/failures/catalogue/index.js';
import type { FailureParams } from '../../../src/failures/failure.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const GLOBAL_FLAGS = ['--json', '--lab', '--home', '--debug', '--no-color', '--help', '--version'];
const anyParams = new Proxy({}, { get: () => 'x' }) as FailureParams;

/** What is wrong with a `waa ...` command line: a name or a flag that the command table does not have. */
function problemOf(line: string): string | undefined {
  const words = line
    .replace(/\s+(?:#|\().*$/, '')
    .split(/\s+/)
    .slice(1);
  if (words.length === 0 || words[0]?.startsWith('-') === true) return undefined;
  const spec = commandTable.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (!spec) return `no command: ${line}`;
  const known = [...GLOBAL_FLAGS, ...(spec.options ?? []).flatMap(({ flags }) => flags.match(/--[a-z0-9-]+/g) ?? [])];
  const own = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined);
  const unknown = own.filter((word) => word.startsWith('--') && !known.includes(word.replace(/=.*/, '')));
  return unknown.length === 0 ? undefined : `no flag ${unknown.join(' ')}: ${line}`;
}

/** `waa a && waa b` are two commands, and a step may begin with words. */
function commandLines(text: string): readonly string[] {
  return text
    .split(/&&|;|: (?=waa )|, (?=waa )/)
    .map((part) => part.trim())
    .filter((part) => /^(?:npx )?waa [a-z-]/.test(part))
    .map((part) => part.replace(/^npx /, ''));
}

describe('commands that texts tell people to run', () => {
  it('exist, in every fix of the catalogue', () => {
    const problems = failureCodes.flatMap((code) =>
      definitionOf(code)
        .fix(anyParams)
        .flatMap(commandLines)
        .flatMap((line) => {
          const problem = problemOf(line);
          return problem === undefined ? [] : [`${code}: ${problem}`];
        }),
    );
    expect(problems).toEqual([]);
  });

  it('exist, in every page', () => {
    const pages = [
      'README.md',
      ...readdirSync(join(root, 'docs'), { encoding: 'utf8' })
        .filter((file) => file.endsWith('.md') && file !== 'failures.md')
        .map((file) => `docs/${file}`),
    ];
    const problems = pages.flatMap((page) => {
      const text = readFileSync(join(root, page), 'utf8');
      const quoted = [...text.matchAll(/`(waa [^`]+)`|^ {4}((?:npx )?waa .*)$/gm)].map(
        (match) => match[1] ?? match[2] ?? '',
      );
      return quoted.flatMap(commandLines).flatMap((line) => {
        const problem = problemOf(line.replace(/[[\]]/g, ''));
        return problem === undefined ? [] : [`${page}: ${problem}`];
      });
    });
    expect(problems).toEqual([]);
  });
});
