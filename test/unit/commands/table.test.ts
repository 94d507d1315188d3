import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../../src/commands/table.js';
import { gates } from '../../../src/operations/gates.js';
import { allChecks } from '../../../src/operations/preflight.js';

const checkIds = allChecks.map((check) => check.id);
/** Commands that create or start what costs money, or spend the model's: none of them may go without a gate. */
const SPENDING = ['up', 'run', 'pool-resume'];

describe('command table', () => {
  it.each(commandTable.map((spec) => [spec.name, spec] as const))(
    '%s declares its gate and has a handler',
    async (_name, spec) => {
      expect(Object.keys(gates)).toContain(spec.gate);
      expect(spec.summary.length).toBeGreaterThan(10);
      await expect(spec.load()).resolves.toHaveProperty('handle');
    },
  );

  it('gates every command that spends money', () => {
    const ungated = commandTable.filter((spec) => spec.gate === 'none').map((spec) => spec.name);
    expect(ungated.filter((name) => SPENDING.includes(name))).toEqual([]);
  });

  it('names each command once', () => {
    const names = commandTable.map((spec) => spec.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('gates', () => {
  it.each(Object.entries(gates))('%s names checks that exist', (_name, ids) => {
    expect(ids.filter((id) => !checkIds.includes(id))).toEqual([]);
  });
});

describe('preflight checks', () => {
  const requirements = readFileSync('docs/requirements.md', 'utf8');

  it('have ids that are unique, stable words, and a requirement that is written down', () => {
    expect(new Set(checkIds).size).toBe(checkIds.length);
    for (const check of allChecks) {
      expect(check.id).toMatch(/^(own|azure|vm|docker|windows|client)-[a-z-]+$/);
      expect(requirements).toMatch(new RegExp(`\\b${check.requirement} `));
    }
  });
});
