import type { Machine } from './machine.js';

/**
 * Delays everything between this machine and the rig's by `ms` each way until disposed: by the kernel's netem, or, in a
 * kernel that was built without it, by a program between the network and sshd.
 */
export async function slowNetwork(machine: Machine, ms: number): Promise<AsyncDisposable> {
  const netem = `dev eth0 root netem delay ${2 * ms}ms`;
  if ((await machine.exec(['sh', '-c', `tc qdisc add ${netem}`])).exitCode === 0)
    return { [Symbol.asyncDispose]: () => machine.sh(`tc qdisc del ${netem}`).then(() => undefined) };
  const redirect = 'PREROUTING -i eth0 -p tcp --dport 22 -j REDIRECT --to-ports 2222';
  const pid = await machine.sh(`nohup ${process.execPath} /delay-proxy.mjs 2222 22 ${ms} >/dev/null 2>&1 & echo $!`);
  await machine.sh(`iptables -t nat -I ${redirect}; until ss -ltn | grep -q :2222; do sleep 0.1; done`);
  return {
    [Symbol.asyncDispose]: () => machine.sh(`iptables -t nat -D ${redirect}; kill ${pid}`).then(() => undefined),
  };
}
