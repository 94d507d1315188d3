import type { ModelTarget } from '../clients/model/model.js';
import type { Config } from './schema.js';
import { Secret } from './secret.js';

/** Environment variables a provider's key is read from, the usual one first. */
export const keyVariables: Readonly<Record<Config['model']['provider'], readonly [string, ...string[]]>> = {
  openai: ['OPENAI_API_KEY'],
  'azure-openai': ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
  anthropic: ['ANTHROPIC_API_KEY'],
};

/** The key of the configured provider; undefined when none of its variables is set. */
export function modelKey(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Secret | undefined {
  for (const variable of keyVariables[config.model.provider]) {
    const value = environment[variable]?.trim();
    if (value !== undefined && value !== '') return new Secret(value);
  }
  return undefined;
}

/** The model the agent will use, as the model client wants it. */
export function modelTarget(config: Config): ModelTarget {
  const { provider, name, endpoint } = config.model;
  return { provider, model: name, ...(endpoint === undefined ? {} : { endpoint }) };
}
