import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { openLineChannel } from './line-channel.js';

const greetingSchema = z.object({ QMP: z.object({}) });
const messageSchema = z.union([
  z.object({ event: z.string() }),
  z.object({ id: z.number().optional(), error: z.object({ class: z.string(), desc: z.string() }) }),
  z.object({ id: z.number().optional(), return: z.unknown() }),
]);

/** A command that was sent, until its answer comes. */
interface Call {
  readonly command: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** QMP commands and their answers, over a stream. */
export interface CommandChannel {
  /** Sends a command and gives its answer. Raises QEMU_QMP_CLOSED, QEMU_QMP_PROTOCOL, QEMU_QMP_COMMAND. */
  execute(command: string, args: Readonly<Record<string, unknown>> | undefined, deadline: Deadline): Promise<unknown>;
}

/**
 * Waits for QEMU's greeting and gives each answer to the call with its id. Events are passed over: what they tell is asked
 * for. A message that fits nothing ends the stream and every call with QEMU_QMP_PROTOCOL.
 */
export async function openCommandChannel(stream: Duplex): Promise<CommandChannel> {
  const channel = openLineChannel(stream);
  const greeting = greetingSchema.safeParse(await channel.next());
  if (!greeting.success) throw fail('QEMU_QMP_PROTOCOL', { problem: 'no QMP greeting' }, { cause: greeting.error });

  const waiting = new Map<number, Call>();
  let nextId = 1;

  const receive = async (): Promise<void> => {
    for (;;) {
      const parsed = messageSchema.safeParse(await channel.next());
      if (!parsed.success) throw fail('QEMU_QMP_PROTOCOL', { problem: 'a message that is neither answer nor event' });
      if (!('event' in parsed.data)) settle(parsed.data);
    }
  };
  const settle = (answer: Exclude<z.infer<typeof messageSchema>, { event: string }>): void => {
    const call = answer.id === undefined ? undefined : waiting.get(answer.id);
    if (!call || answer.id === undefined)
      throw fail('QEMU_QMP_PROTOCOL', { problem: 'an answer to nothing that was asked' });
    waiting.delete(answer.id);
    if ('error' in answer) {
      const params = { command: call.command, errorClass: answer.error.class, detail: answer.error.desc };
      call.reject(fail('QEMU_QMP_COMMAND', params));
    } else call.resolve(answer.return);
  };
  receive().catch((error: unknown) => {
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
    stream.destroy();
  });

  return {
    async execute(command, args, deadline) {
      if (channel.closed) throw fail('QEMU_QMP_CLOSED', { command });
      const id = nextId++;
      const answer = new Promise<unknown>((resolve, reject) => {
        waiting.set(id, { resolve, reject, command });
      });
      channel.send({ execute: command, ...(args === undefined ? {} : { arguments: args }), id });
      return await deadline.race(answer);
    },
  };
}
