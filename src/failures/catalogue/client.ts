

/** Failures of the layer `client`. */
export const clientFailures = {} as const;
