import type { SshLink, SshLinks } from '../clients/ssh/ssh.js';
import { WaaError } from '../failures/waa-error.js';
import type { ScriptRunner } from './task-supervisor.js';

/**
 * Links that may connect to root's unix sockets as the SSH user. sshd opens a forwarded socket with the user's rights,
 * while QEMU's and Docker's sockets belong to root; a refused one is opened to the user by open-socket.sh and tried once
 * more. One that does not exist stays VM_FORWARD_REFUSED.
 */
export function withSocketAccess(links: SshLinks, runner: ScriptRunner): SshLinks {
  const wrapped = new WeakMap<SshLink, SshLink>();
  const wrap = (link: SshLink): SshLink => {
    const existing = wrapped.get(link);
    if (existing) return existing;
    const made: SshLink = {
      address: link.address,
      get closed() {
        return link.closed;
      },
      exec: (argv, options) => link.exec(argv, options),
      stream: (argv, options) => link.stream(argv, options),
      forwardTcp: (host, port, deadline) => link.forwardTcp(host, port, deadline),
      async forwardUnix(path, deadline) {
        try {
          return await link.forwardUnix(path, deadline);
        } catch (error) {
          if (!(error instanceof WaaError) || error.code !== 'VM_FORWARD_REFUSED' || link.address.user === 'root')
            throw error;
          const { exitCode } = await runner.run(link, 'open-socket', [path, link.address.user], { deadline });
          if (exitCode !== 0) throw error;
          return link.forwardUnix(path, deadline);
        }
      },
      close() {
        link.close();
      },
    };
    wrapped.set(link, made);
    return made;
  };
  return {
    open: async (address, deadline) => wrap(await links.open(address, deadline)),
    forget: (address) => links.forget(address),
    hangUp: () => links.hangUp(),
    close: () => links.close(),
  };
}
