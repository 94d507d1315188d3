import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KEPT_FOR_MS, TAG_NAMES } from '../azure/tags.js';
import { DAY_MS, HOUR_MS } from '../clock/units.js';
import { readTags } from '../deployment/tags.js';
import { asWaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { isOwn, judgeGroup } from './sweep-look.js';

/** One listing; nobody waits longer for what he did not ask for. */
const LOOK_MS = 5_000;
/** What it tells is due for days: one listing an hour is enough. */
const AGAIN_MS = HOUR_MS;

/**
 * The sweep beside another command: one listing of resource groups, at most once an hour, judged by tags alone; changes
 * nothing. Returns what should be told: pools paused for long, deployments whose lease ended a day ago and which this
 * machine does not know, and those of which something damaged is known here. Whatever goes wrong, the command goes on without it.
 */
export async function quietSweep(session: Session): Promise<readonly string[]> {
  const { clients, clock, emit, paths, signal } = session;
  using deadline = Deadline.after(LOOK_MS, clock, signal);
  try {
    if (!(await isDue(join(paths.cache, 'swept'), clock.now()))) return [];
    const groups = await clients.arm.listResourceGroups(TAG_NAMES.deployment, deadline);
    const texts: string[] = [];
    for (const group of groups) {
      const tags = readTags(group.tags);
      if (!tags || !isOwn(tags.owner, session)) continue;
      const seen = { group, tags, vms: [], guarded: new Set<string>(), leftovers: [] };
      const { isKnown, findings, fault } = await judgeGroup(session, seen, { nowMs: clock.now(), idleMs: 0 });
      if (fault) texts.push(`${tags.deployment}: what is known of it here cannot be read: ${fault.message}`);
      // One that is unknown here may well be in use on another machine: it is told of when that is over.
      const isOver = Date.parse(tags.expiresAt ?? '') < clock.now() + KEPT_FOR_MS - DAY_MS;
      if (!isKnown && !isOver) continue;
      texts.push(...findings.map(({ text }) => `${tags.deployment}: ${text}`));
    }
    return texts.length === 0 ? [] : [...texts, 'Do what is due: waa sweep   (first: waa sweep --dry-run)'];
  } catch (error) {
    if (!signal.aborted)
      emit('log', { component: 'sweep' }, `not swept: ${asWaaError(error).message}`, { level: 'debug' });
    return [];
  }
}

/** Notes the look before it is made: one that fails is not repeated by every command. */
async function isDue(file: string, nowMs: number): Promise<boolean> {
  const last = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (nowMs >= last && nowMs - last < AGAIN_MS) return false;
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  await writeFile(file, String(nowMs), { mode: 0o600 });
  return true;
}
