import * as z from 'zod';

/** What exists in a lab, from the world's own books and not through ARM: for `waa lab status` and for assertions. */
export const labSummarySchema = z.object({
  /** Epoch ms of lab time. */
  now: z.number(),
  groups: z
    .array(
      z.object({
        name: z.string(),
        region: z.string(),
        resources: z.array(z.object({ type: z.string(), name: z.string(), state: z.string().optional() })).readonly(),
      }),
    )
    .readonly(),
  /** Containers of all machines. */
  containers: z.array(z.object({ machine: z.string(), name: z.string(), state: z.string() })).readonly(),
  /** Long operations ever begun, by what was done to what: shows what was repeated. */
  operations: z.array(z.object({ kind: z.string(), name: z.string(), count: z.number().int() })).readonly(),
  /** Time for which Azure would bill each VM there ever was: from its place until deallocated or deleted. */
  billed: z.array(z.object({ name: z.string(), billedMs: z.number(), running: z.boolean() })).readonly(),
  armedFaults: z.array(z.string()).readonly(),
});

export type LabSummary = z.infer<typeof labSummarySchema>;
