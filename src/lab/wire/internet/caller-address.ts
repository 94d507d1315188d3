import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Tells under which IPv4 address the emulated internet sees its caller, in plain text, at any path that ends in `/ip`;
 * like https://www.ipify.org. Answers false when the path is another.
 */
export function createCallerAddressHandler(
  address: string,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    if (!new URL(request.url ?? '/', 'http://address.invalid').pathname.endsWith('/ip')) return false;
    const known = request.method === 'GET' || request.method === 'HEAD';
    response.writeHead(known ? 200 : 405, { 'content-type': 'text/plain' });
    response.end(known && request.method === 'GET' ? address : '');
    return true;
  };
}
