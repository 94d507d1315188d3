import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { FaultBox, FaultRequest } from './faults/fault-box.js';
import { faultIds, type FaultId } from './faults/faults.js';
import { readBody } from './wire/read-body.js';

/** What the control interface of a running lab can be asked. */
export interface LabControl {
  readonly faults: FaultBox;
  /** What exists in the world, for `waa lab status`. */
  summary(): unknown;
  stop(): void;
}

const faultRequestSchema = z.strictObject({
  id: z.enum(faultIds as readonly [FaultId, ...FaultId[]]),
  times: z.number().int().positive().optional(),
  skip: z.number().int().nonnegative().optional(),
  probability: z.number().min(0).max(1).optional(),
  target: z.string().optional(),
});

/** Largest request body taken. A fault request is a hundred bytes. */
const MAX_BODY = 64 * 1024;

/** Serves the control interface on loopback; every request needs the token. */
export function createControlServer(control: LabControl, token: string): Server {
  return createServer((request, response) => {
    handle(control, token, request, response).catch((error: unknown) => {
      send(response, 400, { error: error instanceof Error ? error.message : String(error) });
    });
  });
}

async function handle(
  control: LabControl,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!sameToken(request.headers.authorization ?? '', `Bearer ${token}`)) {
    send(response, 401, { error: "the lab's token is needed" });
    return;
  }
  const route = `${request.method ?? 'GET'} ${request.url ?? '/'}`;
  switch (route) {
    case 'GET /summary':
      send(response, 200, control.summary());
      return;
    case 'GET /faults':
      send(response, 200, { armed: control.faults.armed, history: control.faults.history });
      return;
    case 'POST /faults': {
      const body = await readBody(request, MAX_BODY);
      if (body === undefined) throw new Error('body too large');
      const asked = faultRequestSchema.parse(JSON.parse(body.toString('utf8')));
      control.faults.arm(withoutUndefined(asked));
      send(response, 200, { armed: control.faults.armed });
      return;
    }
    case 'DELETE /faults':
      control.faults.clear();
      send(response, 200, { armed: control.faults.armed });
      return;
    case 'POST /stop':
      response.once('finish', () => {
        control.stop();
      });
      send(response, 200, { stopping: true });
      return;
    default:
      send(response, 404, { error: `no ${route}` });
  }
}

function sameToken(got: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(got), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(text);
}

/** zod marks absent keys as undefined; the fault box wants them absent. */
function withoutUndefined(asked: z.infer<typeof faultRequestSchema>): FaultRequest {
  const { id, times, skip, probability, target } = asked;
  return {
    id,
    ...(times === undefined ? {} : { times }),
    ...(skip === undefined ? {} : { skip }),
    ...(probability === undefined ? {} : { probability }),
    ...(target === undefined ? {} : { target }),
  };
}
