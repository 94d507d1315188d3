import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { readBuildContext } from '../../../src/host/build-context.js';
import { createDockerEngine } from '../../../src/clients/docker-engine/create-docker-engine.js';
import type { BuildEvent, BuildRequest } from '../../../src/clients/docker-engine/docker-engine.js';
import { WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { openUnix } from './engine-suite.js';

export interface BuildTarget extends AsyncDisposable {
  readonly socketPath: string;
  /** An image that is there. */
  readonly image: string;
}

const deadline = Deadline.none(createManualClock());

/** Building images, by either builder, against any daemon. Nothing here needs a registry that answers. */
export function buildSuite(name: string, setup: () => Promise<BuildTarget>): void {
  describe.each(['buildkit', 'classic'] as const)(`docker build by %s: ${name}`, (builder) => {
    let target: BuildTarget;
    let folder: string;
    beforeEach(async () => {
      target = await setup();
      folder = await mkdtemp(join(tmpdir(), "waa bu'ild "));
    });
    afterEach(async () => {
      await target[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    async function build(files: Readonly<Record<string, string>>, over: Partial<BuildRequest> = {}) {
      await rm(folder, { recursive: true, force: true });
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      const { archive } = await readBuildContext(folder);
      const engine = createDockerEngine(() => openUnix(target.socketPath));
      const events: BuildEvent[] = [];
      const request = {
        context: archive,
        tag: 'waa-contract/built:1',
        buildArgs: {},
        noCache: false,
        builder,
        ...over,
      };
      const built = await engine
        .buildImage(request, deadline, (event) => events.push(event))
        .catch((error: unknown) => error as Error);
      return { engine, events, built };
    }
    const stepsOf = (events: readonly BuildEvent[]) =>
      events.flatMap((event) => (event.kind === 'step' ? [event] : []));
    const codeOf = (built: unknown) => (built instanceof WaaError ? built.code : built);

    it('builds, tags and labels, and tells every step by number', async () => {
      const { engine, built, events } = await build(
        {
          Dockerfile: `ARG BASE=waa-contract/absent:1\nFROM \${BASE}\nARG REVISION=none\nCOPY a.txt b/ /opt/\nLABEL revision="\${REVISION}"\n`,
          'a.txt': 'hello',
          'b/c.txt': 'there',
        },
        { buildArgs: { BASE: target.image, REVISION: 'r 7' } },
      );
      expect(built).toMatchObject({
        id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
        labels: { revision: 'r 7' },
      });
      expect((await engine.inspectImage('waa-contract/built:1', deadline))?.id).toBe((built as { id: string }).id);
      const last = stepsOf(events).at(-1);
      expect(last).toMatchObject({ state: 'done' });
      expect(last && last.step === last.steps && last.steps >= 2).toBe(true);
    });

    it('takes unchanged steps from the cache, and does not when told so', async () => {
      const files = { Dockerfile: `FROM ${target.image}\nCOPY a.txt /opt/\n`, 'a.txt': 'hello' };
      await build(files);
      const copyStates = async (noCache: boolean) =>
        stepsOf((await build(files, { noCache })).events)
          .filter((event) => event.instruction.startsWith('COPY'))
          .map((event) => event.state);
      expect(await copyStates(false)).toContain('cached');
      expect(await copyStates(true)).not.toContain('cached');
    });

    it('leaves out what .dockerignore says, so that a COPY of it fails at its step', async () => {
      const { built } = await build({
        Dockerfile: `FROM ${target.image}\nCOPY secret.txt /opt/\n`,
        '.dockerignore': 'secret.*\n',
        'secret.txt': 'x',
      });
      expect(built).toMatchObject({
        code: 'DOCKER_BUILD_STEP_FAILED',
        params: { instruction: 'COPY secret.txt /opt/', detail: expect.stringContaining('secret.txt') as string },
      });
    });

    it('names a base image that cannot be had', async () => {
      const { built } = await build({ Dockerfile: 'FROM registry.invalid/nobody/nothing:1\nCOPY a /\n', a: '' });
      expect(built).toMatchObject({
        code: 'DOCKER_BUILD_BASE_FAILED',
        params: { image: expect.stringContaining('registry.invalid/nobody/nothing:1') as string },
      });
    });

    it.each([
      ['an unknown instruction', 'FROM scratch\nBOGUS x\n'],
      ['no stage', 'COPY a /\n'],
    ])('refuses a Dockerfile with %s', async (_what, dockerfile) => {
      expect(codeOf((await build({ Dockerfile: dockerfile, a: '' })).built)).toBe('DOCKER_BUILD_FILE_INVALID');
    });

    it('refuses a name that is none', async () => {
      const { built } = await build({ Dockerfile: 'FROM scratch\nCOPY a /\n', a: '' }, { tag: 'Waa/Built:1' });
      expect(codeOf(built)).toBe('DOCKER_IMAGE_REFERENCE_INVALID');
    });
  });
}
