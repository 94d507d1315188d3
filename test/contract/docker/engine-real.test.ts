import { describe, it } from 'vitest';
import { dockerEngineSuite } from './engine-suite.js';

const socketPath = process.env['WAA_RIG_DOCKER_SOCKET'];
const image = process.env['WAA_RIG_DOCKER_IMAGE'];

/**
 * The same suite against a real daemon: set WAA_RIG_DOCKER_SOCKET to its socket and WAA_RIG_DOCKER_IMAGE to an image that
 * is there and has coreutils, e.g. one imported from a debootstrap root file system.
 */
if (socketPath !== undefined && image !== undefined) {
  dockerEngineSuite('real daemon', async () => ({
    socketPath,
    image,
    canPull: false,
    scratch: process.env['WAA_RIG_DOCKER_SCRATCH'] ?? '/tmp/waa-contract',
    [Symbol.asyncDispose]: async () => undefined,
  }));
} else {
  describe('docker engine: real daemon', () => {
    it.skip('needs WAA_RIG_DOCKER_SOCKET and WAA_RIG_DOCKER_IMAGE', () => undefined);
  });
}
