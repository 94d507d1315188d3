/** First line of every generated page. */
export const GENERATED =
  '<!-- Made by `npm run docs` from the code. Do not edit: change the code and run it again. -->';

/** A cell: pipes would end it, line ends would end the table. */
export function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n');
}

/** A page: the notice, a title, an introduction and its parts. */
export function page(title: string, introduction: string, parts: readonly string[]): string {
  return `${[GENERATED, `# ${title}`, introduction, ...parts].join('\n\n')}\n`;
}
