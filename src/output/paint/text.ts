import { stripVTControlCharacters } from 'node:util';
import type { Style } from './style.js';

/** An escape sequence that sets a colour, or one visible character. */
const PIECES = /\u001b\[[0-9;]*m|./gsu;
const RESET = '\u001b[0m';

/** Columns a character takes: two for East Asian wide ones and emoji, none for combining ones. */
function widthOf(character: string): number {
  if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) return 0;
  const wide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
  return wide.test(character) || /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
}

/** Columns a text takes on a terminal; colour takes none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += widthOf(character);
  return width;
}

/** The text in at most `columns`, its end replaced by an ellipsis when it is longer. Keeps colour intact. */
export function truncate(text: string, columns: number, style: Pick<Style, 'unicode'>): string {
  if (textWidth(text) <= columns) return text;
  const ellipsis = style.unicode ? '…' : '...';
  const room = columns - ellipsis.length;
  if (room <= 0) return '.'.repeat(Math.max(0, columns));
  let width = 0;
  let kept = '';
  let coloured = false;
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece.startsWith('\u001b')) {
      kept += piece;
      coloured = true;
      continue;
    }
    if (width + widthOf(piece) > room) break;
    width += widthOf(piece);
    kept += piece;
  }
  return kept + ellipsis + (coloured ? RESET : '');
}

/** The text filled up with spaces to `columns`; longer ones are left as they are. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const blank = ' '.repeat(Math.max(0, columns - textWidth(text)));
  return side === 'left' ? text + blank : blank + text;
}

/**
 * The text in lines of at most `columns`, broken between words; a word that is longer than a line is broken too, after a
 * slash where it has one. Line breaks in the text are kept, control characters are removed. `hanging` indents later
 * lines.
 */
export function wrap(text: string, columns: number, hanging = ''): readonly string[] {
  return sanitise(text)
    .split('\n')
    .flatMap((paragraph, index) => wrapParagraph(paragraph, columns, index === 0 ? '' : hanging, hanging));
}

function wrapParagraph(paragraph: string, columns: number, first: string, hanging: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of paragraph.split(/ +/)) {
    if (!empty && textWidth(line) + 1 + textWidth(word) > columns) {
      lines.push(line);
      line = hanging;
    } else if (!empty) {
      line += ' ';
    }
    let rest = word;
    while (textWidth(line) + textWidth(rest) > columns) {
      const head = headOf(rest, columns - textWidth(line));
      if (head === rest) break;
      lines.push(line + head);
      line = hanging;
      rest = rest.slice(head.length);
    }
    line += rest;
    empty = false;
  }
  return [...lines, line];
}

/** The beginning of a word that fits, up to its last slash when that leaves a good part; at least one character. */
function headOf(word: string, columns: number): string {
  let width = 0;
  let head = '';
  for (const character of word) {
    width += widthOf(character);
    if (head !== '' && width > columns) break;
    head += character;
  }
  const slash = head.lastIndexOf('/') + 1;
  return slash > head.length / 2 ? head.slice(0, slash) : head;
}

/** One line of text that cannot disturb a terminal: no control characters, no line breaks. */
export function oneLine(text: string): string {
  return sanitise(text).replace(/\s+/g, ' ').trim();
}

/** Foreign text without what would move the cursor or set colours; line breaks are kept. */
export function sanitise(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\t/g, '  ')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '');
}
