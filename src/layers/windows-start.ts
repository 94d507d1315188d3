/** One start of Windows from its disk, counted within one start of one container. */
export interface WindowsStart {
  readonly containerId: string;
  readonly containerStartedAt: string;
  readonly diskBoots: number;
}

/** The identity of what lives as long as one start of Windows: its desktop, its server. */
export function identityOfStart({ containerId, containerStartedAt, diskBoots }: WindowsStart): string {
  return `${containerId}@${containerStartedAt}#${diskBoots}`;
}

/**
 * How often Windows was started from its disk since the start that `readyAs` (an identity of above) names; all starts of
 * the container when that was another one, or none. A reset between two tasks is a start, too: only those that no desktop
 * ended make a loop.
 */
export function startsSince(readyAs: string | undefined, now: WindowsStart): number {
  const container = identityOfStart(now).replace(/#\d+$/, '#');
  return readyAs?.startsWith(container) === true
    ? Math.max(0, now.diskBoots - Number(readyAs.slice(container.length)))
    : now.diskBoots;
}
