

/** Failures of the layer `azure`. */
export const azureFailures = {} as const;
