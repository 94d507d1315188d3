import { describe, expect, it } from 'vitest';
import { failureIn, matchText } from '../../../src/failures/match.js';
import { patterns } from '../../../src/failures/patterns/index.js';
import { readCorpus } from './corpus.js';

const corpus = readCorpus();
const claimed = corpus.filter((sample) => sample.code !== null);
const healthy = corpus.filter((sample) => sample.healthy);
const failures = corpus.filter((sample) => !sample.healthy);
const found = failures.filter((sample) => matchText(sample.channel, sample.text) !== undefined);
const recall = `${found.length} of ${failures.length}`;

describe(`patterns over ${corpus.length} real texts: recall ${recall}, no false alarm on ${healthy.length}`, () => {
  it.each(claimed.map((sample) => [sample.id, sample] as const))('names the cause of %s', (_id, sample) => {
    expect(matchText(sample.channel, sample.text)?.code).toBe(sample.code);
  });

  it.each(healthy.map((sample) => [sample.id, sample] as const))('raises no alarm on %s', (_id, sample) => {
    expect(matchText(sample.channel, sample.text)).toBeUndefined();
  });

  it('can say every failure it names in words, with nothing missing', () => {
    const reports = claimed.map((sample) => failureIn(sample.channel, sample.text)?.report());
    const broken = reports.filter(
      (report) => report === undefined || /undefined|NaN|\[object/.test(report.symptom + report.fix.join()),
    );
    expect(broken).toEqual([]);
  });

  it('finds at least 94 % of the failures', () => {
    expect(found.length / failures.length).toBeGreaterThanOrEqual(0.94);
  });

  it('gives every sample a source and an id of its own', () => {
    expect(new Set(corpus.map((sample) => sample.id)).size).toBe(corpus.length);
  });

  it('keeps no pattern without a text that proves it', () => {
    const unproven = Object.entries(patterns).flatMap(([channel, list]) =>
      list
        .filter(
          (pattern) =>
            !corpus.some(
              (sample) =>
                !sample.healthy &&
                sample.text.split('\n').some((line) => pattern.when.test(line.replace(/\u001b\[[0-9;]*m/g, ''))),
            ),
        )
        .map((pattern) => `${channel}: ${pattern.code} ${pattern.when.source}`),
    );
    expect(unproven).toEqual([]);
  });
});
