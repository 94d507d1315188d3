import { parseImageReference } from '../../../config/image-reference.js';
import { EngineError } from '../../world/docker/engine-error.js';
import type { PullUpdate } from '../../world/docker/image-pull.js';
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

/** Until the first line is out a failure is a status; afterwards it is a line of the stream, as with dockerd. */
function pull({ engine, query, reply }: Call): void {
  const reference = referenceOf(query);
  let stream: RawStream | undefined;
  const say = (line: unknown): void => {
    stream ??= reply.stream('application/json');
    stream.write(`${JSON.stringify(line)}\r\n`);
  };
  const stop = engine.pull(reference, {
    update: (update) => {
      say(progressLine(update));
    },
    done(error) {
      if (error && !stream) reply.json(error.status, { message: error.message });
      else if (error) say({ errorDetail: { message: error.message }, error: error.message });
      stream?.end();
    },
  });
  reply.onClose(stop);
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
