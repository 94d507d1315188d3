import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { readJournal } from '../../src/events/journal.js';
import type { WaaEvent } from '../../src/events/catalogue.js';
import type { LabEndpoints } from '../../src/lab/lab-endpoints.js';
import { callLab, findLab } from '../../src/lab/lab-handle.js';
import { labSummarySchema, type LabSummary } from '../../src/lab/lab-summary.js';
import type { CliHome, CliOptions, CliResult } from './cli.js';

/** When to kill: so many real ms after the process began, after it said `text`, or after `until` holds. */
export interface KillMoment {
  readonly afterMs: number;
  readonly text?: string | RegExp;
  readonly until?: () => boolean;
}

export interface KilledCli extends CliResult {
  /** False when the command was over before its moment came. */
  readonly killed: boolean;
}

/** Starts a command and ends it with SIGKILL at that moment. */
export async function runAndKill(
  cli: CliHome,
  argv: readonly string[],
  moment: KillMoment,
  options: CliOptions = {},
): Promise<KilledCli> {
  const child = cli.start(argv, options);
  const over = child.done.then(() => 'over' as const);
  // A command that ends without the text is over: `over` tells it.
  if (moment.text !== undefined) await Promise.race([over, child.saw(moment.text).catch(() => undefined)]);
  if (moment.until) await Promise.race([over, holds(moment.until)]);
  let timer: NodeJS.Timeout | undefined;
  const due = new Promise<'due'>((resolve) => {
    timer = setTimeout(() => {
      resolve('due');
    }, moment.afterMs);
  });
  if ((await Promise.race([over, due])) === 'due') child.kill('SIGKILL');
  clearTimeout(timer);
  const result = await child.done;
  return { ...result, killed: result.signal === 'SIGKILL' };
}

/** Looks every 10 ms for 60 s. A command that never gets there is not killed, which its test sees. */
async function holds(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 6000 && !condition(); look += 1) await delay(10);
}

/** True once the checkpoint of a deployment holds the token of a running ARM operation. */
export function remembersOperation(cli: CliHome, name = 'default'): boolean {
  const file = fileOf(cli, name, 'checkpoint.json');
  return existsSync(file) && readFileSync(file, 'utf8').includes('"vm-create"');
}

/** State of the deployment `name` in the lab's home of `cli`. */
const fileOf = (cli: CliHome, name: string, file: string): string =>
  join(cli.home, 'lab', 'home', 'deployments', name, file);

/** Every event in the journal of a deployment; none when it was not begun. */
export async function journalOf(cli: CliHome, name = 'default'): Promise<readonly WaaEvent[]> {
  return (await readJournal(fileOf(cli, name, 'journal.jsonl'))).events;
}

/** The lab of this home. Throws when none runs. */
export async function labOf(cli: CliHome): Promise<LabEndpoints> {
  const lab = await findLab(join(cli.home, 'lab'));
  if (!lab) throw new Error(`no lab runs in ${cli.home}`);
  return lab;
}

/** The lab's own books. */
export async function booksOf(cli: CliHome): Promise<LabSummary> {
  return labSummarySchema.parse(await callLab(await labOf(cli), 'GET', '/summary'));
}

/** Asks ARM as anybody would: a login, then requests below the subscription. */
async function withArm<T>(
  cli: CliHome,
  work: (ask: (url: string, put?: object) => Promise<unknown>, subscriptionUrl: string) => Promise<T>,
): Promise<T> {
  const lab = await labOf(cli);
  const dispatcher = new Agent({ connect: { ca: lab.caPem } });
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: lab.login.clientId,
    client_secret: lab.login.clientSecret,
    scope: `${lab.armUrl}/.default`,
  });
  try {
    const url = `${lab.armUrl}/adfs/oauth2/token/`;
    const answer = await fetch(url, {
      method: 'POST',
      body: body.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      dispatcher,
    });
    const { access_token: token } = (await answer.json()) as { readonly access_token?: string };
    if (token === undefined) throw new Error(`no token: ${answer.status}`);
    const ask = async (where: string, put?: object): Promise<unknown> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const sent = put === undefined ? {} : { method: 'PUT', body: JSON.stringify(put) };
      const page = await fetch(where, { headers, dispatcher, ...sent });
      const told = await page.json();
      if (page.status >= 300) throw new Error(`ARM answered ${page.status}: ${JSON.stringify(told)}`);
      return told;
    };
    return await work(ask, `${lab.armUrl}/subscriptions/${lab.subscriptionId}`);
  } finally {
    await dispatcher.close();
  }
}

/** `type name` of every resource and group of the subscription. */
export function listThroughArm(cli: CliHome): Promise<readonly string[]> {
  return withArm(cli, async (ask, subscriptionUrl) => {
    const list = async (what: string): Promise<readonly string[]> => {
      const rows: string[] = [];
      for (let next: string | undefined = `${subscriptionUrl}/${what}?api-version=2021-04-01`; next !== undefined;) {
        const listed = (await ask(next)) as { readonly value: readonly Row[]; readonly nextLink?: string };
        rows.push(...listed.value.map(({ type, name }) => `${type} ${name}`));
        next = listed.nextLink;
      }
      return rows;
    };
    return [...(await list('resourcegroups')), ...(await list('resources'))].sort();
  });
}

/** Codes of the instance view of a VM, as ARM shows them: `PowerState/deallocated`. */
export function vmStatesThroughArm(cli: CliHome, group: string, name: string): Promise<readonly string[]> {
  return withArm(cli, async (ask, subscriptionUrl) => {
    const vm = `${subscriptionUrl}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
    const view = (await ask(`${vm}/instanceView?api-version=2025-04-01`)) as {
      readonly statuses: readonly { readonly code: string }[];
    };
    return view.statuses.map(({ code }) => code);
  });
}

/** A resource group with a public address in it, without any tag of ours. */
export async function putForeignGroup(cli: CliHome, name: string): Promise<void> {
  await withArm(cli, async (ask, subscriptionUrl) => {
    const group = `${subscriptionUrl}/resourcegroups/${name}`;
    await ask(`${group}?api-version=2021-04-01`, { location: 'eastus', tags: { team: 'somebody' } });
    const address = `${group}/providers/Microsoft.Network/publicIPAddresses/precious?api-version=2025-05-01`;
    const properties = { publicIPAllocationMethod: 'Static' };
    await ask(address, { location: 'eastus', sku: { name: 'Standard' }, properties });
  });
}

interface Row {
  readonly type: string;
  readonly name: string;
}

/** All there is of a deployment of one worker: one VM with its two disks, NIC and address, the network, the schedule. */
const WHOLE = [
  'Microsoft.Compute/disks waa-default-w0-data',
  'Microsoft.Compute/disks waa-default-w0-os',
  'Microsoft.Compute/virtualMachines waa-default-w0',
  'Microsoft.DevTestLab/schedules shutdown-computevm-waa-default-w0',
  'Microsoft.Network/networkInterfaces waa-default-w0-nic',
  'Microsoft.Network/networkSecurityGroups waa-nsg',
  'Microsoft.Network/publicIPAddresses waa-default-w0-ip',
  'Microsoft.Network/virtualNetworks waa-vnet',
  'Microsoft.Resources/resourceGroups waa-default',
];

const sameRows = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join('\n') === [...b].sort().join('\n');

/** Everything that an interrupted `up` should not have left in a deployment that is ready; empty when it left nothing. */
export async function anomaliesOf(cli: CliHome): Promise<readonly string[]> {
  const [listed, books, { events, skipped }] = [
    await listThroughArm(cli),
    await booksOf(cli),
    await readJournal(fileOf(cli, 'default', 'journal.jsonl')),
  ];
  const found: string[] = [];
  if (!sameRows(listed, WHOLE)) found.push(`ARM lists ${listed.join(', ')}`);
  const containers = books.containers.map((one) => `${one.machine} ${one.name} ${one.state}`);
  if (!sameRows(containers, ['waa-default-w0 winarena running'])) found.push(`containers: ${containers.join(', ')}`);
  const vm = books.operations.filter((one) => one.name === 'waa-default-w0');
  if (
    !sameRows(
      vm.map((one) => `${one.kind} ${one.count}`),
      ['create 1'],
    )
  )
    found.push(`operations on the VM: ${vm.map((one) => `${one.count} x ${one.kind}`).join(', ')}`);
  const again = books.operations.filter((one) => one.count > 1);
  if (again.length > 0)
    found.push(`repeated: ${again.map((one) => `${one.count} x ${one.kind} ${one.name}`).join(', ')}`);
  if (events.some((event) => event.text.includes('installation of Windows begins again')))
    found.push('Windows was installed a second time');
  if (skipped > 0) found.push(`${skipped} torn lines in the journal`);
  const tokens = tokensOf(cli);
  if (tokens.length > 0) found.push(`tokens left: ${tokens.join(', ')}`);
  if (existsSync(fileOf(cli, 'default', 'lock'))) found.push('the lock is still there');
  const labs = labProcesses(cli);
  if (labs !== undefined && labs > 1) found.push(`${labs} lab processes`);
  return found;
}

/** The failures that the layers met, in the words of the journal. */
export async function faultsOf(cli: CliHome): Promise<readonly string[]> {
  return (await journalOf(cli)).flatMap((event) => (event.type === 'layer.fault' ? [event.text] : []));
}

/** Names of the operations that the checkpoint believes to be under way. */
export function tokensOf(cli: CliHome): readonly string[] {
  const file = fileOf(cli, 'default', 'checkpoint.json');
  if (!existsSync(file)) return [];
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly data: {
      readonly workers: Record<string, { readonly layers: Record<string, { readonly resumeTokens: object }> }>;
    };
  };
  return Object.entries(data.workers).flatMap(([worker, { layers }]) =>
    Object.entries(layers).flatMap(([layer, { resumeTokens }]) =>
      Object.keys(resumeTokens).map((token) => `${worker} ${layer} ${token}`),
    ),
  );
}

/** How many lab processes serve this home; undefined where processes cannot be listed. */
export function labProcesses(cli: CliHome): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const directory = join(cli.home, 'lab');
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return argv.includes('serve') && argv.includes(directory);
    } catch {
      return false; // it ended while we looked
    }
  }).length;
}
