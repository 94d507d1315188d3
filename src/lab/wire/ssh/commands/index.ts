import type { RemoteCommands } from '../remote-command.js';
import { agentCommand } from './agent.js';
import { collectCommand } from './collect.js';
import { diskPrepare } from './disk-prepare.js';
import { dockerInstall, dockerStart, guardianClean } from './docker.js';
import { facts } from './facts.js';
import { goldenCommand } from './golden.js';
import { hostLogs, openSocket, readFile } from './files.js';
import { isoFetch } from './iso-fetch.js';
import { kvmSelftest } from './kvm-selftest.js';
import { scheduledEvents } from './scheduled-events.js';
import { markInstalled, resetStorage, storage } from './storage.js';
import { taskCommand } from './task.js';

/** The host scripts of this folder, by file name without `.sh`. */
export const hostCommands: RemoteCommands = {
  facts,
  'kvm-selftest': kvmSelftest,
  'disk-prepare': diskPrepare,
  'docker-install': dockerInstall,
  'docker-start': dockerStart,
  'guardian-clean': guardianClean,
  storage,
  'mark-installed': markInstalled,
  'reset-storage': resetStorage,
  golden: goldenCommand,
  'iso-fetch': isoFetch,
  'read-file': readFile,
  'host-logs': hostLogs,
  'scheduled-events': scheduledEvents,
  'open-socket': openSocket,
  agent: agentCommand,
  task: taskCommand,
  collect: collectCommand,
};
