import { cause, clip, line, type Pattern } from './pattern.js';

const CALL = 'a call';
const PROVIDER = 'the model provider';
const MODEL = 'the model';

/**
 * Answers of the server inside Windows. It wraps 400 and 404 in a 500, calls a command successful whatever its return
 * code, and calls it failed when its output holds the word error.
 */
export const guestServerPatterns: readonly Pattern[] = [
  cause('SERVER_EXECUTE_FAILED', /"returncode":\s*(-?[1-9]\d*)/, (at, text) => ({
    command: 'the command',
    returnCode: Number(at(1)),
    error: clip(/"error":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? ''),
  })),
  cause('SERVER_CALL_REFUSED', /"message":"(4\d\d (?:[^"\\]|\\.)*)"/, (at) => ({
    call: CALL,
    message: clip(at(1)),
  })),
  cause('SERVER_CALL_REFUSED', /^HTTP\/1\.[01] (4\d\d|501) (.*)/, (at) => ({
    call: CALL,
    message: `${at(1)} ${at(2)}`,
  })),
  cause('SERVER_ERROR', /"message":"((?:[^"\\]|\\.)*)","status":"error"/, (at) => ({
    call: CALL,
    status: 500,
    message: clip(at(1)),
  })),
  cause(
    'SERVER_ERROR',
    /^HTTP\/1\.[01] (5\d\d) (.*)/,
    (at) => ({ call: CALL, status: Number(at(1)), message: at(2) }),
    { weight: 'generic' },
  ),
];

/**
 * Errors of model providers as their clients raise them. A 429 without credit is permanent, one of speed is not. What a
 * client logs of a try that it repeats by itself (`"HTTP/1.1 429 Too Many Requests"`) is no error: it may well succeed.
 */
export const modelPatterns: readonly Pattern[] = [
  cause('CLIENT_MODEL_NO_CREDIT', /insufficient_quota|exceeded your current quota/, () => ({ provider: PROVIDER }), {
    weight: 'decisive',
  }),
  cause('CLIENT_KEY_MISSING', /Missing (\w*API_KEY\w*)|set the `(\w+_API_KEY)`/, (at) => ({
    variable: at(1) || at(2),
    provider: PROVIDER,
  })),
  cause(
    'CLIENT_MODEL_KEY_INVALID',
    /Error code: 401|Incorrect API key provided|invalid_api_key|invalid x-api-key/,
    () => ({
      provider: PROVIDER,
      model: MODEL,
    }),
  ),
  cause('CLIENT_MODEL_UNKNOWN', /model_not_found|DeploymentNotFound|The model `([^`]+)` does not exist/, (at) => ({
    provider: PROVIDER,
    model: at(1),
    nearest: 'another',
  })),
  cause('CLIENT_MODEL_RATE_LIMITED', /rate_limit_exceeded|Error code: 429/, () => ({
    provider: PROVIDER,
    model: MODEL,
    retryAfterMs: 0,
  })),
  cause('CLIENT_MODEL_REFUSED', /Unsupported parameter: '([^']+)'.*/, (at) => ({
    provider: PROVIDER,
    model: MODEL,
    status: 400,
    message: clip(at(0)),
  })),
  cause(
    'CLIENT_MODEL_UNREACHABLE',
    /\b(5\d\d) status code \(no body\)|Error code: (5\d\d)|APIConnectionError|APITimeoutError/,
    (at) => {
      const status = at(1) || at(2);
      return { provider: PROVIDER, reason: status === '' ? 'connection error' : `HTTP ${status}` };
    },
  ),
];

/**
 * WAA's client. Its follow-up errors (`'NoneType' object is not subscriptable`, `UnboundLocalError ... 'e'`) hide the
 * ERROR line before them. "Not implemented! Reverting" and one "Observation is None" a task are noise of healthy runs.
 */
export const runPyPatterns: readonly Pattern[] = [
  ...modelPatterns,
  line('QEMU_QMP_REFUSED', /^\w*Error: Failed to connect to QMP/, { weight: 'decisive' }),
  cause(
    'SERVER_ERROR',
    /ERROR .*Failed to get (screen size|accessibility tree|the observations)[^.]*\. Status code: (\d+)/,
    (at, text) => ({
      call: at(1),
      status: Number(at(2)),
      message: clip(text),
    }),
  ),
  cause('CLIENT_ASSETS_UNREACHABLE', /Failed to download (\S+) caused by (.*)/, (at) => ({
    address: at(1),
    detail: clip(at(2)),
  })),
  line(
    'CLIENT_RUNPY_BROKEN',
    /^FileNotFoundError: .*\.json'|^(?:ModuleNotFoundError|ImportError): |^json\.decoder\.JSONDecodeError|^run\.py: error: |^Invalid value for arg /,
  ),
];
