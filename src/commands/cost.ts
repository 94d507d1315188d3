import { streamsOf } from '../execute.js';
import { fail } from '../failures/waa-error.js';
import { costOfRun, deploymentCosts, estimateCost, type DeploymentCost } from '../operations/cost-report.js';
import type { Session } from '../session.js';
import type { CommandCall, CommandHandler } from './command.js';
import { estimateLines, deploymentCostLines, runCostLines } from './cost-lines.js';
import { hint } from './hints.js';
import { textOption } from './input.js';
import { notesTo } from './notes.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa cost`: what was spent, by deployment, run and task; before there is anything, what `up` would cost. */
export const handle: CommandHandler = async (call) => {
  const [name] = call.args;
  const run = textOption(call.options, 'run');
  if (name !== undefined && run !== undefined)
    throw fail('USAGE', { problem: 'a deployment and --run at once', hint: `waa cost --run ${run}` });
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  return withSession(call, {}, async (session) => {
    if (run !== undefined) {
      const result = await costOfRun(session, run);
      return printResult(call, result, runCostLines(result, style));
    }
    const deployments = await deploymentCosts(session, name, notesTo(session));
    return deployments.length === 0 ? printEstimate(call, session) : printDeployments(call, deployments);
  });
};

async function printEstimate(call: CommandCall, session: Session): Promise<number> {
  const estimate = await estimateCost(session);
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const lines = ['Nothing was spent yet.', ...estimateLines(estimate, style)];
  return printResult(call, { deployments: [], totalUsd: 0, estimate }, lines);
}

function printDeployments(call: CommandCall, deployments: readonly DeploymentCost[]): number {
  const totalUsd = deployments.reduce((sum, { cost }) => sum + cost.totalUsd, 0);
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const images = hint(call, 'Golden images are not in it: waa image-list');
  return printResult(call, { deployments, totalUsd }, [...deploymentCostLines(deployments, totalUsd, style), images]);
}
