import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';

/** One request; a failure to get any answer is the registry not reached, a certificate that is not trusted is told apart. */
export async function sendTo(url: string, init: RequestInit, host: string, deadline: Deadline): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: deadline.signal });
  } catch (error) {
    if (deadline.signal.aborted) throw deadline.signal.reason;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const detail = cause instanceof Error ? cause.message : String(cause);
    const code = (cause as { code?: unknown }).code;
    const isTls = typeof code === 'string' && /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code);
    throw fail(
      isTls ? 'DOCKER_REGISTRY_TLS' : 'DOCKER_REGISTRY_UNREACHABLE',
      { registry: host, detail },
      { cause: error },
    );
  }
}
