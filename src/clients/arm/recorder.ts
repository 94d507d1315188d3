import { AsyncLocalStorage } from 'node:async_hooks';
import type { ComputeManagementClientOptionalParams } from '@azure/arm-compute';
import type { Clock } from '../../clock/clock.js';
import type { Emit } from '../../events/bus.js';
import { offsetBetween, type ClockOffset } from '../../health/clock-offset.js';

/** The pipeline policy type, taken from a client's options so that the SDKs agree on one. */
export type PipelinePolicy = NonNullable<ComputeManagementClientOptionalParams['additionalPolicies']>[number]['policy'];

/** A failed answer as it came over the wire. */
export interface RecordedFailure {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number;
  readonly requestId?: string;
}

/** What was seen on the wire during one call of ours. */
export interface Recording {
  failure: RecordedFailure | undefined;
  /** Retry-After of the last answer, 0 without. */
  retryAfterMs: number;
  /** Status text of the last operation polled, e.g. `InProgress`. */
  lastStatus: string;
  /** Body of the last successful answer began like a web page. */
  html: boolean;
  /** By the `Date` of the last answer; undefined where it had none. */
  clockOffset: ClockOffset | undefined;
}

export interface Recorder {
  readonly policy: PipelinePolicy;
  /** Runs `work`; whatever it sends is recorded apart from calls that run beside it. */
  record<T>(work: () => Promise<T>): Promise<{ recording: Recording; outcome: PromiseSettledResult<T> }>;
}

function retryAfterMs(headers: { get(name: string): string | undefined }, nowMs: number): number {
  const exact = Number(headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact)) return exact;
  const value = headers.get('retry-after');
  if (value === undefined) return 0;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds * 1000;
  const at = Date.parse(value);
  return Number.isFinite(at) ? Math.max(0, at - nowMs) : 0;
}

/**
 * Sees every answer before the generated clients drop parts of it: they lose `details` of a failed first request and
 * the outer code of a failed operation. Also the one place that tells the journal about each request.
 */
export function createRecorder(clock: Clock, emit: Emit): Recorder {
  const storage = new AsyncLocalStorage<Recording>();

  const policy: PipelinePolicy = {
    name: 'waa-recorder',
    async sendRequest(request, next) {
      const startedAt = clock.now();
      const response = await next(request);
      const requestId = response.headers.get('x-ms-request-id');
      const path = new URL(request.url).pathname;
      emit(
        'arm.request',
        {
          method: request.method,
          path,
          status: response.status,
          durationMs: Math.round(clock.now() - startedAt),
          ...(requestId === undefined ? {} : { requestId }),
        },
        `${request.method} ${path} ${response.status}`,
        { level: 'debug' },
      );
      const recording = storage.getStore();
      if (recording) note(recording, response, requestId, { askedAt: startedAt, answeredAt: clock.now() });
      return response;
    },
  };

  return {
    policy,
    async record(work) {
      const recording: Recording = {
        failure: undefined,
        retryAfterMs: 0,
        lastStatus: '',
        html: false,
        clockOffset: undefined,
      };
      const [outcome] = await Promise.allSettled([storage.run(recording, work)]);
      return { recording, outcome };
    },
  };
}

type Answer = Awaited<ReturnType<PipelinePolicy['sendRequest']>>;

/** When a request was sent and its answer came. */
interface Span {
  readonly askedAt: number;
  readonly answeredAt: number;
}

function note(recording: Recording, response: Answer, requestId: string | undefined, span: Span): void {
  const body = response.bodyAsText ?? '';
  recording.retryAfterMs = retryAfterMs(response.headers, span.answeredAt);
  recording.clockOffset = offsetBy(response.headers.get('date'), span);
  recording.html = /^\s*</.test(body);
  const status = /"status"\s*:\s*"(\w+)"/.exec(body)?.[1];
  if (status !== undefined) recording.lastStatus = status;
  const ok = response.status >= 200 && response.status < 300;
  if (ok && status !== 'Failed' && status !== 'Canceled') return;
  recording.failure = {
    status: response.status,
    body,
    retryAfterMs: recording.retryAfterMs,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** `Date` has whole seconds: half of one is the middle. https://www.rfc-editor.org/rfc/rfc9110#name-date */
function offsetBy(date: string | undefined, span: Span): ClockOffset | undefined {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return undefined;
  const { aheadMs, uncertainMs } = offsetBetween(theirs + 500, span);
  return { aheadMs, uncertainMs: uncertainMs + 500 };
}
