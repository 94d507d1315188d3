import { realClock } from '../clock/real-clock.js';
import { createPlainPrinter } from '../output/plain.js';
import { paintFrame } from '../output/paint/frame.js';
import { createScreen } from '../output/tty.js';
import type { Session } from '../session.js';

/** Shows a person what happens: a live frame on a terminal, lines elsewhere. On stderr; results have stdout. */
export function showLive(session: Session, verbose = false): void {
  const stream = session.streams.stderr;
  if (stream.canRepaint && !session.json && !verbose) {
    const screen = createScreen({
      stream,
      wallClock: realClock,
      clock: session.clock,
      paint: (view, now, style) => paintFrame(view, now, style),
    });
    // At Ctrl-C the process says below the frame what goes on; that must not be painted over.
    session.signal.addEventListener('abort', screen.restart, { once: true });
    session.observe(screen);
  } else {
    session.observe(createPlainPrinter({ stream, verbose, asTyped: (fault) => session.asTyped(fault) }));
  }
}
