import { afterAll, beforeAll, describe, it } from 'vitest';
import { startDockerd, whyNoDockerd, type RealDocker } from '../../helpers/real-docker.js';
import { buildSuite } from './build-suite.js';

/** A real daemon of this machine, without network: images are made FROM scratch or from one that was imported. */
if (whyNoDockerd === undefined) {
  let daemon: RealDocker;
  beforeAll(async () => {
    daemon = await startDockerd();
  });
  afterAll(() => daemon.dispose());
  buildSuite('real daemon', () =>
    Promise.resolve({
      socketPath: daemon.socket,
      image: daemon.image,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  );
} else {
  describe('docker build: real daemon', () => it.skip(whyNoDockerd ?? '', () => undefined));
}
