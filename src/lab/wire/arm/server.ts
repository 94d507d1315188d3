import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createLabTls, type LabTls } from '../../tls.js';
import type { AzureWorld } from '../../world/azure/azure-world.js';
import type { Simulation } from '../../world/simulation.js';
import { createArmHandler } from './handler.js';

export interface ArmWire {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** The authority to trust, PEM. */
  readonly caPem: string;
  close(): Promise<void>;
}

export interface ArmWireOptions {
  /** Made when missing. */
  readonly tls?: LabTls;
  readonly pageSize?: number;
}

/**
 * Serves the emulated subscription over HTTPS on a free loopback port. `now` is lab time in epoch ms; the world is moved
 * to it before each request.
 */
export async function startArmWire(
  azure: AzureWorld,
  simulation: Simulation,
  now: () => number,
  options: ArmWireOptions = {},
): Promise<ArmWire> {
  const tls = options.tls ?? (await createLabTls());
  let url = '';
  const handler = createArmHandler(azure, {
    armUrl: () => url,
    now: () => {
      simulation.advanceTo(now());
      return simulation.now;
    },
    ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
  });
  const server = createServer({ key: tls.keyPem, cert: tls.certPem }, handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    caPem: tls.caPem,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => {
          if (error) reject(error);
          else resolve();
        });
        server.closeAllConnections();
      }),
  };
}
