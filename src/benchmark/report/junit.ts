import { groupBy } from '../group-by.js';
import { escapeMarkup } from './escape.js';
import type { RunReport, TaskReport } from './model.js';

/**
 * JUnit XML as CI servers read it (Jenkins' junit-10.xsd): a suite a domain, a case a task. What the agent did not solve is
 * a failure, what infrastructure or evaluator spoiled is an error, what did not run to its end is skipped.
 */
export function junitXml(report: RunReport): string {
  const domains = groupBy(report.tasks, (task) => task.domain);
  const suites = [...domains].map(([domain, tasks]) => suite(domain, tasks, report));
  const all = counts(report.tasks);
  const attributes = `name="${escapeMarkup(`waa ${report.head.runId}`)}" ${all} time="${seconds(report.tasks)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes}>\n${suites.join('')}</testsuites>\n`;
}

function suite(domain: string, tasks: readonly TaskReport[], { head, beganAt }: RunReport): string {
  const skipped = tasks.filter((task) => kindOf(task) === 'skipped').length;
  const stamp = beganAt === undefined ? head.createdAt : new Date(beganAt).toISOString();
  const attributes = [
    `name="${escapeMarkup(domain)}"`,
    counts(tasks),
    `skipped="${skipped}"`,
    `time="${seconds(tasks)}"`,
    `timestamp="${stamp.slice(0, 19)}"`,
  ];
  const properties = [
    ['agent', head.agent],
    ['model', head.model],
    ['run', head.runId],
  ].map(([name, value]) => `      <property name="${name ?? ''}" value="${escapeMarkup(value ?? '')}"/>\n`);
  const body = `    <properties>\n${properties.join('')}    </properties>\n${tasks.map(testCase).join('')}`;
  return `  <testsuite ${attributes.join(' ')}>\n${body}  </testsuite>\n`;
}

function testCase(task: TaskReport): string {
  const name = escapeMarkup(task.task.slice(task.domain.length + 1));
  const attributes = `name="${name}" classname="${escapeMarkup(task.domain)}" time="${seconds([task])}"`;
  const kind = kindOf(task);
  if (kind === 'passed') return `    <testcase ${attributes}/>\n`;
  const message = task.state === 'scored' ? `score ${task.score ?? 0}` : task.reason || task.state;
  const spoiled = task.rows
    .filter((row) => row.state === 'infra_error')
    .map((row) => `attempt ${row.attempt} on ${row.worker}: ${row.reason}`)
    .join('\n');
  const text = `${kind} type="${task.state}" message="${escapeMarkup(message)}"`;
  const body = spoiled === '' ? `<${text}/>` : `<${text}>${escapeMarkup(spoiled)}</${kind}>`;
  return `    <testcase ${attributes}>\n      ${body}\n    </testcase>\n`;
}

type Kind = 'passed' | 'failure' | 'error' | 'skipped';

function kindOf({ state, score }: TaskReport): Kind {
  switch (state) {
    case 'scored':
      return score === 1 ? 'passed' : 'failure';
    case 'agent_error':
    case 'timeout':
      return 'failure';
    case 'infra_error':
    case 'eval_error':
      return 'error';
    case 'cancelled':
    case 'pending':
      return 'skipped';
  }
}

function counts(tasks: readonly TaskReport[]): string {
  const of = (kind: Kind): number => tasks.filter((task) => kindOf(task) === kind).length;
  return `tests="${tasks.length}" failures="${of('failure')}" errors="${of('error')}"`;
}

function seconds(tasks: readonly TaskReport[]): string {
  return (tasks.reduce((sum, task) => sum + task.durationMs, 0) / 1000).toFixed(3);
}
