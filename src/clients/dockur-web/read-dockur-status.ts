import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { fail } from '../../failures/waa-error.js';
import type { DockurStatus, ReadDockurStatus } from './dockur-web.js';

/** The fragment is one line; more than this is some other page. */
const MAX_PAGE_BYTES = 16 * 1024;

/** `GET /msg.html` of dockur >= 5.x: 200 with a fragment, 404 once QEMU runs. See ReadDockurStatus. */
export const readDockurStatus: ReadDockurStatus = async (openStream, deadline) => {
  const stream = await openStream(deadline);
  try {
    const { status, body } = await deadline.race(get(stream, '/msg.html'));
    if (status === 404) return 'over';
    if (status !== 200) throw fail('QEMU_STATUS_PAGE', { problem: `HTTP ${status}` });
    return parseStatusFragment(body);
  } finally {
    stream.destroy();
  }
};

/** The phase and percent of dockur's status fragment, e.g. `<p class="loading">Downloading Windows 11 (12.3%)</p>`. */
export function parseStatusFragment(html: string): DockurStatus {
  const text = html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
  const percent = /\((\d+(?:\.\d+)?)%\)/.exec(text)?.[1];
  const phase = text.replace(/\s*\(\d+(?:\.\d+)?%\)/, '').replace(/\.{3}$/, '');
  if (percent === undefined) return { phase };
  return { phase, percent: Math.min(100, Number(percent)) };
}

function get(stream: Duplex, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const broken = (cause: unknown): void =>
      reject(fail('QEMU_STATUS_PAGE', { problem: 'the connection broke' }, { cause }));
    const options = { path, headers: { Host: '127.0.0.1:8006', Connection: 'close' }, createConnection: () => stream };
    const call = request(options, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > MAX_PAGE_BYTES) response.destroy(new Error('the page is too long for a status page'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', broken);
    });
    call.on('error', broken);
    call.end();
  });
}
