import { resolve } from 'node:path';
import { packAgent, type AgentBundle } from '../benchmark/agent-directory.js';
import { fail } from '../failures/waa-error.js';
import type { Session } from '../session.js';
import type { Tell } from '../tell.js';

/**
 * The user's own agent as configured, packed and checked before anything is begun; undefined for run.py's. Tells what was
 * left out as a secret. Raises CLIENT_AGENT_*.
 */
export async function ownAgent(
  { config, surroundings }: Pick<Session, 'config' | 'surroundings'>,
  tell: Tell,
): Promise<AgentBundle | undefined> {
  const { directory, name } = config.agent;
  const { provider } = config.model;
  if (directory === undefined) {
    if (provider === 'anthropic') throw fail('CLIENT_AGENT_PROVIDER', { agent: name, provider });
    return undefined;
  }
  const agent = await packAgent(resolve(surroundings.cwd, directory));
  if (agent.secrets.length > 0)
    tell(`left out of the agent, because they look like secrets: ${agent.secrets.join(', ')}`);
  return agent;
}
