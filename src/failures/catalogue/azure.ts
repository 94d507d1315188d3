import { azureAccountFailures } from './azure-account.js';
import { azureCapacityFailures } from './azure-capacity.js';
import { azureDeploymentFailures } from './azure-deployment.js';
import { azureRequestFailures } from './azure-requests.js';

/** Failures of the layer `azure`. */
export const azureFailures = {
  ...azureAccountFailures,
  ...azureCapacityFailures,
  ...azureRequestFailures,
  ...azureDeploymentFailures,
} as const;
