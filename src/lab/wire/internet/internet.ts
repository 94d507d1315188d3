import type { RequestListener } from 'node:http';
import type { World } from '../../world/world.js';
import { createCallerAddressHandler } from './caller-address.js';
import { createModelHandler } from './model.js';
import { createPricesHandler } from './prices.js';
import { createRegistryHandler } from './registry.js';

export interface InternetOptions {
  readonly world: World;
  /** Address under which the callers are seen. */
  readonly callerAddress: string;
  /** Brings the world to this moment before anything looks at it. */
  readonly sync: () => void;
}

/** The services a user's machine finds on the internet: prices, registries, model API, "what is my address". */
export function createInternet({ world, callerAddress, sync }: InternetOptions): RequestListener {
  const services = [
    createPricesHandler(),
    createCallerAddressHandler(callerAddress),
    createRegistryHandler({ registry: world.registry, source: callerAddress, now: () => world.simulation.now }),
    createModelHandler(world.faults),
  ];
  return (request, response) => {
    sync();
    if (services.some((service) => service(request, response))) return;
    response.writeHead(404, { 'content-type': 'text/plain' }).end('The lab knows no such place.\n');
  };
}
