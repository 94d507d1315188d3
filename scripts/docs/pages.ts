import { commandsPage } from './commands-page.js';
import { configPage } from './config-page.js';
import { eventsPage } from './events-page.js';
import { exitCodesPage } from './exit-codes-page.js';
import { failuresPage } from './failures-page.js';

/** The generated pages: file in docs/ and what makes it. */
export const generatedPages = {
  'commands.md': commandsPage,
  'config.md': configPage,
  'events.md': eventsPage,
  'exit-codes.md': exitCodesPage,
  'failures.md': failuresPage,
} as const;
