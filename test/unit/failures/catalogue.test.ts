import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue, failureCodes } from '../../../src/failures/catalogue/index.js';
import { exitCodeOf } from '../../../src/failures/exit-codes.js';
import type { FailureDefinition, FailureParams } from '../../../src/failures/failure.js';

const definitions = Object.entries(catalogue) as unknown as readonly (readonly [string, FailureDefinition])[];

/** Answers every parameter: the texts of an entry are made of names or of numbers. */
function paramsOf(value: string | number): FailureParams {
  return new Proxy<Record<string, string | number>>(
    {},
    { get: (_, name) => (value === 'name' ? String(name) : value) },
  );
}

/** The texts of an entry, with names for its parameters or, where it computes, with numbers. */
function textsOf(definition: FailureDefinition): readonly string[] {
  const render = (params: FailureParams): readonly string[] => [definition.symptom(params), ...definition.fix(params)];
  try {
    const named = render(paramsOf('name'));
    if (!named.some((text) => text.includes('NaN'))) return named;
  } catch {
    // a text that calls a method of a number
  }
  return render(paramsOf(7));
}

/** Every entry of every file of the catalogue by its code, as written: a replaced one shows as a second definition. */
async function writtenEntries(): Promise<ReadonlyMap<string, ReadonlySet<unknown>>> {
  const folder = new URL('../../../src/failures/catalogue/', import.meta.url);
  const files = readdirSync(fileURLToPath(folder)).filter((file) => file !== 'index.ts');
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, folder).href) as Promise<Record<string, unknown>>),
  );
  const entries = new Map<string, Set<unknown>>();
  for (const part of modules.flatMap((module) => Object.values(module))) {
    if (typeof part !== 'object' || part === null) continue;
    for (const [code, definition] of Object.entries(part)) {
      if (typeof definition !== 'object' || definition === null || !('symptom' in definition)) continue;
      entries.set(code, (entries.get(code) ?? new Set()).add(definition));
    }
  }
  return entries;
}

describe('the failure catalogue', () => {
  it('contains every entry that was written, no code twice', async () => {
    const entries = await writtenEntries();
    expect([...entries].filter(([, written]) => written.size > 1).map(([code]) => code)).toEqual([]);
    expect([...entries.keys()].sort()).toEqual([...failureCodes].sort());
  });

  it.each(definitions)('%s renders completely', (code, definition) => {
    const [symptom = '', ...fix] = textsOf(definition);
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    expect(fix.length).toBeGreaterThan(0);
    for (const text of [symptom, definition.why, ...fix]) {
      expect(text.trim()).not.toBe('');
      expect(text).not.toMatch(/undefined|\[object|NaN/);
      expect(text).not.toMatch(/[\r\n\t]/);
    }
  });

  // What a shell puts in for it keeps its quotes as characters: `ssh -o 'UserKnownHostsFile=...'` would not run.
  it.each(definitions)('%s has no step that runs what another command prints', (_, definition) => {
    expect(textsOf(definition).filter((text) => /^[^#(]*\$\(waa /.test(text))).toEqual([]);
  });

  it.each(definitions)('%s has an exit code that a shell can tell apart from success', (_, definition) => {
    const code = exitCodeOf(definition);
    expect(code).toBeGreaterThan(0);
    expect(code).toBeLessThan(128);
  });
});
