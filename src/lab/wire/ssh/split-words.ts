/**
 * Splits a command line into words as a POSIX shell does, without expansions: single quotes, double quotes, backslash.
 * Returns undefined for what a shell would call unterminated, and for anything that needs a real shell (`|`, `;`, `$`).
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let position = 0;
  const take = (): string => line.charAt(position++);

  while (position < line.length) {
    const char = take();
    if (/[ \t\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'") {
      const end = line.indexOf("'", position);
      if (end < 0) return undefined;
      word = (word ?? '') + line.slice(position, end);
      position = end + 1;
    } else if (char === '"') {
      word ??= '';
      for (;;) {
        if (position >= line.length) return undefined;
        const inner = take();
        if (inner === '"') break;
        if (inner === '$' || inner === '`') return undefined;
        if (inner === '\\' && /["\\$`]/.test(line.charAt(position))) word += take();
        else word += inner;
      }
    } else if (char === '\\') {
      if (position >= line.length) return undefined;
      word = (word ?? '') + take();
    } else if (/[|&;<>()$`*?#~]/.test(char)) {
      return undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
