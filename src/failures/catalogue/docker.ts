

/** Failures of the layer `docker`. */
export const dockerFailures = {} as const;
