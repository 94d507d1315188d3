/** Result of a command in Windows, as /execute reports it. */
export interface CommandResult {
  readonly output: string;
  readonly error: string;
  readonly returnCode: number;
}

/** What a command may find out about Windows. */
export interface CommandWorld {
  fileExists(path: string): boolean;
  readonly online: boolean;
  /** Epoch ms; missing where there is no evaluation. */
  readonly evaluationEndsMs?: number;
}

const done = (output: string): CommandResult => ({ output, error: '', returnCode: 0 });
const failed = (error: string, returnCode = 1): CommandResult => ({ output: '', error, returnCode });
const EOL = '\r\n';

/**
 * Runs the few commands that are sent: `python -c print(...)`, PowerShell `Test-Path`, `Invoke-WebRequest`, the licence,
 * `cmd /c if exist|ver|echo`, `where`. Anything else answers as Windows does for a program it cannot find.
 */
export function runInWindows(command: readonly string[], world: CommandWorld): CommandResult {
  const [program = '', ...args] = command;
  switch (
    program
      .toLowerCase()
      .replace(/\.exe$/, '')
      .split(/[\\/]/)
      .at(-1)
  ) {
    case 'python':
      return python(args);
    case 'powershell':
    case 'pwsh':
      return powershell(args, world);
    case 'cmd':
      return cmd(args, world);
    case 'whoami':
      return done(`waa\\docker${EOL}`);
    default:
      return failed(`[WinError 2] The system cannot find the file specified: '${program}'`);
  }
}

function python(args: readonly string[]): CommandResult {
  if (args[0] !== '-c') return failed('usage: python [-c cmd]', 2);
  const literal = /^\s*print\((?:"([^"]*)"|'([^']*)'|(-?\d+))\)\s*$/.exec(args[1] ?? '');
  if (!literal)
    return failed(
      'Traceback (most recent call last):\r\n  File "<string>", line 1, in <module>\r\nSyntaxError: invalid syntax',
    );
  return done(`${literal[1] ?? literal[2] ?? literal[3] ?? ''}${EOL}`);
}

/** The script after -Command or -c, its statements run one by one as far as they are known. */
function powershell(args: readonly string[], world: CommandWorld): CommandResult {
  const at = args.findIndex((arg) => /^-c(ommand)?$/i.test(arg));
  const script = at >= 0 ? args.slice(at + 1).join(' ') : args.filter((arg) => !arg.startsWith('-')).join(' ');
  const request = /Invoke-WebRequest|\biwr\b/i.test(script);
  if (request && !world.online) {
    return failed("Invoke-WebRequest : The remote name could not be resolved: 'raw.githubusercontent.com'");
  }
  if (request) return done(`200${EOL}`);
  if (/\bSoftwareLicensingProduct\b/i.test(script)) {
    const endsMs = world.evaluationEndsMs;
    return done(endsMs === undefined ? '' : new Date(endsMs).toISOString().replace(/\.\d+Z$/, `Z${EOL}`));
  }
  const tested = [
    ...script.matchAll(/Test-Path\s+(?:-(?:Literal)?Path\s+)?(?:'([^']+)'|"([^"]+)"|(\S+?)(?=[\s;)]|$))/gi),
  ];
  if (tested.length > 0) {
    const answers = tested.map((match) =>
      world.fileExists(match[1] ?? match[2] ?? match[3] ?? '') ? 'True' : 'False',
    );
    return done(answers.join(EOL) + EOL);
  }
  const echoed = /^\s*(?:Write-Output|echo)\s+['"]?(.*?)['"]?\s*$/i.exec(script);
  if (echoed) return done(`${echoed[1] ?? ''}${EOL}`);
  const name = /^\s*(\S+)/.exec(script)?.[1] ?? '';
  return failed(
    `${name} : The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program.`,
  );
}

function cmd(args: readonly string[], world: CommandWorld): CommandResult {
  const line = args.slice(/^\/c$/i.test(args[0] ?? '') ? 1 : 0).join(' ');
  const test = /^if exist "?([^"]+?)"? \(?echo (\w+)\)?(?: else \(?echo (\w+)\)?)?$/i.exec(line);
  if (test) return done(`${world.fileExists(test[1] ?? '') ? (test[2] ?? '') : (test[3] ?? '')}${EOL}`);
  if (/^ver$/i.test(line)) return done(`${EOL}Microsoft Windows [Version 10.0.26200.6584]${EOL}`);
  const echoed = /^echo (.*)$/i.exec(line);
  if (echoed) return done(`${echoed[1] ?? ''}${EOL}`);
  return failed(
    `'${line.split(' ')[0] ?? ''}' is not recognized as an internal or external command,\r\noperable program or batch file.`,
  );
}
