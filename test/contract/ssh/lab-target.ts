import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { ensureKeyPair, readPublicKey } from '../../../src/clients/ssh/keys.js';
import { createLabDial } from '../../../src/lab/lab-dial.js';
import { startNetwork } from '../../../src/lab/wire/network/network.js';
import { hostCommands } from '../../../src/lab/wire/ssh/commands/index.js';
import type { RemoteCommands } from '../../../src/lab/wire/ssh/remote-command.js';
import { createSshWire } from '../../../src/lab/wire/ssh/ssh-wire.js';
import { type LabMachine, labMachine } from '../../helpers/lab-machine.js';
import type { SshTarget } from './target.js';

const IP = '203.0.113.10';

export interface LabTarget extends SshTarget, LabMachine {
  /** What the network security group lets in. */
  allowed: boolean;
}

const pong = (stream: Duplex): void => {
  stream.once('data', () => stream.end('pong'));
};

/** A booted emulated VM behind the lab's network. */
export async function startLabTarget(extraCommands: RemoteCommands = {}): Promise<LabTarget> {
  const directory = await mkdtemp(join(tmpdir(), 'waa-ssh-'));
  const privateKeyPath = join(directory, 'id_ed25519');
  await ensureKeyPair(privateKeyPath);
  const lab = labMachine({ sshPublicKeys: [await readPublicKey(privateKeyPath)] });
  const wire = createSshWire(lab.simulation, {
    commands: { ...hostCommands, ...extraCommands },
    serveTcp(_machine, port, stream) {
      if (port === 5000) pong(stream);
      return port === 5000;
    },
    serveUnix(_machine, path, stream) {
      if (path === '/data/waa/run/pong.sock') pong(stream);
      return path === '/data/waa/run/pong.sock';
    },
  });
  const network = await startNetwork({
    resolve: (ip) =>
      ip === IP ? { machine: lab.machine, allowsInbound: (port) => target.allowed && port === 22 } : undefined,
    sourceIp: () => '198.51.100.1',
    after: (ms, action) => lab.simulation.after(ms, action),
    serveSsh: (machine, stream) => {
      wire.accept(machine, stream);
    },
  });
  lab.machine.powerOn();
  lab.pass(60_000);
  const target: LabTarget = {
    ...lab,
    allowed: true,
    address: { host: IP, port: 22, user: 'azureuser' },
    dial: createLabDial(network),
    privateKeyPath,
    directory,
    pongSocket: '/data/waa/run/pong.sock',
    pongPort: 5000,
    async changeHostKey() {
      lab.machine.spec.osDisk.files.delete('/etc/ssh/ssh_host_ed25519_key');
      await restart(lab);
    },
    dropConnections: () => restart(lab),
    async stop() {
      // While Linux shuts down it still has its address, but no sshd.
      lab.machine.powerOff('graceful', () => undefined);
    },
    async dispose() {
      await network.close();
      await rm(directory, { recursive: true });
    },
  };
  return target;
}

/** Off and on again; sshd is up when it returns. */
async function restart(lab: LabMachine): Promise<void> {
  lab.machine.powerOff('graceful', () => {
    lab.machine.powerOn();
  });
  lab.pass(120_000);
}
