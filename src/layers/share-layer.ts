import type { Layer } from './layer.js';

/** What is under way for a deployment, by layer and step. */
export type Flights = Map<string, Promise<unknown>>;

/**
 * A layer that is the same for all workers of a deployment, such as its resource group and network: who asks while the
 * same is being asked, or done, for another worker waits for that and gets its answer. Nothing is kept afterwards.
 */
export function shareLayer<I, O>(layer: Layer<I, O>, flights: Flights): Layer<I, O> {
  const together = <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const key = `${layer.id} ${step}`;
    const known = flights.get(key) as Promise<T> | undefined;
    if (known) return known;
    const flight = work().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
  return {
    ...layer,
    check: (ctx, input) => together('check', () => layer.check(ctx, input)),
    provision: (ctx, input, seen) => together('provision', () => layer.provision(ctx, input, seen)),
    recover: (ctx, input, fault) => together('recover', () => layer.recover(ctx, input, fault)),
  };
}
