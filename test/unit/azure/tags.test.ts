import { describe, expect, it } from 'vitest';
import { foreignBecause } from '../../../src/azure/tags.js';

const at = '2026-11-01T00:00:00.000Z';
const tags = { 'waa-deployment': 'demo', 'waa-owner': 'ada', 'waa-created': at };
const ours = { deployment: 'demo', owner: 'ada', createdAt: at };

describe('whose a resource is', () => {
  it.each([
    ['of the record', tags, ours],
    ['of the owner, where there is no record', tags, { deployment: 'demo', owner: 'ada' }],
    ['whatever the case of names and owner', { 'WAA-Deployment': 'demo', 'waa-owner': 'Ada' }, ours],
    [
      'with an owner cut to what a tag holds',
      { ...tags, 'waa-owner': 'a'.repeat(256) },
      { ...ours, owner: 'a'.repeat(300) },
    ],
    ['made before it was tagged to the end', { 'waa-deployment': 'demo' }, ours],
  ])('ours: %s', (_what, seen, of) => {
    expect(foreignBecause(seen, of)).toBeUndefined();
  });

  it.each([
    ['without our tags', {}, 'it has no waa-deployment tag'],
    ['of another name', { ...tags, 'waa-deployment': 'prod' }, "its waa-deployment tag is 'prod'"],
    ['of somebody else', { ...tags, 'waa-owner': 'bob' }, "its waa-owner tag is 'bob', and you are 'ada'"],
    ['of another state home', { ...tags, 'waa-created': '2026-10-01T00:00:00.000Z' }, 'it was made at 2026-10-01'],
  ])('foreign: %s', (_what, seen, why) => {
    expect(foreignBecause(seen, ours)).toContain(why);
  });
});
