/**
 * What the start of `waa` costs: the time of `waa --help` over the time of an empty Node process, so that the figure
 * means the same on a fast and on a slow machine. Pairs are interleaved, and the median ratio is printed: a busy
 * neighbour disturbs both halves of a pair alike.
 *
 *   npm run build && npm run bench [-- PAIRS]
 */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { median } from '../src/state/median.js';

const DEFAULT_PAIRS = 21;
const waa = fileURLToPath(new URL('../dist/waa.js', import.meta.url));

function milliseconds(args: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status ?? 'a signal'}: ${stderr}`);
  return performance.now() - began;
}

const medianOf = (values: readonly number[]): number => median(values) ?? Number.NaN;

const pairs = Math.max(15, Number(process.argv[2] ?? DEFAULT_PAIRS));
milliseconds([waa, '--help']);
const samples = Array.from({ length: pairs }, () => {
  const empty = milliseconds(['-e', '0']);
  const help = milliseconds([waa, '--help']);
  return { empty, help, ratio: help / empty };
});
const ratio = medianOf(samples.map((sample) => sample.ratio));
const [empty, help] = [medianOf(samples.map((s) => s.empty)), medianOf(samples.map((s) => s.help))];
console.log(`waa --help ${help.toFixed(0)} ms, node -e 0 ${empty.toFixed(0)} ms (medians of ${pairs} pairs)`);
console.log(`startup ratio ${ratio.toFixed(2)}`);
