interface RenderableEvidence {
  readonly title: string;
  readonly text?: string | undefined;
  readonly path?: string | undefined;
}

/** What is printed of a failure: a FailureReport, or one read back from the journal of any version. */
export interface RenderableFailure {
  readonly code: string;
  readonly symptom: string;
  readonly why: string;
  readonly fix: readonly string[];
  readonly evidence: readonly RenderableEvidence[];
  readonly original?: string | undefined;
  readonly docs: string;
}

/** What a line of a rendered failure is for; whoever prints it chooses colour and wrapping. */
export type FailureLineRole = 'headline' | 'why' | 'fix' | 'evidence' | 'original' | 'docs';

export interface FailureLine {
  readonly role: FailureLineRole;
  /** Stands before the text and is not wrapped: `1. `. */
  readonly label: string;
  readonly text: string;
}

/** Lines of evidence text shown at most; the rest is in the file. */
const EVIDENCE_LINES = 6;
const ORIGINAL_LENGTH = 600;

/**
 * A failure in the one shape it is always printed in: code and symptom, why, numbered fixes, evidence, original error,
 * page. Pure; commands among the fixes stay whole.
 */
export function renderFailure(report: RenderableFailure): readonly FailureLine[] {
  const lines: FailureLine[] = [
    { role: 'headline', label: `${report.code}  `, text: report.symptom },
    { role: 'why', label: 'Why  ', text: report.why },
  ];
  report.fix.forEach((step, index) => {
    lines.push({ role: 'fix', label: `${index === 0 ? 'Fix  ' : '     '}${index + 1}. `, text: step });
  });
  const { original } = report;
  let isSeen = original === undefined || original === report.symptom;
  for (const { title, text, path } of report.evidence) {
    if (path !== undefined) lines.push({ role: 'evidence', label: 'See  ', text: `${title}: ${path}` });
    else lines.push({ role: 'evidence', label: 'Saw  ', text: `${title}:` });
    const shown = text === undefined ? [] : lastLines(text);
    isSeen ||= shown.some((line) => original !== undefined && line.includes(original));
    lines.push(...shown.map((line): FailureLine => ({ role: 'evidence', label: '     | ', text: line })));
  }
  if (original !== undefined && !isSeen) lines.push({ role: 'original', label: 'Original  ', text: shorten(original) });
  lines.push({ role: 'docs', label: 'More  ', text: report.docs });
  return lines;
}

/** The end of a log says what went wrong; its beginning seldom does. */
function lastLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-EVIDENCE_LINES);
}

function shorten(text: string): string {
  return text.length <= ORIGINAL_LENGTH ? text : `${text.slice(0, ORIGINAL_LENGTH)} ...`;
}
