import type { Machine } from '../contracts.js';
import type { AttemptFiles } from './attempt-files.js';

/** The line that `task.sh status` prints, from the same files. */
export function statusLine(machine: Machine, files: AttemptFiles, nowMs: number): string {
  const number = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null);
  const [outcome = '', code = '', ended = ''] = files.read('exit').trim().split(' ');
  const heartbeat = number(files.read('heartbeat').trim());
  const lastLine = files.read('run.log').trimEnd().split('\n').at(-1) ?? '';
  return `${JSON.stringify({
    state: stateOf(machine, files),
    outcome: outcome === '' ? null : outcome,
    exitCode: number(code),
    startedS: number(files.read('started').trim()),
    endedS: number(ended),
    heartbeatAgeS: heartbeat === null ? null : Math.max(0, Math.floor(nowMs / 1000) - heartbeat),
    step: lastStep(files.read('run.log')),
    lastLine: lastLine.replace(/[^\x20-\x7e]|["\\]/g, '').slice(0, 200),
  })}\n`;
}

/** Supervisors die with their Linux: an attempt begun under another boot id has none. */
export function supervisorAlive(machine: Machine, files: AttemptFiles): boolean {
  return files.read('boot-id').trim() === machine.bootId && files.read('exit') === '';
}

function stateOf(machine: Machine, files: AttemptFiles): string {
  if (!files.exists) return 'absent';
  if (files.read('exit') !== '') return 'ended';
  return supervisorAlive(machine, files) ? 'running' : 'lost';
}

function lastStep(log: string): number {
  return Number([...log.matchAll(/\] *(?:\u001b\[0m)?Step (\d{1,4}):/g)].at(-1)?.[1] ?? 0);
}
