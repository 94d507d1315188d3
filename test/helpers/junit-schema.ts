import { DOMParser, type Element } from '@xmldom/xmldom';

interface Rule {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly children: readonly string[];
}

const note: Rule = { required: [], optional: ['type', 'message'], children: [] };

/** Elements and attributes that Jenkins' junit-10.xsd (jenkinsci/xunit-plugin) allows, as far as waa could write them. */
const rules: Readonly<Record<string, Rule>> = {
  testsuites: { required: [], optional: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
  testsuite: {
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { required: [], optional: [], children: ['property'] },
  property: { required: ['name', 'value'], optional: [], children: [] },
  testcase: {
    required: ['name'],
    optional: ['time', 'classname', 'group'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  skipped: note,
  error: note,
  failure: note,
};

/** What is wrong with a JUnit file by its schema and its time format; empty when nothing is. */
export function junitProblems(xml: string): readonly string[] {
  const problems: string[] = [];
  const parser = new DOMParser({
    onError: (level, message) => {
      problems.push(`${level}: ${message}`);
    },
  });
  try {
    const root = parser.parseFromString(xml, 'text/xml').documentElement;
    return [...problems, ...(root ? problemsOf(root, ['testsuites']) : ['no root element'])];
  } catch (error) {
    return [...problems, String(error)];
  }
}

function problemsOf(element: Element, allowed: readonly string[]): readonly string[] {
  const name = element.tagName;
  const rule = rules[name];
  if (!rule || !allowed.includes(name)) return [`element ${name} does not belong here`];
  const attributes = Array.from(element.attributes, (one) => [one.name, one.value] as const);
  const names = attributes.map(([key]) => key);
  const children = Array.from(element.childNodes).filter(
    (node): node is Element => node.nodeType === node.ELEMENT_NODE,
  );
  return [
    ...rule.required.filter((key) => !names.includes(key)).map((key) => `${name} lacks ${key}`),
    ...names
      .filter((key) => !rule.required.includes(key) && !rule.optional.includes(key))
      .map((key) => `${name} must not have ${key}`),
    ...attributes
      .filter(([key, value]) => key === 'time' && !/^\d+(\.\d+)?$/.test(value))
      .map(([, value]) => `${name} has the time ${value}`),
    ...children.flatMap((child) => problemsOf(child, rule.children)),
  ];
}
