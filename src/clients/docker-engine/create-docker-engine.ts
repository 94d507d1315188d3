import { finished } from 'node:stream/promises';
import type Dockerode from 'dockerode';
import { familiarName, parseImageReference } from '../../config/image-reference.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { FINGERPRINT_LABEL } from '../../health/winarena.js';
import { toCreateBody } from './container-spec.js';
import type { RegistryAuth } from '../registry/registry.js';
import type { DockerEngine, PullProgress } from './docker-engine.js';
import { linesOf } from './lines-of.js';
import { createPullProgress, pullLine } from './pull-progress.js';
import { readContainer, readImage, readInfo } from './read-answers.js';
import { StreamAgent, type OpenStream } from './stream-agent.js';
import { translateDaemonWords, translateDockerError, type CallSubject } from './translate.js';

/**
 * The Docker Engine behind `openStream`, e.g. a stream forwarded over SSH to `/var/run/docker.sock`. Each call has its own
 * connection and ends with its deadline (rejecting with the deadline's reason). Paths carry no API version, so the daemon
 * speaks its own: from Docker 20.10 (1.41) to 28 the fields read here are the same.
 */
export function createDockerEngine(openStream: OpenStream): DockerEngine {
  /** One call: a client over its own agent, cut when the deadline ends, its errors translated. */
  async function call<T>(
    deadline: Deadline,
    subject: CallSubject,
    work: (docker: Dockerode) => Promise<T>,
  ): Promise<T> {
    deadline.signal.throwIfAborted();
    const agent = new StreamAgent(openStream, deadline);
    const docker = await dockerOver(agent);
    try {
      return await deadline.race(work(docker));
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason;
      throw translateDockerError(error, subject);
    } finally {
      agent.cut();
    }
  }
  /** `undefined` where the daemon says 404. */
  async function orAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw error;
    }
  }
  /** An answer 304: it is so already. */
  async function unlessAlready(asked: Promise<unknown>): Promise<void> {
    try {
      await asked;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 304) throw error;
    }
  }

  return {
    ping: (deadline) => call(deadline, {}, (docker) => docker.ping().then(() => undefined)),
    info: (deadline) => call(deadline, {}, async (docker) => readInfo(await docker.info())),
    inspectImage: (image, deadline) =>
      call(deadline, { image }, async (docker) => {
        const answer = await orAbsent(docker.getImage(image).inspect());
        return answer && readImage(answer);
      }),
    pullImage: (image, deadline, onProgress, auth) =>
      call(deadline, { image }, async (docker) => {
        const { repository, tag, version } = splitReference(image);
        const wanted = { fromImage: repository, tag: version };
        const stream = await (auth ? docker.createImage(authOf(auth), wanted) : docker.createImage(wanted));
        await followTransfer(stream, image, onProgress);
        // `docker image prune` takes images that are known by their digest only (moby, ImagesPrune): the tag protects it.
        if (tag !== undefined && version !== tag) await docker.getImage(image).tag({ repo: repository, tag });
      }),
    pushImage: (image, target, auth, deadline, onProgress) =>
      call(deadline, { image: target }, async (docker) => {
        const { repository, version: tag } = splitReference(target);
        await docker.getImage(image).tag({ repo: repository, tag });
        const stream = await docker.getImage(repository).push({ tag, authconfig: authOf(auth) });
        const digest = await followTransfer(stream, target, onProgress);
        if (digest === undefined) throw fail('DOCKER_CONNECTION_LOST', { detail: `the push of ${target} ended early` });
        return digest;
      }),
    buildImage: (request, deadline, onEvent) =>
      call(deadline, { image: request.tag }, async (docker) => {
        const { buildImage } = await import('./build-image.js');
        return buildImage(docker, request, onEvent);
      }),
    prune: (deadline) =>
      call(deadline, {}, async (docker) => {
        const ours = { 'label!': [FINGERPRINT_LABEL] };
        const containers = await docker.pruneContainers({ filters: JSON.stringify(ours) });
        const images = await docker.pruneImages({ filters: JSON.stringify({ dangling: ['true'] }) });
        const cache = (await docker.pruneBuilder()) as { SpaceReclaimed?: number };
        return (containers.SpaceReclaimed || 0) + (images.SpaceReclaimed || 0) + (cache.SpaceReclaimed ?? 0);
      }),
    inspectContainer: (container, deadline) =>
      call(deadline, { container }, async (docker) => {
        const answer = await orAbsent(docker.getContainer(container).inspect());
        return answer && readContainer(answer);
      }),
    createContainer: (spec, deadline) =>
      call(deadline, { container: spec.name, image: spec.image }, async (docker) => {
        const created = await docker.createContainer(toCreateBody(spec));
        return created.id;
      }),
    startContainer: (container, deadline) =>
      call(deadline, { container }, (docker) => unlessAlready(docker.getContainer(container).start())),
    stopContainer: (container, timeoutS, deadline) =>
      call(deadline, { container }, (docker) => unlessAlready(docker.getContainer(container).stop({ t: timeoutS }))),
    killContainer: (container, deadline) =>
      call(deadline, { container }, (docker) =>
        docker
          .getContainer(container)
          .kill()
          .then(() => undefined),
      ),
    removeContainer: (container, deadline) =>
      call(deadline, { container }, (docker) =>
        orAbsent(docker.getContainer(container).remove({ force: true, v: true })).then(() => undefined),
      ),
    logs: (container, tailLines, deadline, sinceMs = 0) =>
      call(deadline, { container }, async (docker) => {
        const target = docker.getContainer(container);
        const { Config } = await target.inspect();
        const since = sinceMs / 1000;
        const bytes = await target.logs({ stdout: true, stderr: true, tail: tailLines, since, follow: false });
        return Config.Tty ? bytes.toString('utf8') : textOf(demultiplex(bytes));
      }),
    exec: (container, argv, deadline, stdin) =>
      call(deadline, { container }, async (docker) => {
        const attached = { AttachStdout: true, AttachStderr: true, AttachStdin: stdin !== undefined };
        const exec = await docker.getContainer(container).exec({ ...attached, Cmd: [...argv] });
        const stream = await exec.start({ hijack: true, stdin: stdin !== undefined });
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        const ended = finished(stream, { writable: false });
        if (stdin !== undefined) stream.end(stdin);
        await ended;
        const { ExitCode } = await exec.inspect();
        if (ExitCode === null)
          throw fail('DOCKER_CONNECTION_LOST', { detail: `the output of ${argv[0] ?? ''} ended early` });
        const portions = demultiplex(Buffer.concat(chunks));
        const of = (name: 'stdout' | 'stderr'): string => textOf(portions.filter((portion) => portion.stream === name));
        return { exitCode: ExitCode, stdout: of('stdout'), stderr: of('stderr') };
      }),
  };
}

/** Reads a pull or a push to its end; the digest that a push tells. Raises what dockerd says in between. */
async function followTransfer(
  stream: NodeJS.ReadableStream,
  image: string,
  onProgress: (progress: PullProgress) => void,
): Promise<string | undefined> {
  const progress = createPullProgress();
  let digest: string | undefined;
  for await (const line of linesOf(stream)) {
    const read = pullLine.parse(JSON.parse(line));
    if (read.error !== undefined) throw translateDaemonWords(read.errorDetail?.message ?? read.error, 200, { image });
    digest = read.aux?.Digest ?? digest;
    const now = progress.take(read);
    if (now) onProgress(now);
  }
  return digest;
}

/** It travels in a header of the one request, never in an argument or a file. */
const authOf = ({ username, password }: RegistryAuth) => ({ username, password: password.reveal(), serveraddress: '' });

/** dockerode over our agent. Loaded when first needed; its types leave out `agent`, which its README documents. */
async function dockerOver(agent: StreamAgent): Promise<Dockerode> {
  const { default: Docker } = await import('dockerode');
  const options: Dockerode.DockerOptions & { readonly agent: StreamAgent } = {
    protocol: 'http',
    host: 'docker',
    port: 80,
    agent,
  };
  return new Docker(options);
}

interface Portion {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

/** The parts of dockerd's `multiplexed-stream`: stream number, three zeros, length big-endian, bytes. */
function demultiplex(bytes: Buffer): readonly Portion[] {
  const portions: Portion[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    portions.push({ stream: bytes[at] === 2 ? 'stderr' : 'stdout', bytes: bytes.subarray(at + 8, end) });
    at = end;
  }
  return portions;
}

const textOf = (portions: readonly Portion[]): string =>
  Buffer.concat(portions.map((portion) => portion.bytes)).toString('utf8');

/** What POST /images/create wants: the bare name, and the digest rather than the tag when there is one. */
function splitReference(image: string): { repository: string; tag: string | undefined; version: string } {
  const parsed = parseImageReference(image);
  if ('invalid' in parsed) throw fail('DOCKER_IMAGE_REFERENCE_INVALID', { image, detail: parsed.invalid });
  return { repository: familiarName(parsed), tag: parsed.tag, version: parsed.digest ?? parsed.tag ?? 'latest' };
}
