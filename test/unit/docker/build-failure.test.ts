import { describe, expect, it } from 'vitest';
import { encodeTrace } from '../../../src/clients/docker-engine/buildkit-trace.js';
import { createBuildReader } from '../../../src/clients/docker-engine/build-events.js';
import { translateBuildFailure, type BuildPlace } from '../../../src/clients/docker-engine/build-failure.js';

const at = (over: Partial<BuildPlace> = {}): BuildPlace => ({
  tag: 'me/one:1',
  step: 3,
  instruction: 'RUN apt-get update',
  output: [],
  ...over,
});
const FROM = { step: 1, instruction: 'FROM docker.io/dockurr/windows:6.05' };

/** Texts of dockerd 20.10.24 as it sent them, of 28 as its sources and threads have them. */
describe('a build that failed', () => {
  it.each([
    ['DOCKER_BUILD_STEP_FAILED', "The command '/bin/sh -c apt-get update' returned a non-zero code: 100", at()],
    [
      'DOCKER_BUILD_STEP_FAILED',
      'process "/bin/sh -c apt-get update" did not complete successfully: exit code: 100',
      at(),
    ],
    [
      'DOCKER_BUILD_STEP_FAILED',
      'failed to compute cache key: "/nope.txt" not found: not found',
      at({ instruction: 'COPY nope.txt /b' }),
    ],
    ['DOCKER_BUILD_STEP_FAILED', 'executor failed running [/bin/true]: network bridge not found', at()],
    [
      'DOCKER_BUILD_FILE_INVALID',
      'dockerfile parse error line 2: unknown instruction: BOGUS',
      at({ step: 0, instruction: '' }),
    ],
    [
      'DOCKER_BUILD_FILE_INVALID',
      'failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: BOGUS',
      at({ step: 0, instruction: '' }),
    ],
    [
      'DOCKER_BUILD_BASE_FAILED',
      'Get "https://nobody.invalid/v2/": dial tcp: lookup nobody.invalid on 10.0.0.2:53: no such host',
      at(FROM),
    ],
    [
      'DOCKER_BUILD_BASE_FAILED',
      'failed to solve: dockurr/windows:9: failed to resolve source metadata for docker.io/dockurr/windows:9: not found',
      at(FROM),
    ],
    [
      'DOCKER_PULL_RATE_LIMITED',
      'failed to solve: dockurr/windows:6.05: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/dockurr/windows/manifests/6.05: 429 Too Many Requests - Server message: toomanyrequests',
      at(FROM),
    ],
    ['DOCKER_DISK_FULL', 'failed to register layer: write /usr/lib/x.so: no space left on device', at(FROM)],
    [
      'DOCKER_DISK_FULL',
      "The command '/bin/sh -c apt-get update' returned a non-zero code: 100",
      at({ output: ["E: You don't have enough free space", 'write error: No space left on device'] }),
    ],
  ])('is %s: %s', (code, words, place) => {
    expect(translateBuildFailure(words, place).code).toBe(code);
  });

  it('keeps the last lines as evidence, and the step in one line', () => {
    const failure = translateBuildFailure(
      'exit code: 1',
      at({ instruction: `RUN a \\\n  && ${'b'.repeat(200)}`, output: ['x', 'y'] }),
    );
    expect(failure.evidence).toEqual([{ title: 'last lines of step 3', text: 'x\ny' }]);
    expect(String(failure.params['instruction'])).toMatch(/^RUN a \\ && b+…$/);
  });
});

describe('lines of a build', () => {
  const read = (lines: readonly unknown[]) => {
    const reader = createBuildReader();
    return lines.map((line) => reader(JSON.stringify(line)));
  };

  it('of the classic builder: steps, output without colours, pulls, the id', () => {
    const seen = read([
      { stream: 'Step 1/2 : FROM ubuntu:24.04' },
      { stream: '\n' },
      { status: 'Downloading', progressDetail: { current: 5, total: 10 }, id: 'ab12' },
      { stream: ' ---> 48939f0a6e75\n' },
      { stream: 'Step 2/2 : RUN x' },
      { stream: ' ---> Using cache\n' },
      { stream: '\u001b[91mwarning\n\u001b[0m' },
      { aux: { ID: 'sha256:1' } },
      { stream: 'Successfully built 994e87961413\n' },
    ]);
    expect(seen.flatMap(({ events }) => events)).toEqual([
      { kind: 'step', state: 'started', step: 1, steps: 2, instruction: 'FROM ubuntu:24.04' },
      { kind: 'transfer', id: 'ab12', doneBytes: 5, totalBytes: 10 },
      { kind: 'step', state: 'done', step: 1, steps: 2, instruction: 'FROM ubuntu:24.04' },
      { kind: 'step', state: 'started', step: 2, steps: 2, instruction: 'RUN x' },
      { kind: 'step', state: 'cached', step: 2, steps: 2, instruction: 'RUN x' },
      { kind: 'output', text: 'warning' },
      { kind: 'step', state: 'done', step: 2, steps: 2, instruction: 'RUN x' },
    ]);
    expect(seen.map(({ imageId }) => imageId).filter(Boolean)).toEqual(['sha256:1']);
  });

  it('of BuildKit: stages added up, each change of a vertex once', () => {
    const trace = (message: Parameters<typeof encodeTrace>[0]) => ({
      id: 'moby.buildkit.trace',
      aux: encodeTrace(message),
    });
    const time = { seconds: 1_795_337_684 };
    const vertex = (digest: string, name: string, more: object = {}) => ({ digest, name, ...more });
    const seen = read([
      trace({ vertexes: [vertex('m', '[internal] load metadata for docker.io/a/b:1', { started: time })] }),
      trace({
        vertexes: [vertex('1', '[base 1/1] FROM docker.io/a/b:1'), vertex('2', '[stage-1 1/2] FROM docker.io/c/d:2')],
      }),
      trace({ vertexes: [vertex('1', '[base 1/1] FROM docker.io/a/b:1', { started: time })] }),
      trace({ vertexes: [vertex('1', '[base 1/1] FROM docker.io/a/b:1', { started: time })] }),
      trace({
        vertexes: [vertex('1', '[base 1/1] FROM docker.io/a/b:1', { started: time, completed: time, cached: true })],
      }),
      trace({ statuses: [{ ID: 'sha256:9', current: 3, total: 9 }], logs: [{ msg: Buffer.from('one\r\ntwo\n') }] }),
      { id: 'moby.image.id', aux: { ID: 'sha256:2' } },
    ]);
    expect(seen.flatMap(({ events }) => events)).toEqual([
      { kind: 'step', state: 'started', step: 0, steps: 0, instruction: 'FROM docker.io/a/b:1' },
      { kind: 'step', state: 'started', step: 1, steps: 3, instruction: 'FROM docker.io/a/b:1' },
      { kind: 'step', state: 'cached', step: 1, steps: 3, instruction: 'FROM docker.io/a/b:1' },
      { kind: 'transfer', id: 'sha256:9', doneBytes: 3, totalBytes: 9 },
      { kind: 'output', text: 'one' },
      { kind: 'output', text: 'two' },
    ]);
    expect(seen.at(-1)?.imageId).toBe('sha256:2');
  });

  it("of a failure: the daemon's whole words", () => {
    expect(read([{ errorDetail: { message: 'whole' }, error: 'short' }])[0]).toEqual({ events: [], error: 'whole' });
  });
});
