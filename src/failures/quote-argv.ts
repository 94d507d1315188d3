/** Characters that mean nothing to a POSIX shell in any position of a word. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A command line that a POSIX shell splits back into exactly `argv`; nothing in it is ever expanded. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
