import { describe, expect, it } from 'vitest';
import { EXIT, exitCodeOf } from '../../../src/failures/exit-codes.js';
import { nearest, didYouMean } from '../../../src/failures/nearest.js';
import { asWaaError, fail, WaaError } from '../../../src/failures/waa-error.js';

describe('fail', () => {
  it('makes an error whose message is the symptom', () => {
    const error = fail('WAIT_STALLED', { what: 'the download', stallSeconds: 90, last: '41 %' });
    expect(error).toBeInstanceOf(WaaError);
    expect(error.message).toBe('the download made no progress for 90 s; last seen: 41 %');
    expect(error).toMatchObject({ code: 'WAIT_STALLED', layer: 'own', disposition: 'recoverable', exitCode: 102 });
  });

  it('reports everything as plain data', () => {
    const error = fail('USAGE', { problem: 'no such file', hint: 'name one' }, { cause: new Error('ENOENT') });
    expect(JSON.parse(JSON.stringify(error.report()))).toEqual({
      code: 'USAGE',
      layer: 'usage',
      kind: 'configuration',
      disposition: 'permanent',
      exitCode: 64,
      symptom: 'no such file',
      why: 'The command line could not be understood.',
      fix: ['name one'],
      params: { problem: 'no such file', hint: 'name one' },
      evidence: [],
      original: 'ENOENT',
      docs: 'docs/failures.md#usage',
    });
  });

  it.each([
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['an error', new Error('boom'), 'boom'],
    ['a failure', fail('CANCELLED', { what: 'up' }), 'CANCELLED: up was stopped'],
    ['several errors', new AggregateError([new Error('a'), new Error('b')]), 'Error: a; Error: b'],
    ['several errors with a message', new AggregateError([], 'all failed'), 'all failed'],
    ['an object', { status: 409 }, '{"status":409}'],
  ])('tells the original words of %s', (_, cause, words) => {
    expect(fail('BUG', { what: 'x' }, { cause }).report().original).toBe(words);
  });

  it('takes more evidence without losing what it has', () => {
    const cause = new Error('boom');
    const first = fail('BUG', { what: 'x' }, { cause, evidence: [{ title: 'log', text: 'a' }] });
    const more = first.withEvidence([{ title: 'screen', path: '/s.png' }]);
    expect(more.evidence.map((item) => item.title)).toEqual(['log', 'screen']);
    expect(more.cause).toBe(cause);
    expect(first.evidence).toHaveLength(1);
  });
});

describe('asWaaError', () => {
  it('leaves a failure as it is', () => {
    const error = fail('CANCELLED', { what: 'up' });
    expect(asWaaError(error)).toBe(error);
  });

  it.each([
    [new TypeError('x is not a function'), 'x is not a function'],
    ['a string', 'a string'],
  ])('makes anything else a BUG with its words', (thrown, words) => {
    const error = asWaaError(thrown);
    expect(error).toMatchObject({ code: 'BUG', cause: thrown, exitCode: EXIT.bug });
    expect(error.message).toContain(words);
  });
});

describe('exitCodeOf', () => {
  const definition = { layer: 'docker', kind: 'timeout', disposition: 'transient' } as const;

  it.each([
    ['the grid of layer and kind', definition, 32],
    ['the layer alone', { ...definition, kind: 'error' } as const, 30],
    ['quota of azure', { ...definition, layer: 'azure', kind: 'quota' } as const, 19],
    ['usage', { ...definition, layer: 'usage' } as const, 64],
    ['a bug, wherever', { ...definition, disposition: 'bug' } as const, 70],
    ['its own', { ...definition, exitCode: 3 }, 3],
  ])('gives %s', (_, given, expected) => {
    expect(exitCodeOf(given)).toBe(expected);
  });
});

describe('nearest', () => {
  const known = ['azure.region', 'azure.vmSize', 'model.name', 'chrome'];

  it.each([
    ['azure.regoin', 'azure.region'],
    ['AZURE.REGION', 'azure.region'],
    ['chrom', 'chrome'],
    ['chorme', 'chrome'],
    ['model.nam', 'model.name'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearest(typed, known)).toBe(meant);
  });

  it('offers nothing for what is far from everything', () => {
    expect(nearest('kubernetes', known)).toBeUndefined();
    expect(nearest('', known)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('says where to look when it has nothing to offer', () => {
    expect(didYouMean('chrom', known, 'see the list')).toBe('Did you mean chrome?');
    expect(didYouMean('kubernetes', known, 'see the list')).toBe('see the list');
  });
});
