/** Characters that mean nothing to a POSIX shell in any position of a word. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A command line that a POSIX shell splits back into exactly `argv`; nothing in it is ever expanded. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** The command in words for a message: at most 80 characters, without what follows `-c`. */
export function nameOf(argv: readonly string[]): string {
  const script = argv.indexOf('-c');
  const shown = script < 0 ? argv : [...argv.slice(0, script), ...argv.slice(script + 2)];
  const text = shown.join(' ');
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
