import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ModelEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** OpenAI's two calls that waa's checks make; the stand-in client asks no model. */
export async function startModelEndpoint(): Promise<ModelEndpoint> {
  const model = { id: 'gpt-4o', object: 'model' };
  const message = { role: 'assistant', content: 'ok' };
  const completion = {
    id: 'rig',
    object: 'chat.completion',
    model: 'gpt-4o',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(request.url?.endsWith('/models') === true ? { object: 'list', data: [model] } : completion),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
