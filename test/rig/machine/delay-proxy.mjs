// delay-proxy.mjs PORT TARGET MS: hands every byte that comes to PORT to TARGET on loopback, and back, each MS later.
import { connect, createServer } from 'node:net';

const [port, target, ms] = process.argv.slice(2).map(Number);
createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
  for (const [from, to] of [
    [near, far],
    [far, near],
  ]) {
    from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), ms));
    from.on('end', () => setTimeout(() => to.end(), ms));
    from.on('error', () => to.destroy());
    from.on('close', () => setTimeout(() => to.destroy(), ms));
  }
}).listen(port, '0.0.0.0');
