import { renderFailure, type FailureLine, type RenderableFailure } from '../../failures/render.js';
import type { Paint, Style } from './style.js';
import { oneLine, textWidth, wrap } from './text.js';

const indent = '  ';

/** The failure block: code and symptom in red, why, numbered fixes, evidence, the original error in grey. */
export function paintFailure(report: RenderableFailure, style: Style): readonly string[] {
  return renderFailure(report).flatMap((line) => paintLine(line, style));
}

function paintLine({ role, label, text }: FailureLine, style: Style): readonly string[] {
  const { colour } = style;
  if (role === 'headline') {
    // The code takes its room on the first line only: a filler of its width stands for it while the text is wrapped.
    const filler = '#'.repeat(label.length - 1);
    const [first = '', ...others] = wrap(`${filler} ${oneLine(text)}`, style.columns, indent);
    return [colour.bold(colour.red(label)) + first.slice(label.length), ...others];
  }
  const front = indent + label;
  const body = wrap(text, Math.max(20, style.columns - textWidth(front)));
  const paintBody: Paint =
    role === 'original' || role === 'evidence' || role === 'docs' ? colour.grey : (plain) => plain;
  return body.map((part, index) => (index === 0 ? colour.bold(front) : ' '.repeat(textWidth(front))) + paintBody(part));
}
