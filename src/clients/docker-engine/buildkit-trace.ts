import protobuf from 'protobufjs/light.js';
import * as z from 'zod';

/**
 * The part of BuildKit's StatusResponse that tells how a build goes (moby/buildkit, api/services/control/control.proto).
 * Docker's `/build?version=2` sends one with each line `moby.buildkit.trace`, base64 in `aux`.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Timestamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        name: { type: 'string', id: 3 },
        cached: { type: 'bool', id: 4 },
        started: { type: 'Timestamp', id: 5 },
        completed: { type: 'Timestamp', id: 6 },
        error: { type: 'string', id: 7 },
      },
    },
    VertexStatus: {
      fields: {
        ID: { type: 'string', id: 1 },
        vertex: { type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        current: { type: 'int64', id: 4 },
        total: { type: 'int64', id: 5 },
      },
    },
    VertexLog: { fields: { vertex: { type: 'string', id: 1 }, msg: { type: 'bytes', id: 4 } } },
    StatusResponse: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        statuses: { rule: 'repeated', type: 'VertexStatus', id: 2 },
        logs: { rule: 'repeated', type: 'VertexLog', id: 3 },
      },
    },
  },
});
const statusResponse = root.lookupType('StatusResponse');

const timestamp = z.object({ seconds: z.number().default(0) }).optional();
const traceSchema = z.object({
  vertexes: z
    .array(
      z.object({
        digest: z.string(),
        name: z.string().default(''),
        cached: z.boolean().default(false),
        started: timestamp,
        completed: timestamp,
        error: z.string().default(''),
      }),
    )
    .default([]),
  statuses: z
    .array(
      z.object({
        ID: z.string(),
        vertex: z.string().default(''),
        name: z.string().default(''),
        current: z.number().default(0),
        total: z.number().default(0),
      }),
    )
    .default([]),
  logs: z.array(z.object({ vertex: z.string().default(''), msg: z.instanceof(Uint8Array) })).default([]),
});

/** One message of a build by BuildKit. A vertex is a step; it is sent again whenever it changed. */
export type BuildkitTrace = z.infer<typeof traceSchema>;

/** Reads the `aux` of a trace line. Throws for what is no such message. */
export function decodeTrace(aux: string): BuildkitTrace {
  const message = statusResponse.decode(Buffer.from(aux, 'base64'));
  return traceSchema.parse(statusResponse.toObject(message, { longs: Number }));
}

/** The `aux` of a trace line. */
export function encodeTrace(trace: Partial<z.input<typeof traceSchema>>): string {
  return Buffer.from(statusResponse.encode(statusResponse.fromObject(trace)).finish()).toString('base64');
}
