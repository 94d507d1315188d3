import { resolve } from 'node:path';
import { parseImageReference } from '../config/image-reference.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { buildImageOn, type ImageBuild, type ImageBuildRequest } from '../operations/build-image.js';
import { givenHosts } from '../operations/hosts.js';
import { hostPlans, withHostStack } from '../operations/host-stack.js';
import { leaseKeeper } from '../operations/lease-keeper.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { asOperation } from '../operations/operation.js';
import { reachWorker } from '../operations/reach-worker.js';
import { withDeployment } from '../operations/with-deployment.js';
import { formatBytes, formatDuration } from '../output/paint/units.js';
import type { Session } from '../session.js';
import type { HostsRecord } from '../state/deployment.js';
import type { CommandCall, CommandHandler } from './command.js';
import { hint } from './hints.js';
import { hostFlags } from './host-flags.js';
import { flagOption, listOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** Ten gigabytes of base images at 20 Mbit/s take more than an hour. */
const BUILD_MS = 3 * 3_600_000;

/** `waa image-build [folder]`: builds the container image on a worker of a deployment, or on a host. */
export const handle: CommandHandler = async (call) => {
  const { name, built } = await withSession(call, {}, async (session) => {
    const request = requestOf(call, session);
    const hosts = givenHosts(session, hostFlags(call.options));
    const name = await chooseName(session, textOption(call.options, 'name'));
    showLive(session, call.globals.debug);
    const info = { operation: 'image-build', totalSteps: 1 };
    const built = await asOperation(session, info, () =>
      hosts ? onHost(session, name, hosts, request) : onWorker(session, name, request),
    );
    return { name, built };
  });
  return printResult(call, built, [
    ...linesOf(built),
    'Go on here, before it is in a registry:',
    hint(call, '  waa up --resume --ignore docker-image', name),
    'Into a registry, for other workers:',
    hint(call, '  waa image-push REFERENCE', name),
  ]);
};

function requestOf({ options, args, surroundings }: CommandCall, session: Session): ImageBuildRequest {
  const tag = textOption(options, 'tag') ?? session.config.image.reference.replace(/@.*$/, '');
  const parsed = parseImageReference(tag);
  if ('invalid' in parsed || parsed.digest !== undefined) {
    const problem = 'invalid' in parsed ? parsed.invalid : 'a digest is the result of a build';
    throw fail('USAGE', { problem: `--tag ${tag}: ${problem}`, hint: 'e.g. --tag myregistry.azurecr.io/waa-auto:1' });
  }
  const [folder] = args;
  return {
    directory: folder === undefined ? undefined : resolve(surroundings.cwd, folder),
    tag,
    buildArgs: Object.fromEntries(listOption(options, 'buildArg').map(assignment)),
    noCache: options['cache'] === false,
    classic: flagOption(options, 'classic'),
  };
}

function assignment(text: string): readonly [name: string, value: string] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw fail('USAGE', { problem: `--build-arg ${text}: expected NAME=value`, hint: '--build-arg NAME=value' });
  return [name, value];
}

async function onWorker(session: Session, name: string, request: ImageBuildRequest): Promise<ImageBuild> {
  return withDeployment(session, { name, exclusive: true }, async (open) => {
    const [first] = open.workers;
    if (!first) throw fail('BUG', { what: 'a deployment without workers' });
    const { worker, link } = await reachWorker(session, open, first);
    using deadline = Deadline.after(BUILD_MS, session.clock, open.signal);
    session.observe(leaseKeeper(session, open));
    return await buildImageOn(session, { worker: worker.name, stack: worker.stack, link }, request, deadline);
  });
}

async function onHost(
  session: Session,
  name: string,
  hosts: HostsRecord,
  request: ImageBuildRequest,
): Promise<ImageBuild> {
  const [plan, second] = hostPlans(session, name, hosts);
  if (!plan?.host || second)
    throw fail('USAGE', { problem: 'an image is built on one host', hint: 'Give --host once, then push the image.' });
  const { address } = plan.host;
  return withHostStack(session, plan, async (stack) => {
    using deadline = Deadline.after(BUILD_MS, session.clock, session.signal);
    const link = await stack.link(address, deadline);
    return await buildImageOn(session, { worker: plan.worker, stack, link }, request, deadline);
  });
}

function linesOf({ tag, id, sizeBytes, durationMs, buildArgs, context }: ImageBuild): readonly string[] {
  const facts = Object.entries({ id, context, ...buildArgs });
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    `Built ${tag} in ${formatDuration(durationMs)} (${formatBytes(sizeBytes)}).`,
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    `This worker uses it as it is when image.reference is ${tag} and image.digest is not set.`,
  ];
}
