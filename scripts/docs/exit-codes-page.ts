import { failureCodes } from '../../src/failures/catalogue/index.js';
import { EXIT, exitCodeOf } from '../../src/failures/exit-codes.js';
import { definitionOf } from './failures-page.js';
import { page, table } from './markdown.js';

const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failure: 'failed; `preflight`: a critical problem',
  preflightWarnings: '`preflight`: warnings only',
  gateRefused: 'a preflight check that gates the command is critical',
  unhealthy: '`status`: a layer is not healthy',
  usage: 'the command line could not be understood',
  bug: 'a defect of waa',
  interrupted: 'ended by Ctrl-C (SIGINT)',
  terminated: 'ended by SIGTERM',
};

/** docs/exit-codes.md. */
export function exitCodesPage(): string {
  const fixed = Object.entries(EXIT).map(([name, code]) => [String(code), MEANING[name as keyof typeof EXIT]]);
  const byCode = new Map<number, string[]>();
  for (const code of failureCodes) {
    const exit = exitCodeOf(definitionOf(code));
    byCode.set(exit, [...(byCode.get(exit) ?? []), code]);
  }
  const rows = [...byCode]
    .sort(([a], [b]) => a - b)
    .map(([exit, codes]) => [
      String(exit),
      codes
        .sort()
        .map((code) => `[${code}](failures.md#${code.toLowerCase()})`)
        .join(', '),
    ]);
  return page(
    'Exit codes',
    'A failure of a layer exits with tens plus kind: azure 10, vm 20, docker 30, qemu 40, windows 50, server 80, client 90, ' +
      'own state and configuration 100; plus 0 error, 1 conflict, 2 timeout, 3 not running, 5 not found, 6 unsupported, ' +
      '7 permission, 8 configuration, 9 quota or unavailable.',
    [table(['code', 'meaning'], fixed), '## By failure', table(['code', 'failures'], rows)],
  );
}
