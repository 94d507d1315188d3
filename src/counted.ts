/** A number with its noun in a sentence: `1 task`, `3 tasks`. For nouns that take an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
