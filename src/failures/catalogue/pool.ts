import { failure } from '../failure.js';

/** Failures of a deployment with several workers. */
export const poolFailures = {
  OWN_POOL_INCOMPLETE: failure<{
    deployment: string;
    ready: number;
    workers: number;
    needed: number;
    failed: string;
  }>({
    layer: 'own',
    kind: 'error',
    disposition: 'transient',
    symptom: ({ deployment, ready, workers, needed, failed }) =>
      `${deployment}: ${ready} of ${workers} workers are ready, ${needed} are needed; not ready: ${failed}`,
    why: 'Workers come up independently of each other; too few did. Those that are ready stay up and are billed.',
    fix: ({ deployment, ready }) => [
      `waa pool-status --name ${deployment}`,
      `waa up --resume --name ${deployment}`,
      ready === 0
        ? `waa pool-cleanup --name ${deployment}   (deletes all of it)`
        : `waa up --resume --name ${deployment} --min-workers ${ready}   (go on with those that are ready)`,
    ],
  }),
  OWN_POOL_PAUSED: failure<{ deployment: string }>({
    layer: 'own',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ deployment }) => `${deployment} is paused already; nothing was changed`,
    why: 'Every worker is deallocated.',
    fix: ({ deployment }) => [`waa pool-resume --name ${deployment}`, `waa pool-cleanup --name ${deployment}`],
  }),
  OWN_DEPLOYMENT_AMBIGUOUS: failure<{ names: string; first: string }>({
    layer: 'usage',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ names }) => `there are several deployments: ${names}`,
    why: 'Without --name the only deployment is meant, or the one called default.',
    fix: ({ first }) => [`Say which: --name ${first}`, 'waa status   (shows them all)'],
  }),
  OWN_WORKER_UNKNOWN: failure<{ deployment: string; worker: string; known: string }>({
    layer: 'usage',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ deployment, worker, known }) => `${deployment} has no worker ${worker}; it has ${known}`,
    why: 'Workers are called w0, w1 and so on, by the order in which they were made.',
    fix: ({ deployment }) => [`waa pool-status --name ${deployment}`],
  }),
} as const;
