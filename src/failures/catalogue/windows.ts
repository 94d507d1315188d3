

/** Failures of the layer `windows`. */
export const windowsFailures = {} as const;
