import { EngineError } from '../../world/docker/engine-error.js';
import type { StoredContainer } from '../../world/docker/engine-state.js';
import { inspectShape, listShape } from './container-shapes.js';
import { parseCreateBody } from './create-body.js';
import { CONTAINER_FILTERS, matchesContainer, parseFilters } from './filters.js';
import { flag, route, type Call, type Route } from './route.js';

/** /containers/*, but for logs, attach and exec. */
export const containerRoutes: readonly Route[] = [
  route('GET /containers/json', ({ engine, query, reply }) => {
    const filters = parseFilters(query, CONTAINER_FILTERS);
    const showsAll = flag(query, 'all') || filters['status'] !== undefined || filters['exited'] !== undefined;
    const limit = Number(query.get('limit') ?? 0);
    const found = engine.containers
      .list()
      .filter((container) => (showsAll || container.state === 'running') && matchesContainer(container, filters))
      .reverse();
    const shown = limit > 0 ? found.slice(0, limit) : found;
    reply.json(
      200,
      shown.map((container) => listShape(engine.core, container)),
    );
  }),
  route('POST /containers/create', ({ engine, query, body, reply }) => {
    const config = parseCreateBody(body, () => engine.core.simulation.random());
    const { id } = engine.containers.create(query.get('name') ?? undefined, config);
    reply.json(201, { Id: id, Warnings: [] });
  }),
  route('POST /containers/prune', ({ engine, query, reply }) => {
    const filters = parseFilters(query, ['label', 'label!', 'until']);
    const deleted: string[] = [];
    for (const container of engine.containers.list()) {
      if (container.state === 'running' || !matchesContainer(container, filters)) continue;
      engine.runner.remove(container, false);
      deleted.push(container.id);
    }
    reply.json(200, { ContainersDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: 0 });
  }),
  route('GET /containers/{id}/json', (call) => {
    call.reply.json(200, inspectShape(call.engine.core, containerOf(call)));
  }),
  route('POST /containers/{id}/start', (call) => {
    call.engine.runner.start(containerOf(call), answer(call));
  }),
  route('POST /containers/{id}/stop', (call) => {
    call.engine.runner.stop(containerOf(call), seconds(call), answer(call));
  }),
  route('POST /containers/{id}/restart', (call) => {
    const container = containerOf(call);
    call.engine.runner.stop(container, seconds(call), () => {
      call.engine.runner.start(container, answer(call));
    });
  }),
  route('POST /containers/{id}/kill', (call) => {
    call.engine.runner.kill(containerOf(call), call.query.get('signal') ?? 'SIGKILL');
    call.reply.empty(204);
  }),
  route('DELETE /containers/{id}', (call) => {
    call.engine.runner.remove(containerOf(call), flag(call.query, 'force'));
    call.reply.empty(204);
  }),
  route('POST /containers/{id}/wait', wait),
];

/** The container a call names; 404 when there is none. */
export function containerOf({ engine, params }: Call): StoredContainer {
  return engine.containers.find(params['id'] ?? '');
}

function seconds({ query }: Call): number | undefined {
  const text = query.get('t');
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw new EngineError(400, `strconv.Atoi: parsing "${text}": invalid syntax`);
  return Number(text);
}

const answer =
  ({ reply }: Call) =>
  (error?: EngineError): void => {
    if (!error) reply.empty(204);
    else if (error.status === 304) reply.empty(304);
    else reply.json(error.status, { message: error.message });
  };

/** The headers go out at once, so a client can be sure it waits before it starts the container. */
function wait(call: Call): void {
  const { engine, query, reply } = call;
  const container = containerOf(call);
  const condition = query.get('condition') || 'not-running';
  if (!['not-running', 'next-exit', 'removed'].includes(condition)) {
    throw new EngineError(400, `invalid condition: "${condition}"`);
  }
  const stream = reply.stream('application/json');
  const end = (): void => {
    stream.write(`${JSON.stringify({ StatusCode: container.exitCode })}\n`);
    stream.end();
  };
  if (condition === 'not-running' && container.state !== 'running') {
    end();
  } else if (condition === 'removed') {
    const { listeners } = engine.core;
    const listener = (event: { action: string; actorId: string }): void => {
      if (event.action !== 'destroy' || event.actorId !== container.id) return;
      listeners.delete(listener);
      end();
    };
    listeners.add(listener);
    reply.onClose(() => listeners.delete(listener));
  } else {
    reply.onClose(engine.runner.onceEnded(container.id, end));
  }
}
