import { fail, type WaaError } from '../../failures/waa-error.js';
import type { ErrorLink } from './error-chain.js';
import { rules } from './translation-rules.js';
import type { ArmFailure, SeenFailure, TranslationRule } from './translation.js';

const MAX_DETAIL = 400;
const MAX_EVIDENCE = 4096;
/** Codes that only wrap a more specific one. */
const WRAPPERS = new Set([
  'deploymentfailed',
  'invalidtemplatedeployment',
  'resourcedeploymentfailure',
  'resourceoperationfailure',
  'conflict',
  'badrequest',
]);

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_DETAIL ? `${line.slice(0, MAX_DETAIL - 1)}…` : line;
}

function matches(rule: TranslationRule, link: ErrorLink, status: number): boolean {
  if (rule.statuses && !rule.statuses.includes(status)) return false;
  if (rule.codes && !rule.codes.some((code) => code.toLowerCase() === link.code.toLowerCase())) return false;
  return rule.message?.test(link.message) ?? true;
}

/** The statement that says most: the innermost that is no wrapper, else the last. */
function mostSpecific(chain: readonly ErrorLink[]): ErrorLink {
  const inner = chain.filter((link) => link.code !== '' && !WRAPPERS.has(link.code.toLowerCase()));
  return inner.at(-1) ?? chain.at(-1) ?? { code: '', message: '' };
}

/** Translates a failed exchange with ARM into our failure, by the first rule that fits; the whole body is evidence. */
export function translateArmFailure(failure: ArmFailure): WaaError {
  const evidence =
    failure.body === ''
      ? []
      : [
          {
            title: `Azure's answer${failure.requestId === undefined ? '' : ` (request ${failure.requestId})`}`,
            text: failure.body.slice(0, MAX_EVIDENCE),
          },
        ];
  const seenAs = (link: ErrorLink): SeenFailure => ({
    ...failure,
    link,
    detail: oneLine(link.message) || `HTTP ${failure.status}`,
    fail: (code, params) => fail(code, params, { evidence, cause: failure.cause }),
  });
  const links = failure.chain.length === 0 ? [{ code: '', message: '' }] : failure.chain;
  for (const rule of rules) {
    const link = links.findLast((candidate) => matches(rule, candidate, failure.status));
    if (link) return rule.to(seenAs(link));
  }
  const link = mostSpecific(failure.chain);
  const azureCode = link.code || 'no code';
  const seen = seenAs(link);
  if (failure.status >= 200 && failure.status < 300) {
    return seen.fail('AZURE_OPERATION_FAILED', { name: failure.operation, azureCode, detail: seen.detail });
  }
  return seen.fail('AZURE_REQUEST_REFUSED', { status: failure.status, azureCode, detail: seen.detail });
}
