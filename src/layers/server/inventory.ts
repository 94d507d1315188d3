import type { GuestExecResult, WaaServer } from '../../clients/waa-server/waa-server.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { appFiles } from './needs.js';

/** What a Windows holds, asked of Windows itself. */
export interface WindowsInventory {
  /** Names of `appFiles` of which every file is there. */
  readonly apps: readonly string[];
  /** ISO time at which its evaluation ends; undefined when it is none or Windows does not say. */
  readonly evaluationEnds: string | undefined;
}

/**
 * The licence that is in force and is an evaluation; any other has 1601 here.
 * https://learn.microsoft.com/previous-versions/windows/desktop/sppwmi/softwarelicensingproduct
 */
const EVALUATION_SCRIPT =
  "$p = Get-CimInstance -ClassName SoftwareLicensingProduct -Filter 'PartialProductKey IS NOT NULL' | " +
  "Where-Object { $_.EvaluationEndDate -gt (Get-Date '2000-01-01') } | Select-Object -First 1; " +
  "if ($p) { $p.EvaluationEndDate.ToUniversalTime().ToString('s') + 'Z' }";

/** Takes it through the WAA server. Raises SERVER_*. */
export async function takeInventory(server: WaaServer, deadline: Deadline): Promise<WindowsInventory> {
  const wanted = Object.entries(appFiles);
  const present = await testPaths(
    server,
    wanted.flatMap(([, files]) => files),
    deadline,
  );
  const { output } = await powershell(server, EVALUATION_SCRIPT, deadline);
  return {
    apps: wanted.flatMap(([app, files]) => (files.every((file) => present.get(file)) ? [app] : [])),
    evaluationEnds: /^\d{4}-\d\d-\d\dT[\d:]+Z$/m.exec(output.replaceAll('\r', ''))?.[0],
  };
}

/** Which of these files Windows has. Raises SERVER_EXECUTE_FAILED when it does not answer for each of them. */
export async function testPaths(
  server: WaaServer,
  files: readonly string[],
  deadline: Deadline,
): Promise<ReadonlyMap<string, boolean>> {
  const script = files.map((file) => `Test-Path -LiteralPath '${file}'`).join('; ');
  const { output, error, returnCode } = await powershell(server, script, deadline);
  const answers = output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line === 'True' || line === 'False');
  if (returnCode !== 0 || answers.length !== files.length) {
    const text = shorten(error || output);
    throw fail('SERVER_EXECUTE_FAILED', { command: 'powershell Test-Path', returnCode, error: text });
  }
  return new Map(files.map((file, index) => [file, answers[index] === 'True']));
}

/** Runs a script in Windows, without a profile that could print. Raises SERVER_*. */
export function powershell(server: WaaServer, script: string, deadline: Deadline): Promise<GuestExecResult> {
  return server.execute(['powershell', '-NoProfile', '-Command', script], deadline);
}

/** The last line of what a program said, short enough for a message. */
export function shorten(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
