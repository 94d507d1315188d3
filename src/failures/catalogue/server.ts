

/** Failures of the layer `server`. */
export const serverFailures = {} as const;
