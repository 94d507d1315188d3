import { describe, expect, it } from 'vitest';
import { createColour, wantsColour, wantsUnicode } from '../../../src/output/colour.js';
import { createStreams, type NodeStreamLike } from '../../../src/output/streams.js';

describe('wantsColour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '' }, false, false],
  ])('%j on a terminal %s: %s', (env, isTTY, expected) => {
    expect(wantsColour(env, isTTY)).toBe(expected);
  });
});

describe('wantsUnicode', () => {
  it.each([
    [{ LANG: 'en_US.UTF-8' }, 'linux', true],
    [{ LANG: 'C.utf8' }, 'linux', true],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, 'linux', false],
    [{}, 'linux', false],
    [{}, 'darwin', true],
    [{}, 'win32', false],
    [{ WT_SESSION: 'x' }, 'win32', true],
  ])('%j on %s: %s', (env, platform, expected) => {
    expect(wantsUnicode(env, platform)).toBe(expected);
  });
});

describe('createStreams', () => {
  function nodeStream(more: Partial<NodeStreamLike> = {}) {
    const written: string[] = [];
    const listeners = new Set<() => void>();
    const stream: NodeStreamLike = {
      write: (text) => written.push(text),
      on: (_, callback) => listeners.add(callback),
      off: (_, callback) => listeners.delete(callback),
      ...more,
    };
    return { stream, written, listeners };
  }

  it('is 80 by 24 without colour where there is no terminal', () => {
    const { stream, written } = nodeStream();
    const { stdout } = createStreams({ stdout: stream, stderr: stream, env: {}, platform: 'linux' });
    expect([stdout.isTTY, stdout.columns, stdout.rows]).toEqual([false, 80, 24]);
    expect(stdout.style().colour.red('x')).toBe('x');
    stdout.write('hello');
    expect(written).toEqual(['hello']);
  });

  it('decides colour for each stream by itself', () => {
    const { stdout, stderr } = createStreams({
      stdout: nodeStream().stream,
      stderr: nodeStream({ isTTY: true, columns: 120, rows: 50 }).stream,
      env: { LANG: 'C.UTF-8' },
      platform: 'linux',
    });
    expect(stdout.style().colour.red('x')).toBe('x');
    expect(stderr.style().colour.red('x')).toBe(createColour(true).red('x'));
    expect(stderr.style()).toMatchObject({ columns: 120, unicode: true });
    expect(stderr.rows).toBe(50);
  });

  it.each([
    [{ COLUMNS: '132' }, undefined, 132],
    [{ COLUMNS: 'wide' }, undefined, 80],
    [{}, 10, 40],
    [{}, 0, 80],
    [{ COLUMNS: '132' }, 100, 100],
  ])('takes %j and a width of %s as %s columns', (env, columns, expected) => {
    const { stream } = nodeStream({ columns });
    expect(createStreams({ stdout: stream, stderr: stream, env, platform: 'linux' }).stdout.columns).toBe(expected);
  });

  const terminals = [
    [{}, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{}, false, false],
  ] as const;
  it.each(terminals)('with %j on a terminal %s can repaint: %s', (env, isTTY, expected) => {
    const { stream } = nodeStream({ isTTY });
    expect(createStreams({ stdout: stream, stderr: stream, env, platform: 'linux' }).stderr.canRepaint).toBe(expected);
  });

  it('watches the size until told not to', () => {
    const { stream, listeners } = nodeStream({ isTTY: true });
    const { stderr } = createStreams({ stdout: stream, stderr: stream, env: {}, platform: 'linux' });
    const end = stderr.onResize(() => undefined);
    expect(listeners.size).toBe(1);
    end();
    expect(listeners.size).toBe(0);
  });
});
