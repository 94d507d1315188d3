import type { OperationToken } from './operation-token.js';
import type { SdkClients } from './sdk.js';

/** A poller of either generation of the SDK, reduced to one look. True when the operation has succeeded. */
export type Look = (signal: AbortSignal) => Promise<boolean>;

/** How the operation of a token is looked at. A look raises what the operation failed with. */
export async function lookOf(clients: SdkClients, token: OperationToken): Promise<Look> {
  if (token.kind === 'done') return () => Promise.resolve(true);
  if (token.kind === 'group-delete') {
    return async (abortSignal) => {
      // Restoring polls once by itself, and a poller that saw one error or abort is spent: so one poller a look.
      const poller = await clients.resources.resourceGroups.beginDelete(token.group, {
        resumeFrom: token.state,
        abortSignal,
      });
      return succeeded(poller.getOperationState());
    };
  }
  const { restorePoller } = await import('@azure/arm-compute');
  const { virtualMachines } = clients.compute;
  const sources = {
    create: virtualMachines.createOrUpdate,
    start: virtualMachines.start,
    deallocate: virtualMachines.deallocate,
    restart: virtualMachines.restart,
    delete: virtualMachines.delete,
  };
  return async (abortSignal) => {
    const poller = restorePoller(clients.compute, token.state, sources[token.action] as typeof virtualMachines.start);
    await poller.poll({ abortSignal });
    return succeeded(poller.operationState);
  };
}

function succeeded(state: { readonly status: string; readonly error?: Error } | undefined): boolean {
  if (state?.status === 'failed' || state?.status === 'canceled')
    throw state.error ?? new Error('Operation was canceled');
  return state?.status === 'succeeded';
}
