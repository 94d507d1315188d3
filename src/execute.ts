import { optionWords, reportAsTyped } from './commands/as-typed.js';
import type { CommandCall, Surroundings } from './commands/command.js';
import { textOption } from './commands/input.js';
import { quoteArgv } from './failures/quote-argv.js';
import { asWaaError, fail, type FailureReport, type WaaError } from './failures/waa-error.js';
import { EXIT } from './failures/exit-codes.js';
import { writeJson } from './output/json.js';
import { paintFailure } from './output/paint/failure.js';
import { createRedactor, type Redact } from './output/redact.js';
import { createStreams, type Streams } from './output/streams.js';
import { secretValues } from './secret-environment.js';

/** Runs a parsed call and tells the exit code; whatever it throws is printed in the one shape of failures. */
export async function executeCall(call: CommandCall): Promise<number> {
  const { signal } = call.surroundings;
  try {
    const { handle } = await call.spec.load();
    return await handle(call);
  } catch (error) {
    if (isStop(error, signal)) {
      return reportFailure(fail('CANCELLED', { what: `waa ${call.spec.name}`, resume: resumeOf(call) }), call);
    }
    return reportFailure(asWaaError(error), call);
  }
}

/** The command that goes on where this one was stopped, as it can be pasted: with `--resume`, or the same again. */
function resumeOf({ spec, args, options }: CommandCall): string {
  const resumes = spec.options?.some((option) => option.flags === '--resume') ?? false;
  const own = resumes ? ['--resume'] : optionWords(spec, options);
  // What looks like an option was an argument, as in `exec -- ls -l`. Before it a list of values would take arguments in.
  const isOptionLike = args.some((word) => word.startsWith('-'));
  return `waa ${spec.name} ${quoteArgv(isOptionLike ? [...own, '--', ...args] : [...args, ...own])}`.trimEnd();
}

/** Whether a person or a signal ended what raised this. */
export function isStop(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}

/** A command line that could not be understood: exit 64, with the shape the user chose as far as it can be known. */
export function reportUsage(
  { problem, hint }: { readonly problem: string; readonly hint: string },
  argv: readonly string[],
  surroundings: Surroundings,
): number {
  const failure = fail('USAGE', { problem, hint });
  const json = argv.includes('--json');
  const color = argv.includes('--no-color') ? false : undefined;
  print(
    failure,
    { report: failure.report(), command: argv.join(' '), json, debug: false },
    streamsOf(surroundings, color),
    createRedactor(secretValues(surroundings.env)),
  );
  return failure.exitCode;
}

function reportFailure(failure: WaaError, call: CommandCall): number {
  const { globals, spec, surroundings } = call;
  const streams = streamsOf(surroundings, globals.color);
  const redact = createRedactor(secretValues(surroundings.env));
  const report = reportAsTyped(failure.report(), globals, textOption(call.options, 'name'));
  print(failure, { report, command: spec.name, json: globals.json, debug: globals.debug }, streams, redact);
  return failure.exitCode === EXIT.ok ? EXIT.failure : failure.exitCode;
}

interface PrintOptions {
  readonly report: FailureReport;
  readonly command: string;
  readonly json: boolean;
  readonly debug: boolean;
}

function print(failure: WaaError, options: PrintOptions, streams: Streams, redact: Redact): void {
  const { report, command, json, debug } = options;
  if (json) writeJson(streams.stdout, { v: 1, command, ok: false, error: report }, redact);
  else streams.stderr.write(`${redact(paintFailure(report, streams.stderr.style()).join('\n'))}\n`);
  if (!debug) return;
  for (let error: unknown = failure; error instanceof Error; error = error.cause) {
    streams.stderr.write(`${redact(error.stack ?? error.message)}\n`);
  }
}

/** The streams of this process, colour as asked. */
export function streamsOf(surroundings: Surroundings, color: boolean | undefined): Streams {
  const env = color === false ? { ...surroundings.env, NO_COLOR: '1' } : surroundings.env;
  return createStreams({
    stdout: surroundings.stdout,
    stderr: surroundings.stderr,
    env,
    platform: surroundings.platform,
  });
}
