import { Command, CommanderError, Option } from 'commander';
import type { CommandCall, CommandSpec, GlobalOptions, RawOptions, Surroundings } from './commands/command.js';
import { commandTable } from './commands/table.js';

/** What commander made of the command line: a call, text that was already printed, or a usage error. */
export type ParsedLine =
  | { readonly kind: 'call'; readonly call: CommandCall }
  | { readonly kind: 'printed'; readonly exitCode: number }
  | { readonly kind: 'usage'; readonly problem: string; readonly hint: string };

/** Text at the end of the help: what a new user types first. */
const EPILOGUE = `
Start with:  waa demo             a whole evaluation in a minute, no account
             waa preflight        what is missing for a real one
Anywhere:    --lab                use the emulated subscription instead of Azure`;

/**
 * Turns the command line into a call of the command table. Prints help and version to stdout; never exits and never
 * runs a handler itself.
 */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  surroundings: Surroundings,
): Promise<ParsedLine> {
  let call: CommandCall | undefined;
  let problem = '';
  const root = buildProgram(version, (spec, globals, options, args) => {
    call = { spec, globals, options, args, surroundings };
  });
  configureOutput(root, surroundings, (text) => {
    problem += text;
  });
  try {
    await root.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'printed', exitCode: 0 };
    return { kind: 'usage', ...usageOf(error, problem, argv) };
  }
  return call ? { kind: 'call', call } : { kind: 'printed', exitCode: 0 };
}

/** Commander's complaint in our words, and what to type instead. */
function usageOf(error: CommanderError, printed: string, argv: readonly string[]): { problem: string; hint: string } {
  const words = argv.filter((word) => !word.startsWith('-'));
  const [first = ''] = words;
  // Commander prints the whole help when only the first word of `lab start` is given.
  if (error.code === 'commander.help') {
    const names = commandTable.flatMap(({ name, hidden }) =>
      name.startsWith(`${first} `) && hidden !== true ? [name.slice(first.length + 1)] : [],
    );
    return { problem: `waa ${first} needs one of: ${names.join(', ')}`, hint: `waa ${first} --help` };
  }
  const text = printed.trim() || error.message;
  const problem = text.replace(/^error: /, '').replace(/\s*\(Did you mean [^)]*\)/, '');
  const meant = /\(Did you mean (?:one of )?([^,)?]+)/.exec(text)?.[1];
  const wrong = /'([^']+)'/.exec(problem)?.[1];
  if (meant !== undefined && wrong !== undefined && argv.includes(wrong)) {
    return { problem, hint: `waa ${argv.map((word) => (word === wrong ? meant : word)).join(' ')}` };
  }
  const known = commandTable.find(({ name }) => name === first || name === words.slice(0, 2).join(' '));
  return { problem, hint: known ? `waa ${known.name} --help` : 'waa --help' };
}

type OnCall = (spec: CommandSpec, globals: GlobalOptions, options: RawOptions, args: readonly string[]) => void;

/** The commander tree of the table; `skip` leaves commands out. Nothing runs until it is parsed. */
export function buildProgram(version: string, onCall: OnCall, skip: readonly string[] = []): Command {
  const root = new Command('waa')
    .description('Windows Agent Arena evaluations on Azure: seven layers proven healthy, results brought home.')
    .version(version)
    .showSuggestionAfterError(true)
    .addHelpText('after', EPILOGUE)
    .exitOverride();
  addGlobals(root);
  const parents = new Map<string, Command>();
  for (const spec of commandTable) {
    if (skip.includes(spec.name)) continue;
    const words = spec.name.split(' ');
    const leaf = words.at(-1) ?? spec.name;
    const parent = words.length === 1 ? root : parentOf(root, parents, words[0] ?? '');
    addCommand(parent, leaf, spec, onCall);
  }
  return root;
}

const PARENT_SUMMARY: Readonly<Record<string, string>> = {
  lab: 'Control the emulated subscription',
  config: 'Look at the configuration',
  tasks: 'List, check and sample tasks',
};

function parentOf(root: Command, parents: Map<string, Command>, name: string): Command {
  const known = parents.get(name);
  if (known) return known;
  const parent = root
    .command(name)
    .description(PARENT_SUMMARY[name] ?? name)
    .helpGroup('Set up');
  parents.set(name, parent);
  return parent;
}

function addGlobals(command: Command): void {
  command
    .addOption(new Option('--json', 'print one JSON document to stdout'))
    .addOption(new Option('--lab', 'use the lab (also WAA_LAB=1)'))
    .addOption(new Option('--home <directory>', 'state home (also WAA_HOME; default ~/.waa)'))
    .addOption(new Option('--debug', 'print the log and stack traces to stderr'))
    .addOption(new Option('--no-color', 'no colour (also NO_COLOR)'));
}

function addCommand(parent: Command, name: string, spec: CommandSpec, onCall: OnCall): void {
  const command = parent.command(name, { hidden: spec.hidden === true }).summary(spec.summary);
  command.description(spec.summary).helpGroup(spec.group);
  for (const argument of spec.arguments ?? []) command.argument(argument.syntax, argument.description);
  for (const option of spec.options ?? []) {
    const made = new Option(option.flags, option.description);
    command.addOption(option.choices ? made.choices([...option.choices]) : made);
  }
  if (spec.examples)
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  waa ${line}`).join('\n')}`);
  addGlobals(command);
  command.action((...received: unknown[]) => {
    const self = received.at(-1) as Command;
    const all = self.optsWithGlobals();
    onCall(spec, globalsOf(all, usedNoColor(self)), all, self.args);
  });
}

/** `--no-color` may stand before or after the command; commander lets the outer default win, so both are asked. */
function usedNoColor(command: Command | null): boolean {
  return command !== null && (command.getOptionValue('color') === false || usedNoColor(command.parent));
}

function globalsOf(all: Record<string, unknown>, noColor: boolean): GlobalOptions {
  return {
    json: all['json'] === true,
    lab: all['lab'] === true,
    debug: all['debug'] === true,
    color: noColor ? false : undefined,
    home: typeof all['home'] === 'string' ? all['home'] : undefined,
  };
}

function configureOutput(command: Command, surroundings: Surroundings, onError: (text: string) => void): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => surroundings.stdout.write(text),
    writeErr: (text) => {
      onError(text);
    },
    getOutHelpWidth: () => Math.min(surroundings.stdout.columns ?? 80, 80),
    getErrHelpWidth: () => 80,
  });
  for (const child of command.commands) configureOutput(child, surroundings, onError);
}
