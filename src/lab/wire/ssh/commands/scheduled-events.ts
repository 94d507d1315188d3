import type { RemoteCommand } from '../remote-command.js';
import { answer } from './answer.js';

/** scheduled-events.sh: the answer of the instance metadata service. */
export const scheduledEvents: RemoteCommand = async (call) => {
  const { machine } = call;
  const events = machine.scheduledEvents ?? [];
  return answer(call, {
    DocumentIncarnation: 1 + events.length,
    Events: events.map(({ id, type, notBefore }) => ({
      EventId: id,
      EventType: type,
      ResourceType: 'VirtualMachine',
      Resources: [machine.spec.name],
      EventStatus: 'Scheduled',
      NotBefore: new Date(notBefore).toUTCString(),
      Description: '',
      EventSource: 'Platform',
      DurationInSeconds: -1,
    })),
  });
};
