

/** Failures of the layer `qemu`. */
export const qemuFailures = {} as const;
