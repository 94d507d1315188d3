import type { ArmClient } from './clients/arm/arm.js';
import type { CallerAddressClient } from './clients/caller-address/caller-address.js';
import type { ModelClient } from './clients/model/model.js';
import type { PricesClient } from './clients/prices/prices.js';
import type { RegistryClient, RegistryLogin } from './clients/registry/registry.js';
import type { Dial } from './clients/ssh/ssh.js';
import type { Clock } from './clock/clock.js';
import type { Surroundings } from './commands/command.js';
import type { ResolvedConfig } from './config/load.js';
import type { Config } from './config/schema.js';
import type { Secret } from './config/secret.js';
import type { Emit, EventConsumer } from './events/bus.js';
import type { HostAddress, VmOutput } from './layers/io.js';
import type { WindowsInventory } from './layers/server/inventory.js';
import type { ServerNeeds } from './layers/server/needs.js';
import type { ResetMode } from './layers/windows/reset.js';
import type { Flights } from './layers/share-layer.js';
import type { AnyLayer } from './layers/layer.js';
import type { WorkerPlan } from './layers/worker-plan.js';
import type { Redact } from './output/redact.js';
import type { Streams } from './output/streams.js';
import type { Retrier } from './retry/retry.js';
import type { SshLink } from './clients/ssh/ssh.js';
import type { Deadline } from './health/deadline.js';
import type { DockerEngine } from './clients/docker-engine/docker-engine.js';
import type { HostClaims } from './host/host-claims.js';
import type { HostTools } from './host/host-tools.js';
import type { TaskSupervisor } from './host/task-supervisor.js';
import type { History } from './state/history.js';
import type { StatePaths } from './state/paths.js';

/** The clients that need no worker. Made on first use. */
export interface Clients {
  readonly arm: ArmClient;
  readonly callerAddress: CallerAddressClient;
  readonly prices: PricesClient;
  readonly registry: RegistryClient;
  readonly registryLogin: RegistryLogin;
  readonly model: ModelClient;
  readonly dial: Dial;
}

/** What may be done to a worker beside the plan. */
export interface StackOptions {
  /** What the chosen tasks need of Windows. */
  readonly needs: ServerNeeds;
  /** Windows may be installed anew when nothing else helps: erases its disk. */
  readonly allowReinstall: boolean;
  /** Of the deployment's own subscription; without it the one in use. */
  readonly arm?: ArmClient;
  /** Of the deployment: steps that its workers have in common are done once. */
  readonly shared?: Flights;
}

/** One worker's layers and the ways to it. */
export interface WorkerStack {
  readonly plan: WorkerPlan;
  /** Bottom first: seven, or six without azure on a host of the user's own. */
  readonly layers: readonly AnyLayer[];
  readonly host: HostTools;
  /** On a host that is not ours: whose it is. */
  readonly claims: HostClaims | undefined;
  readonly supervisor: TaskSupervisor;
  link(address: HostAddress, deadline: Deadline): Promise<SshLink>;
  engine(link: SshLink): DockerEngine;
  /** Shuts Windows down cleanly and proves its installed marker; `unfinished`: it was never installed to the end. */
  quiesce(
    target: Pick<VmOutput, 'address' | 'dataDirectory'>,
    deadline: Deadline,
  ): Promise<'shut-down' | 'was-off' | 'unfinished'>;
  /** Closes the connection before the machine is taken down: its end is then no failure. */
  hangUp(): void;
  /** Asks the running Windows for its apps and the end of its evaluation. */
  inventory(target: Pick<VmOutput, 'address'>, deadline: Deadline): Promise<WindowsInventory>;
  /** Brings Windows back between tasks, by the mode of `benchmark.reset`. */
  reset(mode: ResetMode, target: Pick<VmOutput, 'address' | 'dataDirectory'>, deadline: Deadline): Promise<void>;
  close(): Promise<void>;
}

/** One invocation: where it runs, what it may use, where it tells what happens. Made by the runtime only. */
export interface Session {
  readonly kind: 'azure' | 'lab';
  readonly command: string;
  readonly surroundings: Surroundings;
  readonly paths: StatePaths;
  readonly resolved: ResolvedConfig;
  readonly config: Config;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly retry: Retrier;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  readonly streams: Streams;
  readonly json: boolean;
  readonly redact: Redact;
  /** A failure whose fix steps can be pasted after this invocation: they name lab, home and deployment as it did. */
  asTyped<R extends { readonly fix: readonly string[] }>(report: R): R;
  readonly history: History;
  readonly owner: string;
  readonly sshKeyPath: string;
  /** The model's key; undefined when the environment has none. */
  readonly apiKey: Secret | undefined;
  /** The environment, in a lab with the lab's own key. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Name of the variable the key is read from, for messages. */
  readonly apiKeyVariable: string;
  readonly clients: Clients;
  /** Adds a consumer; it is closed with the session, or before by the function that is returned. */
  observe(consumer: EventConsumer): () => Promise<void>;
  /** What makes the stacks of one deployment's workers, which share its known_hosts file. */
  stacks(knownHostsPath: string): (plan: WorkerPlan, options: StackOptions) => WorkerStack;
  close(): Promise<void>;
}
