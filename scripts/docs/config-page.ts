import { listConfigKeys } from '../../src/config/keys.js';
import { page, table } from './markdown.js';

/** docs/config.md. */
export function configPage(): string {
  const rows = listConfigKeys().map((key) => [
    `\`${key.path}\``,
    key.defaultValue === undefined ? '' : `\`${JSON.stringify(key.defaultValue)}\``,
    key.expected,
    key.description ?? '',
    `\`${key.env}\``,
  ]);
  return page(
    'Configuration',
    'A flag wins over an environment variable, that over `waa.yaml` in the current folder, that over `config.yaml` in the state ' +
      'home (`~/.waa`, or `WAA_HOME`), that over the default. Unknown keys are refused. `waa config show --origin` prints what is ' +
      'in force and where it comes from. Secrets are never here: keys of models come from the environment.',
    [table(['key', 'default', 'allowed', 'meaning', 'variable'], rows)],
  );
}
