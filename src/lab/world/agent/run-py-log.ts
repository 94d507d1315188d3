/** Formats as upstream's logger does: ANSI colours, then `[time LEVEL module/line-Process] text`. */
export function logLine(epochMs: number, level: 'INFO' | 'ERROR' | 'WARNING', module: string, text: string): string {
  const iso = new Date(epochMs).toISOString();
  const time = `${iso.slice(0, 10)} ${iso.slice(11, 19)},${iso.slice(20, 23)}`;
  return `\u001b[1;33m[${time} \u001b[31m${level} \u001b[32m${module}-MainProcess\u001b[1;33m] \u001b[0m${text}\n`;
}

/** `20260102@030405`, as in the names of upstream's files. */
export function fileStamp(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')}@${iso.slice(11, 19).replaceAll(':', '')}`;
}
