import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { tryJson } from '../../try-json.js';
import { httpCall, type HttpAnswer, type HttpCall } from './http-call.js';
import type { WaaServer } from './waa-server.js';

const executeAnswer = z.object({
  status: z.string(),
  output: z.string(),
  error: z.string(),
  returncode: z.number().int(),
});
const treeAnswer = z.object({ AT: z.string() });
const sizeAnswer = z.object({ width: z.number().int().positive(), height: z.number().int().positive() });
const errorAnswer = z.object({ message: z.string() });

const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The last chunk of every whole PNG: https://www.w3.org/TR/png-3/#11IEND */
const PNG_END = Buffer.from([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);

/** Flask puts a wrong path or an unreadable body into a 500 whose message begins with the true status. */
const WRAPPED_CALL_ERROR = /^(400 Bad Request|404 Not Found|405 Method Not Allowed|415 Unsupported Media Type)/;

/**
 * The WAA server behind `openStream`, which opens one stream to port 5000 of the guest per call (normally forwarded
 * through SSH). See {@link WaaServer} for the calls; raises SERVER_* failures.
 */
export function createWaaServer(openStream: (deadline: Deadline) => Promise<Duplex>): WaaServer {
  const ask = async (call: HttpCall, deadline: Deadline): Promise<HttpAnswer> => {
    const answer = await httpCall(openStream, call, deadline);
    if (answer.status === 200) return answer;
    throw refused(call, answer);
  };
  const askJson = async <T>(call: HttpCall, schema: z.ZodType<T>, deadline: Deadline): Promise<T> =>
    parse(call, await ask(call, deadline), schema);

  return {
    async probe(deadline) {
      const call: HttpCall = { method: 'GET', path: '/probe' };
      try {
        await askJson(call, z.object({ status: z.string() }), deadline);
      } catch (error) {
        // Docker's proxy accepts for a published port and hangs up when nobody listens behind it.
        if (error instanceof WaaError && error.code === 'SERVER_CONNECTION_LOST')
          throw fail('SERVER_NOT_LISTENING', { call: nameOf(call) }, { cause: error });
        throw error;
      }
    },
    async execute(command, deadline) {
      const call: HttpCall = { method: 'POST', path: '/execute', json: { command, shell: false } };
      const { output, error, returncode } = await askJson(call, executeAnswer, deadline);
      return { output, error, returnCode: returncode };
    },
    async screenshot(deadline) {
      const { body } = await ask({ method: 'GET', path: '/screenshot' }, deadline);
      const call = 'GET /screenshot';
      if (!body.subarray(0, PNG_START.length).equals(PNG_START))
        throw fail('SERVER_BAD_ANSWER', { call, got: shorten(body) });
      if (!body.subarray(-PNG_END.length).equals(PNG_END))
        throw fail('SERVER_BAD_ANSWER', { call, got: 'a PNG that is cut off' });
      return body;
    },
    async accessibilityTree(backend, deadline) {
      const call: HttpCall = { method: 'GET', path: `/accessibility?backend=${backend}` };
      return (await askJson(call, treeAnswer, deadline)).AT;
    },
    screenSize: (deadline) => askJson({ method: 'POST', path: '/screen_size', json: {} }, sizeAnswer, deadline),
    async closeAll(deadline) {
      await ask({ method: 'POST', path: '/setup/close_all', json: {} }, deadline);
    },
    async clearTaskFiles(deadline) {
      const call: HttpCall = { method: 'POST', path: '/setup/clear_task_files', json: {} };
      const { body } = await ask(call, deadline);
      if (body.toString('utf8').startsWith('Failed to remove'))
        throw fail('SERVER_ERROR', { call: nameOf(call), status: 200, message: shorten(body) });
    },
    async shutdown(deadline) {
      await ask({ method: 'POST', path: '/shutdown', json: {} }, deadline);
    },
  };
}

function parse<T>(call: HttpCall, answer: HttpAnswer, schema: z.ZodType<T>): T {
  let raw: unknown;
  try {
    raw = JSON.parse(answer.body.toString('utf8'));
  } catch (cause) {
    throw fail('SERVER_BAD_ANSWER', { call: nameOf(call), got: shorten(answer.body) }, { cause });
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw fail('SERVER_BAD_ANSWER', { call: nameOf(call), got: shorten(answer.body) }, { cause: result.error });
}

function refused(call: HttpCall, answer: HttpAnswer): Error {
  const message = messageOf(answer);
  if (answer.status >= 500 && !WRAPPED_CALL_ERROR.test(message)) {
    return fail('SERVER_ERROR', { call: nameOf(call), status: answer.status, message });
  }
  return answer.status >= 400
    ? fail('SERVER_CALL_REFUSED', { call: nameOf(call), message })
    : fail('SERVER_BAD_ANSWER', { call: nameOf(call), got: `status ${answer.status}` });
}

function messageOf(answer: HttpAnswer): string {
  const parsed = errorAnswer.safeParse(tryJson(answer.body.toString('utf8')));
  // Of what is no such answer the text itself is all there is to say.
  return parsed.success ? parsed.data.message : shorten(answer.body);
}

function nameOf(call: HttpCall): string {
  return `${call.method} ${call.path.split('?')[0] ?? call.path}`;
}

function shorten(body: Buffer): string {
  const text = body
    .subarray(0, 200)
    .toString('utf8')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  return text === '' ? 'an empty answer' : text;
}
