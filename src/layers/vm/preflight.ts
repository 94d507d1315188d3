import type { WaaError } from '../../failures/waa-error.js';
import type { Check, CheckOutcome } from '../../preflight/check.js';
import { problem } from '../../preflight/outcomes.js';

/** How a key pair on this machine is looked at and repaired; `clients/ssh/keys` does it. */
export interface SshKeyTools {
  inspect(
    path: string,
  ): Promise<
    | { readonly ok: true; readonly type: string; readonly publicKey: string }
    | { readonly ok: false; readonly problem: WaaError }
  >;
  /** Makes a missing pair, or repairs permissions and public half; says what it did. */
  repair(path: string): Promise<string>;
}

/** What the layer's checks look at. */
export interface VmCheckContext {
  readonly sshKeyPath: string;
  /** True for the default key, which `up` makes when it is missing. */
  readonly sshKeyMayBeMade: boolean;
  readonly sshKeys: SshKeyTools;
}

/** Requirement P7: the key exists, is of a type Azure takes, is private, and its public half matches. */
const sshKeyCheck: Check<VmCheckContext> = {
  id: 'vm-ssh-key',
  title: 'SSH key',
  requirement: 'P7',
  severity: 'critical',
  async run({ sshKeyPath, sshKeyMayBeMade, sshKeys }): Promise<CheckOutcome> {
    const seen = await sshKeys.inspect(sshKeyPath);
    if (seen.ok)
      return { outcome: 'pass', detail: `${sshKeyPath} (${seen.type})`, facts: { publicKey: seen.publicKey } };
    if (seen.problem.code === 'VM_SSH_KEY_MISSING' && sshKeyMayBeMade)
      return { outcome: 'pass', detail: `will be made at ${sshKeyPath}` };
    return problem(seen.problem);
  },
  fix: ({ sshKeyPath, sshKeys }) => sshKeys.repair(sshKeyPath),
};

/** Checks of the layer `vm` that need no VM. */
export const vmChecks: readonly Check<VmCheckContext>[] = [sshKeyCheck];
