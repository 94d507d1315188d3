import type { DockerHost, DockerHostFactory } from '../../src/lab/world/contracts.js';

/** A Docker engine that only remembers what was asked of it. */
export interface FakeDockerHost extends DockerHost {
  readonly pulled: readonly string[];
  readonly dataRoot: string;
  readonly events: readonly string[];
}

/** Makes fake engines; `made` gets each of them. */
export function fakeDockerHosts(made: FakeDockerHost[] = []): DockerHostFactory {
  return () => {
    const pulled: string[] = [];
    const events: string[] = [];
    let installed = false;
    let running = false;
    let dataRoot = '';
    const host: FakeDockerHost = {
      pulled,
      events,
      containers: [],
      images: [],
      get dataRoot() {
        return dataRoot;
      },
      get installed() {
        return installed;
      },
      get daemon() {
        return running ? 'running' : 'stopped';
      },
      install(root) {
        installed = true;
        running = true;
        dataRoot = root;
      },
      startDaemon() {
        running = installed;
      },
      stopDaemon() {
        running = false;
      },
      onMachineBoot() {
        events.push('boot');
        running = installed;
      },
      onMachineOff(how) {
        events.push(how);
        running = false;
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
