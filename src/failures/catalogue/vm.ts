

/** Failures of the layer `vm`. */
export const vmFailures = {} as const;
