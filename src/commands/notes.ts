import { wrap } from '../output/paint/text.js';
import type { Session } from '../session.js';
import type { Tell } from '../tell.js';

/** Tells a person something beside the result, whole: on stderr, because stdout may be on its way into a file. */
export function notesTo({ streams: { stderr } }: Pick<Session, 'streams'>): Tell {
  return (note) => {
    stderr.write(`${wrap(`Note: ${note}`, stderr.style().columns, '  ').join('\n')}\n`);
  };
}
