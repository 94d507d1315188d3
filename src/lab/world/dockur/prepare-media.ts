import type { Simulation } from '../simulation.js';
import { error, info, type Dialect } from './dialect.js';
import type { Script } from './script.js';
import type { DockurSettings, Stage } from './settings.js';
import { ISO_BYTES, type DockurStorage } from './storage.js';

/** What the preparation of the installation media works with. */
export interface Preparation {
  readonly simulation: Simulation;
  readonly storage: DockurStorage;
  readonly settings: DockurSettings;
  readonly dialect: Dialect;
  say(text: string): void;
  complain(text: string): void;
  /** Sets the status page on port 8006. */
  show(text: string): void;
  refuseAt(stage: Stage): void;
  /** What to throw to end with an exit code. */
  exit(code: number): Error;
}

type Result = Generator<Script extends Generator<infer Y> ? Y : never, boolean>;
const DOWNLOAD_STEPS = 100;

/**
 * From an empty or known storage to a disk that can boot; true when the installation DVD is attached. Decides as dockur
 * does: with disk and marker nothing is prepared; since 6.04 a disk without marker is wiped first.
 */
export function* prepareMedia(p: Preparation): Result {
  const { storage, settings, dialect } = p;
  const isoName = `${settings.productId}.iso`;
  const base = storage.read('windows.base')?.trim();
  const otherVersion = base !== undefined && base !== '' && base !== isoName;
  const hasDisk = storage.windows !== undefined;
  if (storage.marked && hasDisk && !otherVersion) return false;
  if (!dialect.wipesUnmarkedDisk && hasDisk && storage.hasIso && !otherVersion) return true;

  if (storage.marked && hasDisk) {
    p.say(info('The VERSION variable was changed, a backup of your previous installation will be saved...'));
    storage.backUp((base ?? 'windows').replace(/\.iso$/, ''));
  } else {
    storage.wipe();
  }
  if (!storage.hasIso) yield* download(p, isoName);
  yield* buildMedia(p);
  p.refuseAt('disk');
  p.show('Creating a disk image');
  p.say(info(`Creating a ${Math.round(settings.diskBytes / 1024 ** 3)} GB growable disk image in raw format...`));
  yield 1000;
  storage.createDisk(p.simulation.randomGuid());
  storage.write('windows.base', isoName);
  storage.write('windows.vars', 'NVRAM');
  storage.write('windows.rom', 'OVMF');
  return true;
}

function* download(p: Preparation, isoName: string): Script {
  const { simulation, storage, settings, dialect } = p;
  p.show(`Requesting ${settings.product}`);
  p.say(info(dialect.requesting(settings.product)));
  yield 2000;
  p.say(info(dialect.downloading(settings.product)));
  if (storage.freeBytes < ISO_BYTES) {
    const url = 'https://software-static.download.prss.microsoft.com/dbazure/888969d5/26200.6584.iso';
    p.complain(error(`Failed to download ${url} because the file could not be written (disk full?).`));
    p.complain(error(`All download methods failed for ${settings.product}!`));
    throw p.exit(dialect.version === '5.14' ? 61 : 68);
  }
  const stepMs = simulation.draw('dockur.iso.download') / DOWNLOAD_STEPS;
  for (let percent = 1; percent <= DOWNLOAD_STEPS; percent += 1) {
    yield stepMs;
    p.show(`Downloading ${settings.product} (${percent.toFixed(1)}%)`);
    if (dialect.version === '5.14' && percent % 5 === 0) p.say(dots(percent));
  }
  // Since 6.02 the percents stand on one line, which a log driver shows only when the line ends.
  if (dialect.version === '6.05') p.say(`${Array.from({ length: 10 }, (_, n) => `${(n + 1) * 10}%`).join(' → ')}\n`);
  storage.keepIso(isoName);
  p.show(dialect.downloaded);
}

/** One line of wget's dot:giga progress. */
function dots(percent: number): string {
  const kilobytes = Math.round((ISO_BYTES / 1024 / 100) * percent);
  return `${String(kilobytes).padStart(7)}K ........ ........ ........ ........ ${percent}% 24.6M ${Math.round((100 - percent) * 2.9)}s\n`;
}

function* buildMedia(p: Preparation): Script {
  const steps = p.dialect.mediaSteps(p.settings.product);
  const stepMs = p.simulation.draw('dockur.media.prepare') / steps.length;
  for (const step of steps) {
    p.say(info(step));
    p.show(step.replace(/\.\.\.$/, ''));
    yield stepMs;
  }
}
