import ssh2 from 'ssh2';
import type { Machine } from '../../world/contracts.js';

/** Where OpenSSH keeps it; on the OS disk, so it lives as long as that disk and a re-created VM has another. */
const PATH = '/etc/ssh/ssh_host_ed25519_key';

/** The machine's private host key; made at first use, as OpenSSH's packages and cloud-init do at first boot. */
export function hostKeyOf(machine: Machine): string {
  const existing = machine.spec.osDisk.files.get(PATH);
  if (existing) return existing.content.toString('utf8');
  let pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: `root@${machine.spec.name}` });
  // ssh2 1.17 spoils about one private key in 256 and then cannot read it.
  while (ssh2.utils.parseKey(pair.private) instanceof Error) pair = ssh2.utils.generateKeyPairSync('ed25519');
  machine.writeFile(PATH, pair.private, 0o600);
  machine.writeFile(`${PATH}.pub`, pair.public);
  return pair.private;
}
