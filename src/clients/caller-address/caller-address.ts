import type { Deadline } from '../../health/deadline.js';

/** Tells under which public IPv4 address the internet sees this machine. Raises AZURE_CALLER_ADDRESS_UNKNOWN. */
export interface CallerAddressClient {
  publicIpv4(deadline: Deadline): Promise<string>;
}
