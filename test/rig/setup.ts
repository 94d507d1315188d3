import type { TestProject } from 'vitest/node';
import { buildImage, loadImage } from './image.js';
import { startMachine } from './machine/machine.js';
import { startModelEndpoint } from './model-endpoint.js';
import { installPackages } from './packages.js';

/** What the tests know of the rig; see rig.ts. */
export interface RigPlace {
  readonly address: string;
  readonly keyPath: string;
  readonly folder: string;
  readonly pid: number;
  readonly modelUrl: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    rig: RigPlace;
  }
}

/**
 * Packages, image, machine, once for all tests of `npm run test:rig`. Whatever cannot be had ends the run with its reason:
 * a rig that skips proves nothing.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const began = Date.now();
  const say = (text: string): void => {
    process.stderr.write(`rig ${((Date.now() - began) / 1000).toFixed(0).padStart(3)} s  ${text}\n`);
  };
  say('Debian packages');
  await installPackages();
  const tar = await buildImage(say);
  say('starting the machine');
  const machine = await startMachine();
  try {
    say('loading the image');
    await loadImage(machine, tar);
    const model = await startModelEndpoint();
    const { address, keyPath, folder, pid } = machine;
    project.provide('rig', { address, keyPath, folder, pid, modelUrl: model.url });
    say(`ready: ssh://root@${address}`);
    return async () => {
      await model.close();
      await machine.stop();
      say('stopped');
    };
  } catch (error) {
    await machine.stop();
    throw error;
  }
}
