import { TAG_NAMES } from '../azure/tags.js';
import { MINUTE_MS } from '../clock/units.js';
import { imageWarning } from '../deployment/golden-image.js';
import { newLease } from '../deployment/lease.js';
import { renewShutdown } from '../deployment/shutdown-schedule.js';
import { workerOfVm } from '../deployment/names.js';
import type { PoolWorker } from '../deployment/pool-worker.js';
import type { SweepFinding, SweptGroup } from '../deployment/sweep-plan.js';
import { asWaaError, fail, type FailureReport, type WaaError } from '../failures/waa-error.js';
import { ourClock } from '../health/clock-offset.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { imageResources } from './images.js';
import { pauseDeployment } from './pause.js';
import { judgeGroup, lookAtGroups, recordOf } from './sweep-look.js';
import { takeDown, takeDownGroup } from './take-down.js';
import { withDeployment } from './with-deployment.js';

export interface SweepRequest {
  readonly dryRun: boolean;
  /** Also what others own. */
  readonly everyone: boolean;
}

/** A finding with what came of it. */
export type SweepResult = SweepFinding &
  ({ readonly outcome: 'told' | 'planned' | 'done' } | { readonly outcome: 'failed'; readonly fault: FailureReport });

export interface SweepReport {
  readonly looked: number;
  readonly findings: readonly SweepResult[];
  /** Resources with our tag outside of our resource groups: never touched. */
  readonly strays: readonly string[];
}

/**
 * Looks at every deployment of ours in the subscription, known here or not, and does what is due: sets missing schedules,
 * deallocates what is off and billed, pauses what is idle, announces and deletes what nobody used for fourteen days. What a
 * command works on is left alone; one that fails does not stop the others. Raises OWN_CLOCK_WRONG: it goes by dates.
 */
export async function sweep(session: Session, request: SweepRequest, deadline: Deadline): Promise<SweepReport> {
  const { clock, config } = session;
  await proveClock(session, deadline);
  const { ours, unseen, strays } = await lookAtGroups(session, request.everyone, deadline);
  const terms = { nowMs: clock.now(), idleMs: config.azure.idlePauseMinutes * MINUTE_MS };
  const findings = unseen.map((one) => notJudged(one, 'what is in it cannot be listed', one.fault));
  for (const seen of ours) {
    const { findings: due, fault } = await judgeGroup(session, seen, terms);
    if (fault) findings.push(notJudged(seen, 'what is known of it here cannot be read', fault));
    for (const finding of due) findings.push(await treat(session, seen, finding, request, deadline));
  }
  return {
    looked: ours.length + unseen.length,
    findings: [...findings, ...(await lookAtImages(session, request, deadline))],
    strays: strays.map(({ id }) => id),
  };
}

/** A clock that is weeks ahead would have everything deleted that was paused yesterday. */
async function proveClock({ clients, retry }: Session, deadline: Deadline): Promise<void> {
  const off = ourClock(await retry('arm', (own) => clients.arm.clockOffset(own), { deadline }));
  if (off) throw fail('OWN_CLOCK_WRONG', { than: 'Azure', ...off });
}

const notJudged = (
  { group, tags }: Pick<SweptGroup, 'group' | 'tags'>,
  text: string,
  fault: WaaError,
): SweepResult => ({
  deployment: tags.deployment,
  group: group.name,
  action: 'none',
  text,
  outcome: 'failed',
  fault: fault.report(),
});

/** Golden images are kept on purpose: what is wrong with one is told, and left to its owner. */
async function lookAtImages(
  session: Session,
  { everyone }: SweepRequest,
  deadline: Deadline,
): Promise<readonly SweepResult[]> {
  const images = await imageResources(session, everyone, deadline);
  return images.flatMap(({ image, refs }) => {
    const warning = imageWarning(image, session.clock.now());
    const extra = refs.filter(({ name }) => image.disk && name !== image.disk.snapshot).map(({ name }) => name);
    const texts = [
      ...(warning === undefined ? [] : [`${warning}: waa image-delete ${image.name}, or image-refresh`]),
      ...(extra.length === 0 ? [] : [`left behind by another try: ${extra.join(', ')}`]),
    ];
    const about = { deployment: `image ${image.name}`, group: image.group, action: 'none', outcome: 'told' } as const;
    return texts.map((text): SweepResult => ({ ...about, text }));
  });
}

async function treat(
  session: Session,
  seen: SweptGroup,
  finding: SweepFinding,
  { dryRun }: SweepRequest,
  deadline: Deadline,
): Promise<SweepResult> {
  if (finding.action === 'none') return { ...finding, outcome: 'told' };
  if (dryRun) return { ...finding, outcome: 'planned' };
  try {
    await act(session, seen, finding, deadline);
    return { ...finding, outcome: 'done' };
  } catch (error) {
    if (session.signal.aborted) throw error;
    return { ...finding, outcome: 'failed', fault: asWaaError(error).report() };
  }
}

async function act(session: Session, seen: SweptGroup, finding: SweepFinding, deadline: Deadline): Promise<void> {
  const { clients, clock, config, retry } = session;
  const { group, tags } = seen;
  switch (finding.action) {
    case 'guard':
      await renewShutdown(
        { arm: clients.arm, clock, retry },
        poolWorker(seen, finding),
        newLease(clock.now(), config.azure.autoPauseHours),
        deadline,
      );
      return;
    case 'deallocate': {
      const { vmName, resourceGroup } = poolWorker(seen, finding);
      const operation = await retry('arm', (own) => clients.arm.beginDeallocateVm(resourceGroup, vmName, own), {
        deadline,
      });
      await operation.wait(deadline);
      return;
    }
    case 'pause':
      await withDeployment(session, { name: tags.deployment, exclusive: true }, (open) =>
        pauseDeployment(session, open, deadline),
      );
      return;
    case 'notice': {
      const noticed = { ...group.tags, [TAG_NAMES.notice]: new Date(clock.now()).toISOString() };
      await retry('arm', (own) => clients.arm.putResourceGroup(group.name, group.region, noticed, own), { deadline });
      return;
    }
    case 'delete':
      await deleteGroup(session, seen, deadline);
      return;
    case 'none':
      return;
  }
}

/** With the record that is here, so that it is forgotten too; without one by the tags alone. */
async function deleteGroup(session: Session, seen: SweptGroup, deadline: Deadline): Promise<void> {
  const { deployment, owner = session.owner } = seen.tags;
  if (await recordOf(session, seen)) {
    await withDeployment(session, { name: deployment, exclusive: true }, (open) =>
      takeDown(session, open, false, deadline),
    );
    return;
  }
  await takeDownGroup(session, seen.group, { deployment, owner }, false, deadline);
}

function poolWorker({ group, vms, tags }: SweptGroup, { vm: name = '' }: SweepFinding): PoolWorker {
  const vm = vms.find((one) => one.name === name);
  if (!vm) throw fail('BUG', { what: `a sweep lost sight of ${name}` });
  const worker = workerOfVm(tags.deployment, name) ?? name;
  return { worker, vmName: name, resourceGroup: group.name, region: vm.region, tags: vm.tags };
}
