import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { ARM_BUCKETS, createPacer, pacingPolicy } from '../../../src/clients/arm/pacing.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';

/** Sends `count` requests at once; the second in which each was let through. */
async function burst(count: number, prepare?: (pacer: ReturnType<typeof createPacer>) => void): Promise<number[]> {
  const clock = createManualClock();
  const pacer = createPacer(clock);
  prepare?.(pacer);
  const began = clock.now();
  const sent: number[] = [];
  const all = Array.from({ length: count }, async () => {
    await pacer.enter('writes');
    sent.push((clock.now() - began) / 1000);
  });
  await clock.runUntil(Promise.all(all));
  return sent;
}

describe('pacing of requests to ARM', () => {
  it('lets a few through at once', async () => {
    expect(await burst(100)).toEqual(Array.from({ length: 100 }, () => 0));
  });

  it('never sends more than the documented bucket holds, nor faster than it fills', async () => {
    const sent = await burst(1000);
    const { size, perSecond } = ARM_BUCKETS.writes;
    for (const [index, at] of sent.entries()) expect(index + 1).toBeLessThanOrEqual(size + perSecond * at);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.at(-1)).toBeCloseTo((1000 - 160) / 8);
  });

  it('believes Azure when less is left than it thought', async () => {
    expect((await burst(24, (pacer) => pacer.heard('writes', 8))).at(-1)).toBeCloseTo((24 - 8) / 8);
  });

  it('counts reads, writes and deletes apart', async () => {
    const clock = createManualClock();
    const pacer = createPacer(clock);
    pacer.heard('writes', 0);
    await pacer.enter('reads');
    await pacer.enter('deletes');
    expect(clock.pending).toBe(0);
  });

  it('gives the place of one who leaves to those who came after', async () => {
    const clock = createManualClock();
    const pacer = createPacer(clock);
    pacer.heard('writes', 0);
    const impatient = new AbortController();
    const left = pacer.enter('writes', impatient.signal);
    impatient.abort(new Error('Ctrl-C'));
    await expect(left).rejects.toThrow('Ctrl-C');
    const began = clock.now();
    await clock.runUntil(pacer.enter('writes'));
    expect(clock.now() - began).toBeCloseTo(125);
  });
});

describe('the policy in the pipeline', () => {
  it('draws on the bucket of the method, and passes on what Azure says is left of it', async () => {
    const heard: (readonly [string, number])[] = [];
    const entered: string[] = [];
    const policy = pacingPolicy({
      enter: (kind) => {
        entered.push(kind);
        return Promise.resolve();
      },
      heard: (kind, left) => heard.push([kind, left]),
    });
    const left = { 'x-ms-ratelimit-remaining-subscription-writes': '17' };
    for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'] as const) {
      const request = createPipelineRequest({ url: 'https://azure.example/', method });
      await policy.sendRequest(request, () =>
        Promise.resolve({ request, status: 200, headers: createHttpHeaders(left) }),
      );
    }
    expect(entered).toEqual(['reads', 'reads', 'writes', 'writes', 'writes', 'deletes']);
    expect(heard).toEqual([
      ['writes', 17],
      ['writes', 17],
      ['writes', 17],
    ]);
  });

  it('sends nothing for one who left while waiting', async () => {
    const clock = createManualClock();
    const pacer = createPacer(clock);
    pacer.heard('writes', 0);
    const person = new AbortController();
    const request = createPipelineRequest({
      url: 'https://azure.example/',
      method: 'PUT',
      abortSignal: person.signal,
    });
    const sent = pacingPolicy(pacer).sendRequest(request, () => Promise.reject(new Error('sent')));
    person.abort(new Error('Ctrl-C'));
    await expect(sent).rejects.toThrow('Ctrl-C');
  });
});
