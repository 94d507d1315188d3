/** The command in words for a message: at most 80 characters, without what follows `-c`. */
export function nameOf(argv: readonly string[]): string {
  const script = argv.indexOf('-c');
  const shown = script < 0 ? argv : [...argv.slice(0, script), ...argv.slice(script + 2)];
  const text = shown.join(' ');
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
