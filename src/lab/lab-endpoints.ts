import * as z from 'zod';

/** Where a running lab listens and how its time runs. Written to the lab's folder, read by the runtime. Loopback only. */
export const labEndpointsSchema = z.strictObject({
  /** ARM, tokens and cloud metadata, https. */
  armUrl: z.url(),
  /** Certificate of the lab's own authority, PEM. */
  caPem: z.string(),
  subscriptionId: z.string(),
  /** Prices, registry, model and caller address: plain http, one path each. */
  pricesUrl: z.url(),
  registryUrl: z.url(),
  modelUrl: z.url(),
  callerAddressUrl: z.url(),
  /** HTTP CONNECT proxy that is the lab's internet: the way to the public addresses of emulated VMs. */
  network: z.strictObject({ host: z.string(), port: z.number().int() }),
  /** Control interface (faults, world listing, stop). */
  controlUrl: z.url(),
  controlToken: z.string(),
  /** A service principal of the emulated directory. */
  login: z.strictObject({ clientId: z.string(), clientSecret: z.string(), tenantId: z.string() }),
  /** Image that the emulated registries hold. */
  image: z.strictObject({ reference: z.string(), digest: z.string(), fallback: z.string() }),
  pid: z.number().int(),
  time: z.strictObject({
    realEpochMs: z.number(),
    labEpochMs: z.number(),
    scale: z.number().positive(),
    slackRealMs: z.number().nonnegative(),
  }),
});

export type LabEndpoints = z.infer<typeof labEndpointsSchema>;
