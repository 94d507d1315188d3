import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/config/secret.js';

describe('Secret', () => {
  const secret = new Secret('hunter2hunter2');

  it('gives its value only when asked for it', () => {
    expect(secret.reveal()).toBe('hunter2hunter2');
  });

  it.each([
    ['printed', String(secret)],
    ['inspected', inspect({ secret, list: [secret] }, { depth: 9, showHidden: true })],
    ['serialised', JSON.stringify({ secret })],
    ['copied by its keys', JSON.stringify(Object.assign({}, secret))],
  ])('does not show itself when %s', (_, shown) => {
    expect(shown).not.toContain('hunter2');
  });
});
