import * as z from 'zod';
import type { Qemu } from '../../world/contracts.js';

/** A QMP answer: exactly one of `return` and `error`, with the command's `id` when it had one. */
export interface QmpReply {
  readonly return?: unknown;
  readonly error?: { readonly class: 'GenericError' | 'CommandNotFound' | 'DeviceNotFound'; readonly desc: string };
  readonly id?: unknown;
}

interface Outcome {
  readonly reply: QmpReply;
  readonly negotiates: boolean;
}

const DISK_DEVICE = 'data3';
type Arguments = Readonly<Record<string, unknown>>;

const genericError = (desc: string): QmpReply => ({ error: { class: 'GenericError', desc } });
const screendumpArguments = z.strictObject({
  filename: z.string(),
  device: z.string().optional(),
  head: z.number().optional(),
  format: z.enum(['ppm', 'png']).optional(),
});

/** The commands the lab's QEMU knows; each takes its arguments and returns what stands under `return`. */
const COMMANDS: Readonly<Record<string, (qemu: Qemu, args: Arguments) => QmpReply>> = {
  'query-status': (qemu) => ({ return: { status: qemu.status, running: qemu.status === 'running' } }),
  'query-kvm': (qemu) => ({ return: { enabled: qemu.kvm, present: qemu.kvm } }),
  'query-version': () => ({ return: { qemu: { micro: 0, minor: 1, major: 11 }, package: '' } }),
  'query-name': () => ({ return: { name: 'Windows' } }),
  'query-blockstats': (qemu) => ({
    return: [{ device: DISK_DEVICE, stats: { rd_bytes: qemu.readBytes, wr_bytes: qemu.writtenBytes } }],
  }),
  screendump: (qemu, args) => {
    const parsed = screendumpArguments.safeParse(args);
    if (!parsed.success) return genericError(wordsOf(parsed.error, args));
    if (parsed.data.format !== 'png') return genericError('this emulated QEMU writes png only');
    return qemu.screendumpTo(parsed.data.filename)
      ? { return: {} }
      : genericError(`failed to open file '${parsed.data.filename}': No such file or directory`);
  },
  system_powerdown: (qemu) => acted(() => qemu.powerdown()),
  system_reset: (qemu) => acted(() => qemu.reset()),
  cont: (qemu) => acted(() => qemu.cont()),
  quit: (qemu) => acted(() => qemu.quit()),
  'query-commands': () => ({ return: Object.keys(COMMANDS).map((name) => ({ name })) }),
};

/** What QEMU says to a command line that is valid JSON. Before negotiation only `qmp_capabilities` exists. */
export function runQmpCommand(qemu: Qemu, command: unknown, negotiated: boolean): Outcome {
  if (typeof command !== 'object' || command === null || Array.isArray(command)) {
    return { reply: genericError('QMP input must be a JSON object'), negotiates: false };
  }
  const input = command as Arguments;
  const id = 'id' in input ? { id: input['id'] } : {};
  const unknownMember = Object.keys(input).find((key) => !['execute', 'arguments', 'id'].includes(key));
  const name = input['execute'];
  const args: unknown = input['arguments'] === undefined ? {} : input['arguments'];
  const answer = (reply: QmpReply, negotiates = false): Outcome => ({ reply: { ...reply, ...id }, negotiates });

  if (unknownMember !== undefined) return answer(genericError(`QMP input member '${unknownMember}' is unexpected`));
  if (name === undefined) return answer(genericError("QMP input lacks member 'execute'"));
  if (typeof name !== 'string') return answer(genericError("QMP input member 'execute' must be a string"));
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    return answer(genericError("QMP input member 'arguments' must be an object"));
  }
  if (name === 'qmp_capabilities') {
    if (!negotiated) return answer({ return: {} }, true);
    return answer({
      error: { class: 'CommandNotFound', desc: 'Capabilities negotiation is already complete, command ignored' },
    });
  }
  if (!negotiated) {
    return answer({
      error: { class: 'CommandNotFound', desc: "Expecting capabilities negotiation with 'qmp_capabilities'" },
    });
  }
  const run = COMMANDS[name];
  if (!run) return answer({ error: { class: 'CommandNotFound', desc: `The command ${name} has not been found` } });
  return answer(run(qemu, args as Arguments));
}

function acted(action: () => void): QmpReply {
  action();
  return { return: {} };
}

/** QEMU names the first parameter that is missing or too much. */
function wordsOf(error: z.ZodError, args: Arguments): string {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') return `Parameter '${issue.keys[0] ?? ''}' is unexpected`;
  const name = String(issue?.path[0] ?? '');
  if (!(name in args)) return `Parameter '${name}' is missing`;
  return `Parameter '${name}' does not accept value '${String(args[name])}'`;
}
