import { join, resolve } from 'node:path';
import { fail } from '../failures/waa-error.js';
import { findLab } from '../lab/lab-handle.js';
import type { LabEndpoints } from '../lab/lab-endpoints.js';
import type { CommandCall } from './command.js';

/** The user's state home: `--home`, `WAA_HOME`, else `~/.waa`. */
export function homeOf(call: CommandCall): string {
  const { globals, surroundings } = call;
  const chosen = globals.home ?? surroundings.env['WAA_HOME'];
  return chosen ? resolve(surroundings.cwd, chosen) : join(surroundings.homeDirectory, '.waa');
}

/** Folder of the background lab: its endpoints, its log, and the state home of everything done in it. */
export function labDirectoryOf(call: CommandCall): string {
  return join(homeOf(call), 'lab');
}

/** What ssh's ProxyCommand runs to reach an emulated VM. ssh expands %h and %p; a % of a path is doubled for it. */
export function labProxyCommand(call: CommandCall): string {
  const words = [...call.surroundings.self, homeOf(call)].map((word) => `"${word.replaceAll('%', '%%')}"`);
  const [node = '', script = '', home = ''] = words;
  return `${node} ${script} lab dial --home ${home} %h %p`;
}

/** The background lab. Raises OWN_LAB_NOT_RUNNING. */
export async function runningLab(call: CommandCall): Promise<LabEndpoints> {
  const lab = await findLab(labDirectoryOf(call));
  if (!lab) throw fail('OWN_LAB_NOT_RUNNING', {});
  return lab;
}
