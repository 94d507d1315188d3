import { failure } from '../failure.js';

/** Whose a resource is, and what is left of a deployment. */
export const azureDeploymentFailures = {
  AZURE_NOT_OURS: failure<{ group: string; owner: string }>({
    layer: 'azure',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ group, owner }) => `resource group ${group} exists and is not of this deployment (${owner})`,
    why: 'waa touches only what carries its own tag of the same deployment; this group belongs to somebody or something else.',
    fix: () => ['Choose another deployment name: --name NAME', 'az group list --tag waa-deployment --output table'],
  }),
  AZURE_CLEANUP_INCOMPLETE: failure<{ deployment: string; count: number; left: string }>({
    layer: 'azure',
    kind: 'error',
    disposition: 'transient',
    symptom: ({ deployment, count, left }) =>
      `${count} resource(s) of ${deployment} are still there after the clean-up: ${left}`,
    why: 'Azure reported the deletion as done, but the listing still shows something that may cost money.',
    fix: ({ deployment }) => [`waa down --name ${deployment}`, 'waa status'],
  }),
  AZURE_PORT_OPEN_TO_WORLD: failure<{ sources: string }>({
    layer: 'azure',
    kind: 'permission',
    disposition: 'recoverable',
    symptom: ({ sources }) => `port 22 of the deployment is open for ${sources}`,
    why: 'Only your own address shall reach the workers; scanners find an open SSH port within minutes.',
    fix: () => ['waa up --resume'],
  }),
  AZURE_PORT_CLOSED_TO_US: failure<{ sources: string; address: string }>({
    layer: 'azure',
    kind: 'configuration',
    disposition: 'recoverable',
    symptom: ({ sources, address }) => `port 22 is open for ${sources}, but we come from ${address}`,
    why: 'Your public address changed since the rule was written; packets from the new one are dropped silently.',
    fix: () => ['waa up --resume', 'waa preflight --fix'],
  }),
} as const;
