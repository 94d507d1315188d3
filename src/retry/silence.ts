import { fail, type WaaError } from '../failures/waa-error.js';

/** A try that ended without an answer. */
export interface Silence {
  /** How long that try was waited for. */
  readonly seconds: number;
  /** Tries so far, this one included. */
  readonly attempts: number;
  /** What the try before had said; undefined for the first. */
  readonly last: string | undefined;
  readonly cause: Error;
}

/** Says whose failure it is that no answer came. A transient one is tried again. */
export type NameSilence = (silence: Silence) => WaaError;

/** Azure Resource Manager said nothing. */
export const azureIsSilent: NameSilence = ({ seconds, attempts, last = 'no answer', cause }) =>
  fail('AZURE_WAIT_TIMEOUT', { what: 'an answer of Azure', seconds, attempts, last }, { cause });

/** The service that tells our address said nothing. */
export const addressServiceIsSilent: NameSilence = (silence) =>
  fail('AZURE_CALLER_ADDRESS_UNKNOWN', { reason: inWords(silence) }, { cause: silence.cause });

/** The Docker daemon took the connection and said nothing. */
export const daemonIsSilent: NameSilence = (silence) =>
  fail('DOCKER_DAEMON_DOWN', { detail: inWords(silence) }, { cause: silence.cause });

/** A host did not do over SSH what was asked; `doing` in words, e.g. `looking at the host`. */
export function hostIsSilent(address: { readonly host: string; readonly port: number }, doing: string): NameSilence {
  return ({ seconds, last, cause }) => {
    const phase = last === undefined ? doing : `${doing}; before: ${last}`;
    return fail('VM_SSH_TIMEOUT', { host: address.host, port: address.port, seconds, phase }, { cause });
  };
}

function inWords({ seconds, last }: Silence): string {
  return `no answer within ${seconds} s${last === undefined ? '' : `; before: ${last}`}`;
}
