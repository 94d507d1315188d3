import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { realClock } from '../../src/clock/real-clock.js';
import { realDial } from '../../src/clients/ssh/dial.js';
import { createKnownHosts } from '../../src/clients/ssh/known-hosts.js';
import { createSshLinks } from '../../src/clients/ssh/links.js';
import type { SshLink } from '../../src/clients/ssh/ssh.js';
import { createWaaServer } from '../../src/clients/waa-server/create-waa-server.js';
import { Deadline } from '../../src/health/deadline.js';
import { winarenaPaths } from '../../src/health/winarena.js';
import { dockerEngineSuite, openUnix } from '../contract/docker/engine-suite.js';
import { hostSuite } from '../contract/host/suite.js';
import { qmpContract } from '../contract/qmp/suite.js';
import { sshSuite } from '../contract/ssh/suite.js';
import type { SshTarget } from '../contract/ssh/target.js';
import { waaServerSuite } from '../contract/waa-server/suite.js';
import { BASE_IMAGE } from './image.js';
import type { Machine } from './machine/machine.js';
import { DATA, qemuIs, type Rig } from './rig.js';

/** The contract suites of the clients against the machine, its Docker, and the guest that runs on it. */
export function contractSuite(rig: () => Rig): void {
  sshSuite("the rig's OpenSSH", () => startSshTarget(rig().machine));
  hostSuite("the rig's host", async () => {
    const { machine } = rig();
    const target = await startSshTarget(machine);
    const storage = `${target.directory}/sto rage's/storage`;
    await mkdir(machine.path(storage), { recursive: true });
    return {
      ...target,
      storage,
      put: (path, text) => writeFile(machine.path(path), text),
      list: async (directory) => readdirSync(machine.path(directory)).map((name) => `${directory}/${name}`),
    };
  });
  dockerEngineSuite("the rig's daemon", async () => {
    const { machine } = rig();
    return {
      socketPath: machine.path('/run/docker.sock'),
      image: BASE_IMAGE,
      canPull: false,
      scratch: '/tmp/waa-contract',
      [Symbol.asyncDispose]: async () => undefined,
    };
  });

  describe("WAA's server in the guest", () => {
    let link: SshLink;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const { machine } = rig();
      const directory = await mkdtemp(join(tmpdir(), 'waa-rig-server-'));
      const links = createSshLinks({
        dial: realDial,
        clock: realClock,
        privateKeyPath: machine.keyPath,
        knownHosts: createKnownHosts(join(directory, 'known_hosts')),
      });
      link = await links.open({ host: machine.address, port: 22, user: 'root' }, Deadline.none(realClock));
      close = async () => {
        await links.close();
        await rm(directory, { recursive: true });
      };
    });
    afterAll(() => close());
    const openStream = () => link.forwardTcp('127.0.0.1', 5000, Deadline.none(realClock));
    waaServerSuite(async () => ({
      server: createWaaServer(openStream),
      raw: async (method, path, body) => {
        const socket = await openStream();
        return new Promise((resolve, reject) => {
          const headers = path === '/file' ? {} : { 'content-type': 'application/json' };
          const call = request({ method, path, headers, createConnection: () => socket }, (answer) => {
            let text = '';
            answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
          });
          call.on('error', reject);
          call.end(body);
        });
      },
      close: async () => undefined,
    }));
  });
}

/** Against the QEMU of a container that ended and is started for it; whatever Windows does meanwhile. */
export function qmpSuite(rig: () => Rig): void {
  qmpContract("the rig's QEMU", async () => {
    const { machine } = rig();
    const paths = winarenaPaths(DATA);
    await machine.sh('docker start winarena');
    await qemuIs(machine, 'running');
    return {
      open: () => openUnix(machine.path(paths.qmpSocket)),
      clock: realClock,
      screenPath: `${paths.runInside}/contract.png`,
      readScreen: () => readFile(machine.path(`${paths.run}/contract.png`)),
      impossiblePath: '/no/such/directory/screen.png',
      close: async () => undefined,
    };
  });
}

const SSHD = '/usr/sbin/sshd -f /etc/ssh/rig_config -E /var/log/sshd.log';
/** sshd goes into the background before it listens. */
const SSHD_LISTENS = "until ss -ltnH 'sport = :22' | grep -q .; do sleep 0.05; done";
const END_SSHD = 'for pid in $(pgrep -x sshd); do kill -9 "$pid" 2>/dev/null || true; done';
const PONG =
  'const s = (p) => require("net").createServer({ allowHalfOpen: true }, (c) => { c.on("error", () => 0); c.once("data", () => c.end("pong")); }).listen(p); s(7777); s(process.argv[1]);';

/** The machine's own sshd for one test; as it was before afterwards. */
async function startSshTarget(machine: Machine): Promise<SshTarget> {
  const directory = await mkdtemp(join(tmpdir(), 'waa-rig-ssh-'));
  await machine.sh(`mkdir -p '${directory}'; rm -f '${directory}/pong.sock'`);
  const pongSocket = `${directory}/pong.sock`;
  const pong = await machine.sh(
    `nohup ${process.execPath} -e '${PONG}' '${pongSocket}' >/dev/null 2>&1 & echo $!; until [ -S '${pongSocket}' ]; do sleep 0.05; done`,
  );
  const restart = `${END_SSHD}; ${SSHD}; ${SSHD_LISTENS}`;
  const original = readFileSync(machine.path('/etc/ssh/rig_host_key'));
  return {
    address: { host: machine.address, port: 22, user: 'root' },
    dial: realDial,
    privateKeyPath: machine.keyPath,
    directory,
    pongSocket,
    pongPort: 7777,
    async changeHostKey() {
      const key = '/etc/ssh/rig_host_key';
      await machine.sh(`rm -f ${key} ${key}.pub; ssh-keygen -q -t ed25519 -N '' -f ${key}; ${restart}`);
    },
    dropConnections: () => machine.sh(restart).then(() => undefined),
    stop: () => machine.sh(END_SSHD).then(() => undefined),
    async dispose() {
      await writeFile(machine.path('/etc/ssh/rig_host_key'), original);
      await machine.sh(`kill ${pong}; ${restart}; rm -rf '${directory}'`);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
