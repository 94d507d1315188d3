const figures: [what: string, seconds: number][] = [];

/** Keeps a figure for the table at the end. */
export function measure(what: string, seconds: number): void {
  figures.push([what, seconds]);
}

/** All figures, one a line. */
export function measuredTable(): string {
  return figures.map(([what, seconds]) => `${seconds.toFixed(1).padStart(7)} s  ${what}`).join('\n');
}
