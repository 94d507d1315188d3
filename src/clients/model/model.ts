import type { Deadline } from '../../health/deadline.js';

export interface ModelTarget {
  readonly provider: 'openai' | 'azure-openai' | 'anthropic';
  readonly model: string;
  /** Base URL; required for azure-openai. */
  readonly endpoint?: string;
}

/** The model the agent will use. Raises CLIENT_MODEL_* failures. */
export interface ModelClient {
  /** One smallest possible call to the exact model; proves key, name and quota. Returns the model the server named. */
  probe(target: ModelTarget, apiKey: string, deadline: Deadline): Promise<string>;
  /** Model ids the key may use, for the nearest match of a typo. */
  listModels(target: ModelTarget, apiKey: string, deadline: Deadline): Promise<readonly string[]>;
}
