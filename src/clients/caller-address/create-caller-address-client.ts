import { isIPv4 } from 'node:net';
import { request } from 'undici';
import { fail } from '../../failures/waa-error.js';
import type { CallerAddressClient } from './caller-address.js';

/** Answers with the caller's address and nothing else; documented at https://www.ipify.org */
const DEFAULT_URL = 'https://api.ipify.org';

export interface CallerAddressOptions {
  readonly url?: string;
}

/** Asks a public service. The answer is not cached: laptops move, and a stale address locks us out. */
export function createCallerAddressClient(options: CallerAddressOptions = {}): CallerAddressClient {
  const url = options.url ?? DEFAULT_URL;
  return {
    async publicIpv4(deadline) {
      const text = await ask(url, deadline.signal);
      if (isIPv4(text)) return text;
      throw fail('AZURE_CALLER_ADDRESS_UNKNOWN', {
        reason: `${url} answered ${JSON.stringify(text.slice(0, 60))}, which is no IPv4 address`,
      });
    },
  };
}

async function ask(url: string, signal: AbortSignal): Promise<string> {
  try {
    const { statusCode, body } = await request(url, { signal });
    const text = (await body.text()).trim();
    if (statusCode === 200) return text;
    throw new Error(`HTTP ${statusCode}`);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw fail(
      'AZURE_CALLER_ADDRESS_UNKNOWN',
      { reason: `${url}: ${cause instanceof Error ? cause.message : String(cause)}` },
      { cause },
    );
  }
}
