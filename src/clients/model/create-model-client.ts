import * as z from 'zod';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { modelFailure } from './model-failure.js';
import { modelRequests, type ModelRequest } from './model-requests.js';
import type { ModelClient, ModelTarget } from './model.js';

const namedModel = z.object({ model: z.string() });
const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** A refusal that proves the model works: a reasoning model spent the few allowed tokens on thinking. */
const REACHED_LIMIT = /max_tokens or model output limit was reached/;
/** A server that only knows the older name of the parameter. */
const OLD_PARAMETER = /max_completion_tokens/;

/**
 * Talks to OpenAI, Azure OpenAI and Anthropic over HTTPS. One try a call: whoever calls decides about retries.
 * Raises CLIENT_MODEL_*; an abort by a person rejects with the signal's reason.
 */
export function createModelClient(): ModelClient {
  return {
    async probe(target, apiKey, deadline) {
      const requests = modelRequests(target);
      let answer = await send(target, requests.probe('max_completion_tokens'), apiKey, deadline);
      if (answer.status === 400 && OLD_PARAMETER.test(answer.text)) {
        answer = await send(target, requests.probe('max_tokens'), apiKey, deadline);
      }
      if (answer.status === 400 && REACHED_LIMIT.test(answer.text)) return target.model;
      if (answer.status !== 200) throw modelFailure(target, answer);
      return parse(target, namedModel, answer.text).model;
    },
    async listModels(target, apiKey, deadline) {
      const request = modelRequests(target).list;
      if (!request) return [];
      const answer = await send(target, request, apiKey, deadline);
      if (answer.status !== 200) throw modelFailure(target, answer);
      return parse(target, modelList, answer.text).data.map((entry) => entry.id);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}

async function send(target: ModelTarget, request: ModelRequest, apiKey: string, deadline: Deadline): Promise<Answer> {
  try {
    const response = await fetch(request.url, {
      method: request.body === undefined ? 'GET' : 'POST',
      headers: {
        ...request.headers(apiKey),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: 'error',
      signal: deadline.signal,
    });
    return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
  } catch (error) {
    if (deadline.signal.aborted && !deadline.expired) throw deadline.signal.reason;
    const inner = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    const reason = deadline.expired
      ? `no answer within ${Math.round(deadline.totalMs / 1000)} s`
      : inner || String(error);
    throw fail('CLIENT_MODEL_UNREACHABLE', { provider: target.provider, reason }, { cause: error });
  }
}

function parse<T>(target: ModelTarget, schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const message = `an answer that is none: ${text.slice(0, 120)}`;
    throw fail(
      'CLIENT_MODEL_REFUSED',
      { provider: target.provider, model: target.model, status: 200, message },
      { cause },
    );
  }
}
