import { failure } from '../failure.js';

/** Failures of golden images. */
export const imageFailures = {
  OWN_IMAGE_NAME_INVALID: failure<{ name: string; problem: string }>({
    layer: 'usage',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ name, problem }) => `'${name}' cannot be the name of an image: ${problem}`,
    why: 'The name becomes part of the names of a resource group and of a snapshot.',
    fix: () => ['Use something like: waa image-create win11-office'],
  }),
  OWN_IMAGE_UNKNOWN: failure<{ image: string; hint: string }>({
    layer: 'usage',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ image }) => `there is no golden image '${image}' in this subscription`,
    why: 'Images are found by their names and tags in Azure, whoever made them.',
    fix: ({ hint }) => [hint, 'waa image-list'],
  }),
  OWN_IMAGE_EXISTS: failure<{ image: string; capturedAt: string }>({
    layer: 'own',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ image, capturedAt }) => `image '${image}' exists already, captured at ${capturedAt}`,
    why: 'An image is never replaced in passing: workers may be meant to be made from it.',
    fix: ({ image }) => [`waa image-refresh ${image}   (captures it anew)`, 'Or give the new one another name.'],
  }),
  OWN_IMAGE_UNFINISHED: failure<{ image: string; source: string }>({
    layer: 'own',
    kind: 'not-running',
    disposition: 'permanent',
    symptom: ({ image, source }) => `image '${image}' has no complete copy of a disk (it is made from ${source})`,
    why: 'Its making was interrupted or goes on elsewhere, or somebody deleted its snapshot. Nothing is made from half an image.',
    fix: ({ image, source }) => [
      `waa image-create ${image} --name ${source.split('/')[0] ?? ''}   (does it again)`,
      `waa image-delete ${image}`,
    ],
  }),
  OWN_IMAGE_REGION: failure<{ image: string; region: string; wanted: string }>({
    layer: 'usage',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ image, region, wanted }) => `image '${image}' is in ${region}, and ${wanted} was asked for`,
    why: 'Azure copies a disk from a snapshot of the same region only.',
    fix: ({ image, region }) => [
      `waa up --image ${image} --region ${region}`,
      'Without --region and azure.region the region of the image is taken.',
    ],
  }),
  OWN_IMAGE_EXPIRED: failure<{ image: string; ended: string }>({
    layer: 'own',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ image, ended }) => `the Windows evaluation in image '${image}' ended at ${ended}`,
    why: 'Windows restarts itself every hour after the 90 days of its evaluation.',
    fix: ({ image }) => [
      'waa up --name fresh   (installs Windows anew)',
      `waa image-refresh ${image} --name fresh`,
      'waa down --name fresh',
    ],
  }),
  OWN_IMAGE_IN_USE: failure<{ image: string; deployments: string; first: string }>({
    layer: 'own',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ image, deployments }) => `image '${image}' is used by ${deployments}; nothing was changed`,
    why: 'Their workers were made from it, and those that are added or replaced must be the same.',
    fix: ({ first }) => [`waa down --name ${first}   (deletes it)`, 'waa image-list   (shows who uses what)'],
  }),
  OWN_IMAGE_NOT_YOURS: failure<{ image: string; owner: string }>({
    layer: 'own',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ image, owner }) => `image '${image}' belongs to ${owner}; nothing was changed`,
    why: 'Whoever can see an image may begin with it; only its owner replaces or deletes it.',
    fix: ({ image, owner }) => [
      `Ask ${owner}, or make one of another name:  waa image-create NAME`,
      `waa up --name NEW --image ${image}   (begins with it as it is)`,
    ],
  }),
  OWN_IMAGE_SOURCE_USED: failure<{ image: string; worker: string; deployment: string }>({
    layer: 'own',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ image, worker, deployment }) =>
      `tasks have run in the Windows of ${worker} of ${deployment}; image '${image}' was not made of it`,
    why: 'What tasks left behind would be in every worker made from the image.',
    fix: ({ image, deployment }) => [
      `Take a deployment no task ran on:  waa up --name fresh  and  waa image-create ${image} --name fresh`,
      `waa image-create ${image} --name ${deployment} --force   (takes it as it is)`,
    ],
  }),
  OWN_IMAGE_SOURCE_UNFIT: failure<{ image: string; worker: string; reason: string }>({
    layer: 'own',
    kind: 'error',
    disposition: 'transient',
    symptom: ({ image, worker, reason }) => `image '${image}' cannot be made of ${worker}: ${reason}`,
    why: 'Only a Windows that was shut down cleanly, on a disk that is marked as installed, is worth copying.',
    fix: () => ['waa up --resume', 'Then repeat the command.'],
  }),
} as const;
