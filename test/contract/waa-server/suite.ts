import { expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import type { WaaServer } from '../../../src/clients/waa-server/waa-server.js';
import { Deadline } from '../../../src/health/deadline.js';

/** A guest whose desktop works, and a way to ask its server for anything. */
export interface ServerTarget {
  readonly server: WaaServer;
  raw(method: 'GET' | 'POST', path: string, body?: string): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

const deadline = (): Deadline => Deadline.none(createManualClock());

/** What the WAA server promises, in the lab, on a rig's guest and in Windows. */
export function waaServerSuite(setup: () => Promise<ServerTarget>): void {
  const on = async (body: (target: ServerTarget) => Promise<void>): Promise<void> => {
    const target = await setup();
    try {
      await body(target);
    } finally {
      await target.close();
    }
  };

  it('answers /probe', () => on(({ server }) => server.probe(deadline())));

  it('gives output and return code of a command', () =>
    on(async ({ server }) => {
      const result = await server.execute(['python', '-c', 'print(1)'], deadline());
      expect(result).toMatchObject({ returnCode: 0, error: '' });
      expect(result.output.trim()).toBe('1');
    }));

  it('gives a whole PNG as screenshot, of the size it names', () =>
    on(async ({ server }) => {
      const png = await server.screenshot(deadline());
      expect(Buffer.from(png).subarray(1, 4).toString()).toBe('PNG');
      const { width, height } = await server.screenSize(deadline());
      expect(width).toBeGreaterThan(0);
      expect(height).toBeGreaterThan(0);
    }));

  it.each(['win32', 'uia'] as const)('gives an accessibility tree by %s', (backend) =>
    on(async ({ server }) => {
      expect(await server.accessibilityTree(backend, deadline())).toMatch(/<desktop/);
    }),
  );

  it('closes all windows', () => on(({ server }) => server.closeAll(deadline())));

  it('clears the files of the task before', () => on(({ server }) => server.clearTaskFiles(deadline())));

  it.each([
    ['GET', '/nope', undefined, 500, '404 Not Found'],
    ['POST', '/execute', 'no json', 500, '400 Bad Request'],
    ['GET', '/accessibility?backend=atspi', undefined, 400, 'Invalid backend specified'],
    ['POST', '/file', '', 400, 'file_path is required'],
    ['POST', '/setup/open_file', '{}', 400, 'Path not supplied!'],
    ['POST', '/revert_to_snapshot', '{}', 501, 'Restore snapshot no implemented'],
  ] as const)('%s %s with %j is a %i', (method, path, body, status, text) =>
    on(async ({ raw }) => {
      const answer = await raw(method, path, body);
      expect(answer.status).toBe(status);
      expect(answer.body).toContain(text);
    }),
  );

  it('answers "no" to a question with 400', () =>
    on(async ({ raw }) => {
      expect((await raw('POST', '/file_exists', '{"file_name":"x.txt","path":"C:\\\\nowhere"}')).status).toBe(400);
    }));
}
