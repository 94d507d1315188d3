import { renderFailure, type FailureLine, type RenderableFailure } from '../../failures/render.js';
import type { Paint, Style } from './style.js';
import { textWidth, wrap } from './text.js';

const indent = '  ';

/** The failure block: code and symptom in red, why, numbered fixes, evidence, the original error in grey. */
export function paintFailure(report: RenderableFailure, style: Style): readonly string[] {
  return renderFailure(report).flatMap((line) => paintLine(line, style));
}

function paintLine({ role, label, text }: FailureLine, style: Style): readonly string[] {
  const { colour } = style;
  const front = role === 'headline' ? label : indent + label;
  const body = wrap(text, Math.max(20, style.columns - textWidth(front)));
  const paintBody: Paint =
    role === 'original' || role === 'evidence' || role === 'docs' ? colour.grey : (plain) => plain;
  const paintFront: Paint = role === 'headline' ? (plain) => colour.bold(colour.red(plain)) : colour.bold;
  return body.map((part, index) => {
    const margin = role === 'headline' ? indent : ' '.repeat(textWidth(front));
    return (index === 0 ? paintFront(front) : margin) + paintBody(part);
  });
}
