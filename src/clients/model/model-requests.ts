import { fail } from '../../failures/waa-error.js';
import type { ModelTarget } from './model.js';

export interface ModelRequest {
  readonly url: string;
  /** Headers with the key. The only place where it stands in the clear. */
  headers(apiKey: string): Record<string, string>;
  /** POST with this body; a GET without. */
  readonly body?: unknown;
}

export interface ModelRequests {
  probe(limitParameter: 'max_completion_tokens' | 'max_tokens'): ModelRequest;
  /** Undefined where a key may not list what is deployed (Azure OpenAI's data plane). */
  readonly list: ModelRequest | undefined;
}

const QUESTION = [{ role: 'user', content: 'Say ok.' }];
/** Enough for an answer, too little to cost anything that shows on a bill. */
const TOKENS = 16;

/**
 * The two calls of each provider as data. Sources: https://platform.openai.com/docs/api-reference/chat,
 * https://learn.microsoft.com/azure/ai-services/openai/reference (2024-10-21), https://docs.anthropic.com/en/api/messages.
 */
export function modelRequests(target: ModelTarget): ModelRequests {
  switch (target.provider) {
    case 'openai': {
      const base = versioned(target.endpoint ?? 'https://api.openai.com');
      const headers = (apiKey: string): Record<string, string> => ({ authorization: `Bearer ${apiKey}` });
      return {
        probe: (limit) => ({
          url: `${base}/chat/completions`,
          headers,
          body: { model: target.model, messages: QUESTION, [limit]: TOKENS },
        }),
        list: { url: `${base}/models`, headers },
      };
    }
    case 'azure-openai': {
      if (target.endpoint === undefined) throw fail('CLIENT_MODEL_ENDPOINT_MISSING', { provider: 'Azure OpenAI' });
      const deployment = encodeURIComponent(target.model);
      const url = `${trimmed(target.endpoint)}/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;
      const headers = (apiKey: string): Record<string, string> => ({ 'api-key': apiKey });
      return { probe: (limit) => ({ url, headers, body: { messages: QUESTION, [limit]: TOKENS } }), list: undefined };
    }
    case 'anthropic': {
      const base = versioned(target.endpoint ?? 'https://api.anthropic.com');
      const headers = (apiKey: string): Record<string, string> => ({
        'x-api-key': apiKey,
        'anthropic-version': '2023-06-01',
      });
      return {
        probe: () => ({
          url: `${base}/messages`,
          headers,
          body: { model: target.model, messages: QUESTION, max_tokens: TOKENS },
        }),
        list: { url: `${base}/models?limit=1000`, headers },
      };
    }
  }
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

/** The base with `/v1`, which people write with and without. */
function versioned(url: string): string {
  return trimmed(url).endsWith('/v1') ? trimmed(url) : `${trimmed(url)}/v1`;
}
