import * as z from 'zod';
import type { SshLink } from '../clients/ssh/ssh.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { parseAnswer, scriptFailure } from './script-answer.js';
import type { ScriptRunner } from './task-supervisor.js';

const stateSchema = z.object({
  /** Marks of deployments: on the host as a whole, and in the data directory. */
  owners: z.array(z.object({ id: z.string(), text: z.string() })),
  /** The container named winarena, whoever made it. */
  container: z.object({ running: z.boolean(), fingerprint: z.string(), storage: z.string() }).nullable(),
  /** Those of waa's two ports on which something listens. */
  ports: z.array(z.object({ port: z.number().int(), by: z.string() })),
  /** A folder where ours would be, with something in it and without a mark. */
  strangeFolder: z.boolean(),
  folders: z.boolean(),
  windowsDisk: z.boolean(),
  image: z.boolean(),
});

/** What `host-state.sh` prints. */
export type HostState = Readonly<z.infer<typeof stateSchema>>;

/** The mark of a deployment on a host: an id to compare, a text for people. Both one line. */
export interface Claim {
  readonly id: string;
  readonly text: string;
}

/** Which deployment uses a host that exists without us. Raises VM_HOST_IN_USE, VM_HOST_SCRIPT_*, VM_SUDO_MISSING, VM_SSH_*. */
export interface HostClaims {
  /** Reads only. `image` is the reference that would have to be pulled. */
  state(link: SshLink, directory: string, image: string, deadline: Deadline): Promise<HostState>;
  /** Marks host and directory; two at the same time cannot both succeed. False when it was marked so before. */
  claim(link: SshLink, directory: string, claim: Claim, deadline: Deadline): Promise<boolean>;
  /** Removes everything of ours below the directory, the mark last; false when there was no mark. */
  release(link: SshLink, directory: string, claim: Claim, deadline: Deadline): Promise<boolean>;
}

const claimedSchema = z.object({ made: z.boolean() });
const releasedSchema = z.object({ claimed: z.boolean() });

/** Creates the typed face of host-state.sh, host-claim.sh and host-release.sh. */
export function createHostClaims(runner: ScriptRunner): HostClaims {
  const ask = async <T>(
    link: SshLink,
    script: string,
    args: readonly string[],
    schema: z.ZodType<T>,
    deadline: Deadline,
  ): Promise<T> => {
    const { exitCode, stdout, stderr } = await runner.run(link, script, args, { deadline });
    if (exitCode === 0) return parseAnswer(link, script, stdout, schema);
    throw scriptFailure(link, { script, exitCode, stderr }, ({ reason, detail }) =>
      reason === 'in-use' ? fail('VM_HOST_IN_USE', { host: link.address.host, by: detail }) : undefined,
    );
  };
  return {
    state: (link, directory, image, deadline) => ask(link, 'host-state', [directory, image], stateSchema, deadline),
    async claim(link, directory, { id, text }, deadline) {
      return (await ask(link, 'host-claim', [directory, id, text], claimedSchema, deadline)).made;
    },
    async release(link, directory, { id }, deadline) {
      return (await ask(link, 'host-release', [directory, id], releasedSchema, deadline)).claimed;
    },
  };
}
