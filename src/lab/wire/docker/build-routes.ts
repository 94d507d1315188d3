import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import * as z from 'zod';
import { parseDockerfile } from '../../world/docker/dockerfile.js';
import { EngineError } from '../../world/docker/engine-error.js';
import type { BuildOrder } from '../../world/docker/image-build.js';
import { buildkitWatcher, classicWatcher } from './build-output.js';
import type { RawStream } from './reply.js';
import { flag, route, type Call, type Route } from './route.js';

/** POST /build, and the session that BuildKit's clients open beside it. */
export const buildRoutes: readonly Route[] = [
  route('POST /build', (call) => {
    readContext(call.body)
      .then((files) => {
        answer(call, files);
      })
      .catch((error: unknown) => {
        call.reply.json(500, { message: error instanceof Error ? error.message : String(error) });
      });
  }),
  // The client waits at the other end for BuildKit to ask for credentials; the lab's registries want none.
  route('POST /session', ({ reply }) => {
    reply.hijack('application/vnd.docker.raw-stream');
  }),
];

function answer(call: Call, files: ReadonlyMap<string, string>): void {
  const { engine, query, reply } = call;
  let stream: RawStream | undefined;
  const say = (line: unknown): void => {
    stream ??= reply.stream('application/json');
    stream.write(`${JSON.stringify(line)}\r\n`);
  };
  const isBuildkit = query.get('version') === '2';
  try {
    const order = orderOf(query, files);
    const voice = {
      say,
      end: () => stream?.end(),
      tag: order.tag,
      now: () => Math.floor(engine.core.simulation.now / 1000),
    };
    const globals = parseDockerfile(order.dockerfile).global.map(({ text }) => text);
    const watcher = isBuildkit ? buildkitWatcher(voice) : classicWatcher(voice, globals);
    reply.onClose(engine.build(order, watcher));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // BuildKit reads the Dockerfile when the answer has begun already; a wrong name is refused before, as 500.
    if (/invalid reference format/.test(error.message)) reply.json(500, { message: error.message });
    else if (!isBuildkit) reply.json(error.status, { message: error.message });
    else {
      const message = `failed to solve: ${error.message}`;
      say({ errorDetail: { message }, error: message });
      stream?.end();
    }
  }
}

function orderOf(query: URLSearchParams, files: ReadonlyMap<string, string>): BuildOrder {
  const name = query.get('dockerfile') ?? 'Dockerfile';
  const dockerfile = files.get(name);
  if (dockerfile === undefined) throw new EngineError(500, `Cannot locate specified Dockerfile: ${name}`);
  const tag = query.get('t') ?? '';
  if (tag === '') throw new EngineError(400, 'the lab builds with a tag only');
  return {
    dockerfile: Buffer.from(dockerfile, 'latin1').toString('utf8'),
    context: new Map([...files].map(([path, text]) => [path, text.length])),
    tag,
    buildArgs: buildArgsOf(query.get('buildargs')),
    noCache: flag(query, 'nocache'),
  };
}

function buildArgsOf(text: string | null): Readonly<Record<string, string>> {
  if (text === null || text === '') return {};
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch {
    throw new EngineError(400, 'error reading build args: invalid value');
  }
}

/** Files of a tar archive, gzipped or not; as latin1, so that a length is one of bytes. */
async function readContext(body: Buffer): Promise<ReadonlyMap<string, string>> {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const files = new Map<string, string>();
  const entries = extract();
  Readable.from([isGzip ? gunzipSync(body) : body], { objectMode: false }).pipe(entries);
  try {
    for await (const entry of entries) {
      const text = Buffer.from(await buffer(entry)).toString('latin1');
      if (entry.header.type === 'file') files.set(entry.header.name.replace(/^\.\//, ''), text);
    }
  } catch (error) {
    throw new Error(`Error processing tar file: ${error instanceof Error ? error.message : String(error)}`);
  }
  return files;
}
