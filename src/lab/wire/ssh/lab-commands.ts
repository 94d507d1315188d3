import { collectCommand } from './commands/collect.js';
import { hostCommands } from './commands/index.js';
import { taskCommand } from './commands/task.js';
import type { RemoteCommands } from './remote-command.js';

/** Every host script the emulated machines have. */
export const labCommands: RemoteCommands = { ...hostCommands, task: taskCommand, collect: collectCommand };
