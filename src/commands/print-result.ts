import { EXIT } from '../failures/exit-codes.js';
import { streamsOf } from '../execute.js';
import { writeJson } from '../output/json.js';
import { createRedactor } from '../output/redact.js';
import { secretValues } from '../secret-environment.js';
import type { CommandCall } from './command.js';

/** Prints a result to stdout, as the one JSON document or as lines; returns the exit code given. */
export function printResult(
  call: CommandCall,
  result: unknown,
  lines: readonly string[],
  exitCode: number = EXIT.ok,
): number {
  const { globals, spec, surroundings } = call;
  const { stdout } = streamsOf(surroundings, globals.color);
  const redact = createRedactor(secretValues(surroundings.env));
  if (globals.json) writeJson(stdout, { v: 1, command: spec.name, ok: true, result }, redact);
  else if (lines.length > 0) stdout.write(`${redact(lines.join('\n'))}\n`);
  return exitCode;
}
