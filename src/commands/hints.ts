import { DEFAULT_DEPLOYMENT } from '../operations/choose-name.js';
import { asTyped } from './as-typed.js';
import type { CommandCall } from './command.js';

/** A text whose commands can be pasted after this call, for the deployment it is about; the default one needs no name. */
export function hint({ globals }: Pick<CommandCall, 'globals'>, text: string, deployment?: string): string {
  return asTyped(text, globals, deployment === DEFAULT_DEPLOYMENT ? undefined : deployment);
}

/** What may be done next: commands as `hint` makes them, each with what it is for. */
export function nextLines(
  call: Pick<CommandCall, 'globals'>,
  steps: readonly (readonly [command: string, what: string])[],
  deployment?: string,
): readonly string[] {
  const typed = steps.map(([command, what]) => [hint(call, command, deployment), what] as const);
  const width = Math.max(...typed.map(([command]) => command.length));
  return typed.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`);
}
