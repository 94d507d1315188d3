import type * as z from 'zod';
import type { Clock } from '../../clock/clock.js';
import type { Emit } from '../../events/bus.js';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { DeadlineExceeded } from '../../health/deadline.js';
import { tryJson } from '../../try-json.js';
import { translateCredentialError } from './credential-errors.js';
import { errorChain, errorChainFromText } from './error-chain.js';
import { createPacer, pacingPolicy } from './pacing.js';
import { createRecorder, type Recording } from './recorder.js';
import { createSdk, type SdkClients, type SdkConnection } from './sdk.js';
import { translateArmFailure } from './translate.js';

export interface ArmConnection extends SdkConnection {
  readonly clock: Clock;
  readonly emit: Emit;
}

/** What the SDK is given with every request. */
export interface RequestOptions {
  readonly abortSignal: AbortSignal;
}

/** A result and what the wire showed besides. */
export interface Observed<T> {
  readonly value: T;
  readonly recording: Recording;
}

/** One way to ARM: makes the clients when first needed and turns whatever they throw into failures of ours. */
export interface ArmSession {
  readonly endpoint: string;
  readonly clock: Clock;
  readonly emit: Emit;
  clients(subscriptionId: string): Promise<SdkClients>;
  /** Runs one exchange. Raises AZURE_* failures, or the reason when a person stopped us. */
  call<T>(operation: string, deadline: Deadline, work: (options: RequestOptions) => Promise<T>): Promise<T>;
  observe<T>(
    operation: string,
    deadline: Deadline,
    work: (options: RequestOptions) => Promise<T>,
  ): Promise<Observed<T>>;
  /** A call that answers undefined where the resource does not exist. */
  find<T>(operation: string, deadline: Deadline, work: (options: RequestOptions) => Promise<T>): Promise<T | undefined>;
  /** A request the generated clients do not have. `path` begins with `/` and has its api-version. */
  raw<S extends z.ZodType>(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    schema: S,
    deadline: Deadline,
    body?: unknown,
  ): Promise<z.infer<S>>;
}

/** Codes of Node for a server whose certificate is not trusted. */
const TLS_CODES = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_SIGNATURE_FAILURE',
]);

/** Opens a session. Nothing is loaded or sent before the first call; requests are paced; the SDK's own retries are off. */
export function createArmSession(connection: ArmConnection): ArmSession {
  const { clock, emit } = connection;
  const endpoint = connection.endpoint.replace(/\/+$/, '');
  const recorder = createRecorder(clock, emit);
  const sdk = createSdk({ ...connection, endpoint }, [
    { policy: pacingPolicy(createPacer(clock)), position: 'perCall' },
    { policy: recorder.policy, position: 'perRetry' },
  ]);
  const session: ArmSession = {
    endpoint,
    clock,
    emit,
    clients: (subscriptionId) => sdk.clients(subscriptionId),
    async observe(operation, deadline, work) {
      const { recording, outcome } = await recorder.record(() => work({ abortSignal: deadline.signal }));
      if (outcome.status === 'rejected') throw toFailure(operation, deadline, recording, outcome.reason, endpoint);
      if (recording.html) throw fail('AZURE_BAD_ANSWER', { what: operation, detail: 'a web page instead of JSON' });
      return { value: outcome.value, recording };
    },
    async call(operation, deadline, work) {
      return (await session.observe(operation, deadline, work)).value;
    },
    async find(operation, deadline, work) {
      try {
        return await session.call(operation, deadline, work);
      } catch (error) {
        if (error instanceof WaaError && error.code === 'AZURE_NOT_FOUND') return undefined;
        throw error;
      }
    },
    async raw(method, path, schema, deadline, body) {
      const what = `${method} ${path.split('?')[0] ?? path}`;
      const text = await session.call(what, deadline, ({ abortSignal }) =>
        sdk.send({ method, url: `${endpoint}${path}`, body, abortSignal }),
      );
      return parseAnswer(what, text, schema);
    },
  };
  return session;
}

function parseAnswer<S extends z.ZodType>(what: string, text: string, schema: S): z.infer<S> {
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw fail(
      'AZURE_BAD_ANSWER',
      { what, detail: 'no JSON' },
      { cause, evidence: [{ title: "Azure's answer", text: text.slice(0, 4096) }] },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw fail(
    'AZURE_BAD_ANSWER',
    { what, detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` },
    { cause: result.error },
  );
}

/** The failure of a request for which time ran out. */
export function noAnswer(endpoint: string, operation: string, deadline: Deadline, cause: unknown): WaaError {
  const reason = `no answer to '${operation}' within ${Math.round(deadline.totalMs / 1000)} s`;
  return fail('AZURE_UNREACHABLE', { endpoint, reason }, { cause });
}

function toFailure(
  operation: string,
  deadline: Deadline,
  recording: Recording,
  thrown: unknown,
  endpoint: string,
): unknown {
  if (thrown instanceof WaaError) return thrown;
  if (deadline.signal.aborted && recording.failure === undefined) {
    if (!(deadline.signal.reason instanceof DeadlineExceeded)) return deadline.signal.reason;
    return noAnswer(endpoint, operation, deadline, thrown);
  }
  const { failure } = recording;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (failure) {
    const chain = errorChain(tryJson(failure.body));
    return translateArmFailure({ ...failure, operation, cause: thrown, chain });
  }
  const login = translateCredentialError(thrown);
  if (login) return login;
  const code = codeOf(thrown);
  if (TLS_CODES.has(code)) return fail('AZURE_TLS_UNTRUSTED', { endpoint, reason: message }, { cause: thrown });
  if (/^E[A-Z_]+$/.test(code) || code === 'REQUEST_SEND_ERROR') {
    return fail('AZURE_UNREACHABLE', { endpoint, reason: `${code} ${message}` }, { cause: thrown });
  }
  if (/long-running operation|was canceled/i.test(message)) {
    const chain = errorChainFromText(message);
    return translateArmFailure({ status: 200, chain, retryAfterMs: 0, operation, body: message, cause: thrown });
  }
  if (recording.html || thrown instanceof TypeError || thrown instanceof SyntaxError) {
    return fail('AZURE_BAD_ANSWER', { what: operation, detail: message }, { cause: thrown });
  }
  return thrown;
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  const { code, cause } = thrown as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && code !== 'REQUEST_SEND_ERROR') return code;
  const inner = cause === undefined ? '' : codeOf(cause);
  return inner !== '' ? inner : typeof code === 'string' ? code : '';
}
