import * as z from 'zod';
import { fail, type WaaError } from '../../failures/waa-error.js';
import { tryJson } from '../../try-json.js';
import type { ModelTarget } from './model.js';

/** OpenAI and Azure: `{error: {message, code, type}}`; Anthropic: `{type: 'error', error: {type, message}}`. */
const errorBody = z.object({
  error: z.object({ message: z.string().nullish(), code: z.string().nullish(), type: z.string().nullish() }),
});

/** Where a 429 names no time: the providers' limits count by the minute. */
const DEFAULT_RETRY_AFTER_MS = 20_000;

/** What an error answer of a model API means. A 429 without credit is told from a rate limit by its code. */
export function modelFailure(
  target: ModelTarget,
  answer: { readonly status: number; readonly text: string; readonly retryAfter: string | null },
): WaaError {
  const { provider, model } = target;
  const { message, code } = read(answer.text);
  const { status } = answer;
  if (status === 401) return fail('CLIENT_MODEL_KEY_INVALID', { provider, model });
  if (code === 'insufficient_quota' || status === 402 || /credit balance is too low/.test(message)) {
    return fail('CLIENT_MODEL_NO_CREDIT', { provider });
  }
  if (status === 404) return fail('CLIENT_MODEL_UNKNOWN', { provider, model, nearest: 'none' });
  if (status === 403) return fail('CLIENT_MODEL_FORBIDDEN', { provider, model, message });
  if (status === 429) {
    const seconds = Number(answer.retryAfter ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : DEFAULT_RETRY_AFTER_MS;
    return fail('CLIENT_MODEL_RATE_LIMITED', { provider, model, retryAfterMs });
  }
  if (status >= 500) return fail('CLIENT_MODEL_UNREACHABLE', { provider, reason: `status ${status}: ${message}` });
  return fail('CLIENT_MODEL_REFUSED', { provider, model, status, message });
}

function read(text: string): { message: string; code: string } {
  const plain = { message: text.slice(0, 200).replace(/\s+/g, ' ').trim(), code: '' };
  const parsed = errorBody.safeParse(tryJson(text));
  // An HTML page of a proxy, or nothing: its beginning is the message.
  if (!parsed.success) return plain;
  const { message, code, type } = parsed.data.error;
  return { message: message ?? plain.message, code: code ?? type ?? '' };
}
