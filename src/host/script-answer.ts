import * as z from 'zod';
import type { SshLink } from '../clients/ssh/ssh.js';
import { fail, type Evidence, type WaaError } from '../failures/waa-error.js';

/** `waa-error: reason: detail`, as lib.sh's `fail` prints it. */
const COMPLAINT = /^waa-error: ([a-z-]+): (.*)$/m;

/** What a host script that failed says of it; without such a line the reason is `unknown`. */
export interface Complaint {
  readonly reason: string;
  readonly detail: string;
  readonly evidence: readonly Evidence[];
}

/** A script that ended, as far as it matters here. */
export interface EndedScript {
  readonly script: string;
  readonly exitCode: number;
  readonly stderr: string;
}

/** The failure of a script: what `known` makes of its complaint, else VM_HOST_SCRIPT_FAILED. */
export function scriptFailure(
  link: SshLink,
  { script, exitCode, stderr }: EndedScript,
  known: (complaint: Complaint) => WaaError | undefined,
): WaaError {
  const { host } = link.address;
  const [, reason = 'unknown', detail = stderr.trim().split('\n').at(-1) ?? ''] = COMPLAINT.exec(stderr) ?? [];
  const evidence = [{ title: `${script}.sh`, text: stderr.slice(-4000) }];
  return (
    known({ reason, detail, evidence }) ??
    fail('VM_HOST_SCRIPT_FAILED', { host, script, exitCode, reason, detail }, { evidence })
  );
}

/** The line of JSON that a script prints. Raises VM_HOST_SCRIPT_OUTPUT. */
export function parseAnswer<T>(link: SshLink, script: string, text: string, schema: z.ZodType<T>): T {
  const { host } = link.address;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail(
      'VM_HOST_SCRIPT_OUTPUT',
      { host, script, problem: `no JSON: ${JSON.stringify(text.slice(0, 120))}` },
      { cause },
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw fail('VM_HOST_SCRIPT_OUTPUT', { host, script, problem: z.prettifyError(parsed.error) });
}
