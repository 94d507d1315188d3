import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ContainerPorts } from '../../world/contracts.js';

const NOT_FOUND =
  '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';
const VIEWER = '<!DOCTYPE html><html><head><title>noVNC</title></head><body></body></html>\n';

/**
 * Serves dockur's web port (8006) on one stream: `/msg.html` with the status fragment while Windows is prepared, 404 once
 * QEMU starts; `/` with the waiting page or the viewer. HTTP/1.1 with keep-alive, GET and HEAD only, as its nginx.
 */
export function serveStatusPage(ports: ContainerPorts, duplex: Duplex): void {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    const page = ports.statusPage;
    const html = (status: number, body: string): void => {
      response.writeHead(status, {
        'Content-Type': 'text/html',
        'Content-Length': Buffer.byteLength(body),
        Server: 'nginx',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD')
      html(405, NOT_FOUND.replaceAll('404 Not Found', '405 Not Allowed'));
    else if (path === '/msg.html' && page !== undefined) html(200, page);
    else if (path === '/' || path === '/index.html')
      html(200, page === undefined ? VIEWER : `<html><body>${page}</body></html>\n`);
    else html(404, NOT_FOUND);
  });
  server.emit('connection', duplex);
}
