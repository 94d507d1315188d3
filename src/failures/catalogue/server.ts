import { failure } from '../failure.js';

const lookAtScreen = '$(waa ssh --print) -L 8006:127.0.0.1:8006   # then open http://127.0.0.1:8006';

/** Failures of the layer `server`: the WAA server inside Windows. */
export const serverFailures = {
  SERVER_NOT_LISTENING: failure<{ call: string }>({
    layer: 'server',
    kind: 'not-running',
    disposition: 'recoverable',
    symptom: ({ call }) => `nothing answers on port 5000 in Windows (${call})`,
    why: 'The WAA server is started by a scheduled task when the user logs on. Before the logon, or after a crash, nobody listens.',
    fix: () => ['waa up --resume', lookAtScreen],
  }),
  SERVER_TIMEOUT: failure<{ call: string; seconds: number }>({
    layer: 'server',
    kind: 'timeout',
    disposition: 'transient',
    symptom: ({ call, seconds }) => `the WAA server did not answer ${call} within ${seconds} s`,
    why: 'The server is a single process: one long call, often a UIA accessibility walk, makes every other call wait.',
    fix: () => ['waa status', 'waa up --resume'],
  }),
  SERVER_CONNECTION_LOST: failure<{ call: string; reason: string }>({
    layer: 'server',
    kind: 'error',
    disposition: 'transient',
    symptom: ({ call, reason }) => `the connection to the WAA server broke during ${call}: ${reason}`,
    why: 'Windows restarted, the server crashed, or the network between container and guest was set up anew.',
    fix: () => ['waa status', 'waa up --resume'],
  }),
  SERVER_ERROR: failure<{ call: string; status: number; message: string }>({
    layer: 'server',
    kind: 'error',
    disposition: 'recoverable',
    symptom: ({ call, status, message }) => `the WAA server answered ${status} to ${call}: ${message}`,
    why: 'The server runs but cannot work with the desktop: nobody is logged on, the screen is locked, or it is in a broken state.',
    fix: () => ['waa up --resume', lookAtScreen],
  }),
  SERVER_CALL_REFUSED: failure<{ call: string; message: string }>({
    layer: 'server',
    kind: 'unsupported',
    disposition: 'permanent',
    symptom: ({ call, message }) => `the WAA server does not accept ${call}: ${message}`,
    why: 'The server wraps 400 and 404 in a 500: the call itself is wrong, or the image holds another version of the server.',
    fix: () => [
      'waa config show --origin   # compare image.reference with the image that waa was tested with',
      'waa preflight',
    ],
  }),
  SERVER_BAD_ANSWER: failure<{ call: string; got: string }>({
    layer: 'server',
    kind: 'unsupported',
    disposition: 'recoverable',
    symptom: ({ call, got }) => `the answer to ${call} is not what the WAA server sends: ${got}`,
    why: 'Something else answers on the port, or the answer was cut off on its way.',
    fix: () => ['waa status', 'waa up --resume'],
  }),
  SERVER_EXECUTE_FAILED: failure<{ command: string; returnCode: number; error: string }>({
    layer: 'server',
    kind: 'error',
    disposition: 'recoverable',
    symptom: ({ command, returnCode, error }) => `"${command}" ended with ${returnCode} in Windows: ${error}`,
    why: 'The server reports success for every command it could start; only the return code tells whether it worked.',
    fix: () => ['waa up --resume', lookAtScreen],
  }),
  SERVER_BLACK_SCREEN: failure({
    layer: 'server',
    kind: 'error',
    disposition: 'recoverable',
    symptom: () => 'the WAA server answers, but the screen it sees is black',
    why: 'Without an interactive desktop no agent can see or click anything, and every task would score 0.',
    fix: () => ['waa up --resume', lookAtScreen],
  }),
  SERVER_NO_ACCESSIBILITY: failure({
    layer: 'server',
    kind: 'error',
    disposition: 'recoverable',
    symptom: () => 'the accessibility tree of the desktop is empty',
    why: 'Agents read the tree to find what they can click; an empty one means that no desktop session is attached.',
    fix: () => ['waa up --resume', lookAtScreen],
  }),
  SERVER_APPS_MISSING: failure<{ apps: string; tasks: number }>({
    layer: 'server',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ apps, tasks }) => `Windows lacks ${apps}, needed by ${tasks} of the chosen tasks`,
    why: "WAA's set-up goes on when an installer cannot be downloaded, so Windows can look ready without its applications.",
    fix: () => [
      'waa up --resume --reinstall   # installs Windows again',
      'waa run --tasks @easy   # tasks that need no office suite',
    ],
  }),
  SERVER_NO_INTERNET: failure<{ from: string; address: string; detail: string }>({
    layer: 'server',
    kind: 'error',
    disposition: 'recoverable',
    symptom: ({ from, address, detail }) => `${address} cannot be reached from the ${from}: ${detail}`,
    why: '82 of the 154 tasks fetch files while they run; without the internet they would be scored 0 for no fault of the agent.',
    fix: () => ['waa up --resume', 'waa run --tasks @offline   # tasks that need no internet'],
  }),
  SERVER_START_TIMEOUT: failure<{ seconds: number; last: string }>({
    layer: 'server',
    kind: 'timeout',
    disposition: 'recoverable',
    symptom: ({ seconds, last }) => `the WAA server was not ready after ${seconds} s; last seen: ${last}`,
    why: 'Windows shows its desktop, but the server that is started at logon did not come up whole.',
    fix: () => ['waa up --resume', lookAtScreen],
  }),
} as const;
