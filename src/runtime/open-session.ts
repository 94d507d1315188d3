import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { realClock } from '../clock/real-clock.js';
import { createScaledClock } from '../clock/scaled-clock.js';
import { reportAsTyped } from '../commands/as-typed.js';
import type { CommandCall } from '../commands/command.js';
import { textOption } from '../commands/input.js';
import { homeOf, labDirectoryOf } from '../commands/lab-home.js';
import { loadConfig, type ConfigFlag, type ResolvedConfig } from '../config/load.js';
import { keyVariables, modelKey } from '../config/model-key.js';
import { createEventBus } from '../events/bus.js';
import { streamsOf } from '../execute.js';
import { Deadline } from '../health/deadline.js';
import type { LabEndpoints } from '../lab/lab-endpoints.js';
import { startLab } from '../lab/lab-handle.js';
import { createLog, openLogFile } from '../output/log.js';
import { createRedactor } from '../output/redact.js';
import { retryPolicies } from '../retry/policies.js';
import { createRetrier } from '../retry/retry.js';
import { secretValues } from '../secret-environment.js';
import type { Session } from '../session.js';
import { openHistory } from '../state/history.js';
import { statePaths, type StatePaths } from '../state/paths.js';
import { createKnownHosts } from '../clients/ssh/known-hosts.js';
import { createClients } from './clients.js';
import { createWorkerStack } from './worker-stack.js';

/** A lab listens within two seconds; thirty allow for a machine that is busy with something else. */
const LAB_START_MS = 30_000;
/** Key that the lab's model endpoint takes when the user set none: it is worth nothing anywhere else. */
const LAB_API_KEY = 'lab-model-key';
const CONTAINER_NAME = 'winarena';

export interface OpenOptions {
  /** Configuration set by flags of the command, and by what stands in its state home. */
  readonly flags?: readonly ConfigFlag[] | ((paths: StatePaths) => Promise<readonly ConfigFlag[]>);
  /** A lab to use instead of the background one (`waa demo`). */
  readonly lab?: { readonly endpoints: LabEndpoints; readonly home: string };
}

/**
 * Opens one invocation: configuration, clock, bus, log, clients; with `--lab` or `WAA_LAB=1` on the background lab, which
 * is started when it does not run. Emulated and real state never share a home.
 */
export async function openSession(call: CommandCall, options: OpenOptions = {}): Promise<Session> {
  const { surroundings, globals } = call;
  const lab = options.lab?.endpoints ?? (await labOf(call));
  const home = options.lab?.home ?? (lab ? join(labDirectoryOf(call), 'home') : homeOf(call));
  const paths = statePaths(home);
  const env = withLabKey(surroundings.env, lab);
  const flags = typeof options.flags === 'function' ? await options.flags(paths) : (options.flags ?? []);
  const resolved = withLabDefaults(
    await loadConfig({ flags, env: surroundings.env, workingDirectory: surroundings.cwd, home }),
    lab,
  );
  const { config } = resolved;
  const clock = lab ? createScaledClock(lab.time) : realClock;
  const id = `${call.spec.name.replace(' ', '-')}-${randomBytes(4).toString('hex')}`;
  const bus = createEventBus(clock, id);
  const redact = createRedactor(secretValues(env));
  bus.add(
    createLog({
      destination: openLogFile(join(paths.logs, 'waa.log')),
      redact,
      operation: call.spec.name,
      containerName: CONTAINER_NAME,
    }),
  );
  const apiKey = modelKey(config, env);
  const sshKeyPath = config.ssh.keyPath ?? join(paths.ssh, 'id_ed25519');
  const signal = surroundings.signal;
  const clients = createClients({ config, env, lab, clock, emit: bus.emit, paths, signal });

  return {
    kind: lab ? 'lab' : 'azure',
    command: call.spec.name,
    surroundings,
    paths,
    resolved,
    config,
    clock,
    emit: bus.emit,
    retry: createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: surroundings.random }),
    signal,
    streams: streamsOf(surroundings, globals.color),
    json: globals.json,
    redact,
    asTyped: (report) => reportAsTyped(report, globals, textOption(call.options, 'name')),
    history: await openHistory(paths.durations, lab ? 'lab' : 'azure'),
    owner: config.azure.owner ?? surroundings.userName,
    sshKeyPath,
    apiKey,
    environment: env,
    apiKeyVariable: keyVariables[config.model.provider][0],
    clients,
    observe: (consumer) => bus.add(consumer),
    stacks: (knownHostsPath) => {
      const knownHosts = createKnownHosts(knownHostsPath);
      return (plan, { arm = clients.arm, ...rest }) =>
        createWorkerStack({
          plan,
          clients: { ...clients, arm },
          clock,
          emit: bus.emit,
          sshKeyPath,
          knownHosts,
          apiKey,
          ...rest,
        });
    },
    close: () => bus.close(),
  };
}

async function labOf(call: CommandCall): Promise<LabEndpoints | undefined> {
  const { globals, surroundings } = call;
  const wanted = globals.lab || /^(1|true|yes)$/i.test(surroundings.env['WAA_LAB'] ?? '');
  if (!wanted) return undefined;
  using deadline = Deadline.after(LAB_START_MS, realClock, surroundings.signal);
  const { self, env } = surroundings;
  const [scale, slackMs] = [env['WAA_LAB_SCALE'], env['WAA_LAB_SLACK_MS']];
  return await startLab(
    {
      directory: labDirectoryOf(call),
      self,
      env,
      ...(scale === undefined ? {} : { scale }),
      ...(slackMs === undefined ? {} : { slackMs }),
    },
    realClock,
    deadline,
  );
}

/** In a lab nobody needs a paid key. One set to nothing is taken at its word: missing. */
function withLabKey(
  env: CommandCall['surroundings']['env'],
  lab: LabEndpoints | undefined,
): CommandCall['surroundings']['env'] {
  if (!lab) return env;
  const names = Object.values(keyVariables).flat();
  return { ...Object.fromEntries(names.map((name) => [name, LAB_API_KEY])), ...env };
}

/** In a lab the model endpoint and the image are the lab's, where the user set none. */
function withLabDefaults(resolved: ResolvedConfig, lab: LabEndpoints | undefined): ResolvedConfig {
  if (!lab) return resolved;
  const { config, rows } = resolved;
  const imageIsDefault = rows.every((row) => !row.key.startsWith('image.') || row.origin.kind === 'default');
  return {
    ...resolved,
    config: {
      ...config,
      model: { ...config.model, endpoint: config.model.endpoint ?? lab.modelUrl },
      image: imageIsDefault ? lab.image : config.image,
    },
  };
}
