import * as z from 'zod';
import { parseImageReference } from '../../../config/image-reference.js';
import { EngineError } from '../../world/docker/engine-error.js';
import type { PullUpdate, PullWatcher } from '../../world/docker/image-pull.js';
import { parseFilters } from './filters.js';
import { imageInspectShape, imageListShape } from './image-shapes.js';
import type { RawStream } from './reply.js';
import { flag, route, type Call, type Route } from './route.js';

/** /images/*. */
export const imageRoutes: readonly Route[] = [
  route('GET /images/json', ({ engine, query, reply }) => {
    const filters = parseFilters(query, ['reference', 'dangling', 'label', 'before', 'since', 'until']);
    const wanted = filters['reference'];
    const images = [...engine.core.state.images.values()].filter((image) => {
      const { tags, digests } = engine.images.namesOf(image.id);
      const isNamed = (name: string): boolean =>
        [...tags, ...digests].some((one) => one === name || one.startsWith(`${name}:`));
      const dangles = tags.length === 0;
      const wantsDangling = filters['dangling']?.[0];
      return (
        (!wanted?.length || wanted.some(isNamed)) &&
        (wantsDangling === undefined || /^(true|1)$/.test(wantsDangling) === dangles)
      );
    });
    reply.json(
      200,
      images.map((image) => imageListShape(engine, image)),
    );
  }),
  route('POST /images/create', pull),
  route('POST /images/{name*}/push', push),
  route('POST /images/prune', ({ engine, query, reply }) => {
    const filters = parseFilters(query, ['dangling', 'label', 'label!', 'until']);
    const dangling = !/^(false|0)$/.test(filters['dangling']?.[0] ?? 'true');
    const { deleted, freedBytes } = engine.images.prune(dangling);
    const ImagesDeleted = deleted.length > 0 ? deleted.map((Deleted) => ({ Deleted })) : null;
    reply.json(200, { ImagesDeleted, SpaceReclaimed: freedBytes });
  }),
  route('GET /images/{name*}/json', ({ engine, params, reply }) => {
    reply.json(200, imageInspectShape(engine, engine.images.find(params['name'] ?? '')));
  }),
  route('POST /images/{name*}/tag', ({ engine, params, query, reply }) => {
    engine.images.tag(params['name'] ?? '', query.get('repo') ?? '', query.get('tag') ?? '');
    reply.empty(201);
  }),
  route('DELETE /images/{name*}', ({ engine, params, query, reply }) => {
    reply.json(200, engine.images.remove(params['name'] ?? '', flag(query, 'force')));
  }),
];

function pull({ engine, query, headers, reply }: Call): void {
  const reference = referenceOf(query);
  const password = registryAuth(headers)?.password;
  reply.onClose(engine.pull(reference, lineStream(reply), password));
}

/** As a pull; the login is demanded, as dockerd does. */
function push({ engine, params, query, headers, reply }: Call): void {
  const auth = registryAuth(headers);
  if (!auth) throw new EngineError(400, 'Bad parameters and missing X-Registry-Auth: EOF');
  const name = `${params['name'] ?? ''}:${query.get('tag') ?? 'latest'}`;
  reply.onClose(engine.push(name, auth, lineStream(reply)));
}

/** Until the first line is out a failure is a status; afterwards it is a line of the stream, as with dockerd. */
function lineStream(reply: Call['reply']): PullWatcher {
  let stream: RawStream | undefined;
  const say = (line: unknown): void => {
    stream ??= reply.stream('application/json');
    stream.write(`${JSON.stringify(line)}\r\n`);
  };
  return {
    update: (update) => {
      say(progressLine(update));
      if (update.digest !== undefined) say({ progressDetail: {}, aux: { Digest: update.digest } });
    },
    done(error) {
      if (error && !stream) reply.json(error.status, { message: error.message });
      else if (error) say({ errorDetail: { message: error.message }, error: error.message });
      stream?.end();
    },
  };
}

const authSchema = z.object({ username: z.string(), password: z.string() });

/** The login a client sends along: base64 of JSON, either alphabet. https://docs.docker.com/reference/api/engine/#section/Authentication */
function registryAuth(headers: Call['headers']) {
  const text = headers['x-registry-auth'];
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return authSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function referenceOf(query: URLSearchParams): string {
  const name = query.get('fromImage') ?? '';
  const tag = query.get('tag') ?? '';
  if (name === '') throw new EngineError(400, 'fromSrc is not served by the lab: only pulls are');
  if (tag === '') return name;
  const parsed = parseImageReference(name);
  if ('invalid' in parsed) throw new EngineError(400, parsed.invalid);
  // A tag or digest of its own replaces the one in the name (moby, ImageService.PullImage).
  const bare = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  return tag.startsWith('sha256:') ? `${bare}@${tag}` : `${bare}:${tag}`;
}

function progressLine({ status, id, current, total }: PullUpdate): unknown {
  if (current === undefined || total === undefined)
    return { status, ...(id === undefined ? {} : { progressDetail: {}, id }) };
  const filled = Math.round((current / total) * 50);
  const bar = `${'='.repeat(Math.max(0, filled - 1))}>`.padEnd(50);
  return {
    status,
    progressDetail: { current, total },
    progress: `[${bar}]  ${megabytes(current)}/${megabytes(total)}`,
    id,
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toPrecision(4)}MB`;
