import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { FaultBox } from '../../faults/fault-box.js';
import { readBody } from '../read-body.js';

/** Models of the lab's provider; any other name is refused as the real API refuses it. */
export const labModels = [
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-4.1',
  'gpt-5',
  'o4-mini',
  'claude-sonnet-4-5',
  'claude-opus-4-1',
] as const;

const chatCall = z.object({ model: z.string().optional(), messages: z.array(z.unknown()).min(1) });
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * A model API: OpenAI (`.../chat/completions`, `.../models`), Azure OpenAI (`.../deployments/<model>/chat/completions`)
 * and Anthropic (`.../messages`), under any path prefix. Every key is good unless it contains `invalid` or the fault
 * `client-model-key-invalid` strikes. Answers false when the path is not one of its own.
 */
export function createModelHandler(faults: FaultBox): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const path = new URL(request.url ?? '/', 'http://model').pathname;
    const dialect = dialectOf(path);
    if (!dialect) return false;
    void handle(faults, dialect, path, request, response);
    return true;
  };
}

type Dialect = 'openai' | 'azure' | 'anthropic' | 'list';

function dialectOf(path: string): Dialect | undefined {
  if (/\/deployments\/[^/]+\/chat\/completions$/.test(path)) return 'azure';
  if (path.endsWith('/chat/completions')) return 'openai';
  if (path.endsWith('/v1/messages')) return 'anthropic';
  return path.endsWith('/v1/models') ? 'list' : undefined;
}

async function handle(
  faults: FaultBox,
  dialect: Dialect,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const body = (await readBody(request, MAX_BODY_BYTES))?.toString('utf8') ?? '';
  const key = keyOf(request);
  if (key === '' || key.includes('invalid') || (dialect !== 'list' && faults.strikes('client-model-key-invalid'))) {
    send(401, error(`Incorrect API key provided: ${masked(key)}.`, 'invalid_request_error', 'invalid_api_key'));
    return;
  }
  if (dialect === 'list') {
    send(200, { object: 'list', data: labModels.map((id) => ({ id, object: 'model', owned_by: 'lab' })) });
    return;
  }
  const call = parseCall(body);
  if (!call) {
    send(400, error('We could not parse the JSON body of your request.', 'invalid_request_error', null));
    return;
  }
  const model = dialect === 'azure' ? decodeURIComponent(path.split('/').at(-3) ?? '') : (call.model ?? '');
  if (!labModels.some((known) => known === model)) {
    send(
      404,
      error(
        `The model \`${model}\` does not exist or you do not have access to it.`,
        'invalid_request_error',
        'model_not_found',
      ),
    );
    return;
  }
  send(
    200,
    dialect === 'anthropic'
      ? {
          id: 'msg_lab',
          type: 'message',
          role: 'assistant',
          model,
          content: [{ type: 'text', text: 'ok' }],
          stop_reason: 'end_turn',
          usage: { input_tokens: 10, output_tokens: 1 },
        }
      : {
          id: 'chatcmpl-lab',
          object: 'chat.completion',
          model,
          choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
        },
  );
}

function keyOf(request: IncomingMessage): string {
  const header = (name: string): string => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : '';
  };
  return header('authorization').replace(/^Bearer /, '') || header('api-key') || header('x-api-key');
}

/** As OpenAI shows a wrong key: ends only. */
function masked(key: string): string {
  return key.length < 8 ? '***' : `${key.slice(0, 3)}***${key.slice(-2)}`;
}

function error(message: string, type: string, code: string | null): unknown {
  return { error: { message, type, param: null, code } };
}

function parseCall(body: string): z.infer<typeof chatCall> | undefined {
  try {
    return chatCall.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}
