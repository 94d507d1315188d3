import * as z from 'zod';
import { fail } from '../../failures/waa-error.js';

/** VM actions that run long. */
export const VM_ACTIONS = ['create', 'start', 'deallocate', 'restart', 'delete'] as const;
export type VmAction = (typeof VM_ACTIONS)[number];

const tokenSchema = z.discriminatedUnion('kind', [
  /** Was over when it began, e.g. the delete of something that was gone. */
  z.object({ v: z.literal(1), kind: z.literal('done'), name: z.string() }),
  z.object({
    v: z.literal(1),
    kind: z.literal('vm'),
    name: z.string(),
    subscriptionId: z.string(),
    group: z.string(),
    vm: z.string(),
    action: z.enum(VM_ACTIONS),
    state: z.string(),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('group-delete'),
    name: z.string(),
    subscriptionId: z.string(),
    group: z.string(),
    state: z.string(),
  }),
]);

/** What continues an operation in another process, before it is made a string. */
export type OperationToken = z.infer<typeof tokenSchema>;

/** Reads a token of this or an earlier process. Raises AZURE_OPERATION_LOST when it cannot be read. */
export function parseToken(text: string): OperationToken {
  try {
    return tokenSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw fail('AZURE_OPERATION_LOST', { name: 'saved operation', reason: 'its token cannot be read' }, { cause });
  }
}
