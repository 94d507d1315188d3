import { EngineError } from '../../world/docker/engine-error.js';
import type { LogEntry, StoredContainer } from '../../world/docker/engine-state.js';
import { containerOf } from './container-routes.js';
import { nanoFixed } from './go-time.js';
import type { RawStream } from './reply.js';
import { flag, route, type Call, type Route } from './route.js';

/** Both outputs in one stream, each portion with a header of 8 bytes; without headers when there is a terminal. */
export const RAW = 'application/vnd.docker.raw-stream';
export const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream';
const STREAM_NUMBER = { stdout: 1, stderr: 2 } as const;

/** One portion of output as it travels: stream number, three zeros, length big-endian, bytes. */
export function frame(stream: LogEntry['stream'], text: string, tty: boolean): Buffer {
  const payload = Buffer.from(text, 'utf8');
  if (tty) return payload;
  const header = Buffer.alloc(8);
  header.writeUInt8(STREAM_NUMBER[stream], 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** /containers/{id}/logs and /attach. */
export const logRoutes: readonly Route[] = [
  route('GET /containers/{id}/logs', (call) => {
    const { query } = call;
    const container = containerOf(call);
    const streams = wantedStreams(query);
    if (streams.length === 0) throw new EngineError(400, 'Bad parameters: you must choose at least one stream');
    const sinceMs = Number(query.get('since') ?? 0) * 1000;
    const untilMs = Number(query.get('until') ?? 0) * 1000;
    const stored = container.log.filter(
      ({ at, stream }) => streams.includes(stream) && at >= sinceMs && (untilMs <= 0 || at <= untilMs),
    );
    const stream = call.reply.stream(container.config.tty ? RAW : MULTIPLEXED);
    const write = writer(container, stream, flag(query, 'timestamps'));
    for (const entry of tail(stored, query.get('tail'))) write(entry);
    if (flag(query, 'follow') && container.state === 'running') follow(call, container, streams, stream, write);
    else stream.end();
  }),
  route('POST /containers/{id}/attach', (call) => {
    const { query } = call;
    const container = containerOf(call);
    const streams = wantedStreams(query);
    const stream = call.reply.hijack(container.config.tty ? RAW : MULTIPLEXED);
    const write = writer(container, stream, false);
    if (flag(query, 'logs')) for (const entry of container.log) if (streams.includes(entry.stream)) write(entry);
    if (flag(query, 'stream')) follow(call, container, streams, stream, write);
    else stream.end();
  }),
];

function wantedStreams(query: URLSearchParams): readonly LogEntry['stream'][] {
  return (['stdout', 'stderr'] as const).filter((name) => flag(query, name));
}

/** The last lines: `all`, or a number; anything else is all, as in dockerd. */
function tail(entries: readonly LogEntry[], wanted: string | null): readonly LogEntry[] {
  if (wanted === null || !/^\d+$/.test(wanted)) return entries;
  return Number(wanted) === 0 ? [] : entries.slice(-Number(wanted));
}

function writer(container: StoredContainer, stream: RawStream, timestamps: boolean): (entry: LogEntry) => void {
  return (entry) => {
    const text = timestamps ? `${nanoFixed(entry.at)} ${entry.text}` : entry.text;
    stream.write(frame(entry.stream, text, container.config.tty));
  };
}

/** Writes what comes until the container ends or the client goes. */
function follow(
  { engine, reply }: Call,
  container: StoredContainer,
  streams: readonly LogEntry['stream'][],
  stream: RawStream,
  write: (entry: LogEntry) => void,
): void {
  const stopLogs = engine.logs.follow(container.id, (entry) => {
    if (streams.includes(entry.stream)) write(entry);
  });
  const stopWaiting = engine.runner.onceEnded(container.id, () => {
    stopLogs();
    stream.end();
  });
  reply.onClose(() => {
    stopLogs();
    stopWaiting();
  });
}
