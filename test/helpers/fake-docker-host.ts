import type { DockerHost, DockerHostFactory } from '../../src/lab/world/contracts.js';

/** A Docker engine that only remembers what was asked of it. */
export interface FakeDockerHost extends DockerHost {
  readonly pulled: readonly string[];
  readonly dataRoot: string;
  readonly events: readonly string[];
  /** The daemon stays `starting` when it is installed, until `settle` says how that ends. */
  startsByHand: boolean;
  settle(as: 'running' | 'stopped'): void;
}

/** Makes fake engines; `made` gets each of them. */
export function fakeDockerHosts(made: FakeDockerHost[] = []): DockerHostFactory {
  return () => {
    const pulled: string[] = [];
    const events: string[] = [];
    let installed = false;
    let daemon: DockerHost['daemon'] = 'stopped';
    const atOnce = (): DockerHost['daemon'] => (installed ? 'running' : 'stopped');
    let dataRoot = '';
    const host: FakeDockerHost = {
      pulled,
      events,
      containers: [],
      images: [],
      startsByHand: false,
      settle(as) {
        daemon = as;
      },
      get dataRoot() {
        return dataRoot;
      },
      get installed() {
        return installed;
      },
      get daemon() {
        return daemon;
      },
      install(root) {
        installed = true;
        daemon = host.startsByHand ? 'starting' : 'running';
        dataRoot = root;
      },
      startDaemon() {
        daemon = atOnce();
      },
      stopDaemon() {
        daemon = 'stopped';
      },
      onMachineBoot() {
        events.push('boot');
        daemon = atOnce();
      },
      onMachineOff(how) {
        events.push(how);
        daemon = 'stopped';
      },
      pull(reference, done) {
        pulled.push(reference);
        done();
      },
      kill: () => undefined,
      prune: () => 1000,
    };
    made.push(host);
    return host;
  };
}
