import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import * as z from 'zod';
import { createBuildReader } from './build-events.js';
import { translateBuildFailure } from './build-failure.js';
import type { BuildEvent, BuildRequest, BuiltImage } from './docker-engine.js';
import { linesOf } from './lines-of.js';
import { readBuiltImage } from './read-answers.js';

/** Docker 23, the first whose own default is BuildKit. 20.10 has it too, but cannot pull for a client without a session. */
const BUILDKIT_API = '1.42';
/** Lines of output kept to explain a failure. */
const TAIL = 20;

const ARGUMENT = /^ARG (\w+)=(.*)$/;
const versionSchema = z.object({ ApiVersion: z.string() });

/** POST /build: tells how it goes and resolves with the finished image. Throws dockerd's refusals as they came. */
export async function buildImage(
  docker: Dockerode,
  request: BuildRequest,
  onEvent: (event: BuildEvent) => void,
): Promise<BuiltImage> {
  const { tag, buildArgs, noCache } = request;
  const builder = request.builder ?? (await defaultBuilder(docker));
  const stream = await docker.buildImage(Readable.from([request.context], { objectMode: false }), {
    t: tag,
    buildargs: { ...buildArgs },
    nocache: noCache,
    rm: true,
    forcerm: true,
    version: builder === 'buildkit' ? '2' : '1',
  });
  const read = createBuildReader();
  const values: Record<string, string> = {};
  let place = { step: 0, instruction: '' };
  const output: string[] = [];
  let id: string | undefined;
  for await (const line of linesOf(stream)) {
    const { events, imageId, error } = read(line);
    id = imageId ?? id;
    for (const event of events) {
      if (event.kind === 'output') output.push(event.text);
      else if (event.kind === 'step' && event.state !== 'done') place = event;
      const [, name, value] = (event.kind === 'step' && ARGUMENT.exec(event.instruction)) || [];
      if (name !== undefined) values[name] = value ?? '';
      onEvent(event);
    }
    if (error !== undefined) {
      const instruction = withArguments(place.instruction, { ...values, ...buildArgs });
      throw translateBuildFailure(error, { tag, step: place.step, instruction, output: output.slice(-TAIL) });
    }
  }
  return readBuiltImage(await docker.getImage(id ?? tag).inspect());
}

async function defaultBuilder(docker: Dockerode): Promise<'buildkit' | 'classic'> {
  const { ApiVersion } = versionSchema.parse(await docker.version());
  const [ours = [], theirs = []] = [BUILDKIT_API, ApiVersion].map((version) => version.split('.').map(Number));
  const newer = (theirs[0] ?? 0) - (ours[0] ?? 0) || (theirs[1] ?? 0) - (ours[1] ?? 0);
  return newer >= 0 ? 'buildkit' : 'classic';
}

/** The classic builder shows `FROM ${BASE}` as it stands in the file. */
const withArguments = (instruction: string, values: Readonly<Record<string, string>>): string =>
  instruction.replace(/\$\{?(\w+)\}?/g, (written, name: string) => values[name] ?? written);
