import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import type { View } from '../../../src/events/view.js';
import { createScreen, type Screen } from '../../../src/output/tty.js';
import { textWidth } from '../../../src/output/paint/text.js';
import { event } from '../../helpers/events.js';
import { createFakeStream, terminalAfter, type FakeStream } from '../../helpers/fake-stream.js';

const log = (text: string) => event('log', { component: 'x' }, { text });
const lastLines = (view: View): readonly string[] => view.recent.slice(-3).map((line) => line.text);

function setup(stream: FakeStream = createFakeStream(), paint: (view: View) => readonly string[] = lastLines) {
  const wallClock = createManualClock();
  const screen: Screen = createScreen({ stream, wallClock, clock: wallClock, paint });
  return { stream, wallClock, screen };
}

describe('screen', () => {
  it('repaints in place', async () => {
    const { stream, wallClock, screen } = setup();
    screen.consume(log('one'));
    await wallClock.advance(500);
    screen.consume(log('two'));
    await wallClock.advance(500);
    expect(terminalAfter(stream.writes)).toEqual(['one', 'two', '']);
  });

  it('paints at most ten times a second, and the last state always', async () => {
    const { stream, wallClock, screen } = setup();
    for (let index = 0; index < 1_000; index += 1) {
      screen.consume(log(`event ${index}`));
      await wallClock.advance(1);
    }
    await wallClock.advance(100);
    expect(stream.writes.length).toBeLessThanOrEqual(12);
    expect(terminalAfter(stream.writes)).toContain('event 999');
  });

  it('paints each frame in a single write', () => {
    const { stream, screen } = setup();
    screen.consume(log('one'));
    expect(stream.writes).toHaveLength(1);
  });

  it('repaints once a second while nothing happens, so that its clocks go on', async () => {
    const { stream, wallClock, screen } = setup();
    screen.consume(log('one'));
    await wallClock.advance(5_000);
    expect(stream.writes).toHaveLength(6);
  });

  it('removes what a longer frame left', async () => {
    let lines = ['a long first line', 'second', 'third'];
    const { stream, wallClock, screen } = setup(createFakeStream(), () => lines);
    screen.consume(log('x'));
    lines = ['a'];
    await wallClock.advance(1_000);
    expect(terminalAfter(stream.writes)).toEqual(['a', '']);
  });

  it('keeps printed lines above the frame', async () => {
    const { stream, wallClock, screen } = setup();
    screen.consume(log('frame'));
    screen.print(['stays 1', 'stays 2']);
    await wallClock.advance(1_000);
    expect(terminalAfter(stream.writes)).toEqual(['stays 1', 'stays 2', 'frame', '']);
  });

  it('never lets a line wrap or the frame scroll', () => {
    const stream = createFakeStream({ columns: 40, rows: 5 });
    const { screen } = setup(stream, () => Array.from({ length: 20 }, (_, index) => `${index} ${'x'.repeat(100)}`));
    screen.consume(log('x'));
    const shown = terminalAfter(stream.writes);
    expect(shown).toHaveLength(5);
    expect(shown[3]).toBe('(17 more lines)');
    expect(shown.every((line) => textWidth(line) < 40)).toBe(true);
  });

  it('finds the top of its frame after the terminal became narrower', () => {
    const stream = createFakeStream({ columns: 80 });
    const { screen } = setup(stream, () => ['x'.repeat(70), 'y']);
    screen.consume(log('x'));
    stream.resize(40, 24);
    screen.print([]);
    expect(stream.writes.at(-1)).toContain('\u001b[3A');
  });

  it('repaints when the size changes', async () => {
    const { stream, wallClock, screen } = setup();
    screen.consume(log('x'));
    stream.resize(100, 30);
    await wallClock.advance(100);
    expect(stream.writes).toHaveLength(2);
  });

  it('leaves the last frame, a visible cursor and no timer when closed', async () => {
    const { stream, wallClock, screen } = setup();
    screen.consume(log('one'));
    screen.consume(log('two'));
    await screen.close();
    await screen.close();
    expect(stream.text.endsWith('\u001b[?25h')).toBe(true);
    expect(terminalAfter(stream.writes)).toEqual(['one', 'two', '']);
    expect(wallClock.pending).toBe(0);
    expect(stream.watchers).toBe(0);
    const before = stream.writes.length;
    screen.consume(log('late'));
    expect(stream.writes).toHaveLength(before);
    screen.print(['last words']);
    expect(stream.writes.at(-1)).toBe('last words\n');
  });
});
