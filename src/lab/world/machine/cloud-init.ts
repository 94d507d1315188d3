import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { cloudInitState, saveCloudInitState } from './cloud-init-state.js';
import { configuredDataRoot, dockerMayStart, installDocker, whenDaemonSettled } from './docker-setup.js';
import { runRuncmd } from './runcmd.js';
import type { Timers } from './timers.js';

/** The parts of #cloud-config the emulated cloud-init obeys; https://cloudinit.readthedocs.io/en/latest/reference/modules.html */
const cloudConfig = z.looseObject({
  write_files: z
    .array(
      z.looseObject({
        path: z.string(),
        content: z.string().default(''),
        encoding: z.string().default('text/plain'),
        permissions: z.string().optional(),
      }),
    )
    .default([]),
  packages: z.array(z.union([z.string(), z.array(z.string())])).default([]),
  runcmd: z.array(z.union([z.string(), z.array(z.union([z.string(), z.number()]).transform(String))])).default([]),
});
type CloudConfig = z.infer<typeof cloudConfig>;
type File = CloudConfig['write_files'][number];

const LOG = '/var/log/cloud-init-output.log';
/** Package installation is over after this share of the whole time. */
const PACKAGES_SHARE = 0.6;
/** runcmd begins after this share; what is left covers the start of the Docker daemon, which ends with it. */
const RUNCMD_SHARE = 0.9;

/**
 * Runs cloud-init when it has not finished on this instance: write_files, then packages, then runcmd. An interrupted
 * run begins again with the next boot. User data it cannot read changes nothing and ends `degraded done`, exit 2.
 */
export function startCloudInit(machine: Machine, simulation: Simulation, timers: Timers): void {
  const before = cloudInitState(machine);
  if (before && before.status !== 'running') return;
  const total = simulation.draw('vm.cloud-init');
  const parsed = readUserData(machine.spec.customData);
  const running = {
    status: 'running',
    extendedStatus: 'running',
    exitCode: 0,
    errors: [],
    recoverableErrors: [],
  } as const;
  saveCloudInitState(machine, running);
  machine.writeFile('/var/lib/cloud/instance/user-data.txt', machine.spec.customData, 0o600);
  if (!parsed.ok) {
    timers.after(total * (1 - PACKAGES_SHARE), () => {
      log(machine, parsed.warning);
      saveCloudInitState(machine, {
        ...running,
        status: 'done',
        extendedStatus: 'degraded done',
        exitCode: 2,
        recoverableErrors: [parsed.warning],
      });
    });
    return;
  }
  apply({ machine, simulation, timers }, parsed.config, total);
}

interface Instance {
  readonly machine: Machine;
  readonly simulation: Simulation;
  readonly timers: Timers;
}

/** Takes `total` milliseconds; longer only where the Docker daemon does. */
function apply(instance: Instance, config: CloudConfig, total: number): void {
  const { machine, simulation, timers } = instance;
  const began = simulation.now;
  const atShare = (share: number, action: () => void): void => {
    timers.after(Math.max(0, began + total * share - simulation.now), action);
  };
  const outcome: Outcome = { errors: [], warnings: [] };
  const runcmd = (): void => {
    const write = (line: string): void => {
      log(machine, line);
    };
    runRuncmd(config.runcmd, { ...instance, aptBroken: outcome.errors.length > 0, log: write }, (ok) => {
      if (!ok) {
        outcome.errors.push("('scripts_user', RuntimeError('Runparts: 1 failures (runcmd) in 1 attempted commands'))");
        outcome.warnings.push('Failed to run module scripts_user (scripts in /var/lib/cloud/instance/scripts)');
      }
      atShare(1, () => {
        finish(machine, outcome);
      });
    });
  };
  for (const file of config.write_files) writeConfiguredFile(machine, file);
  atShare(PACKAGES_SHARE, () => {
    installPackages(machine, simulation, config.packages.flat(), outcome);
    whenDaemonSettled(machine, timers, () => {
      atShare(RUNCMD_SHARE, runcmd);
    });
  });
}

/** What went wrong on the way. */
interface Outcome {
  readonly errors: string[];
  readonly warnings: string[];
}

function finish(machine: Machine, { errors, warnings }: Outcome): void {
  const failed = errors.length > 0;
  saveCloudInitState(machine, {
    status: failed ? 'error' : 'done',
    extendedStatus: failed ? 'error - done' : warnings.length > 0 ? 'degraded done' : 'done',
    exitCode: failed ? 1 : warnings.length > 0 ? 2 : 0,
    errors,
    recoverableErrors: warnings,
  });
  machine.writeFile('/var/lib/cloud/instance/boot-finished', '');
  log(machine, 'Cloud-init v. 25.1.4 finished. Datasource DataSourceAzure [seed=/dev/sr0].');
}

function readUserData(text: string): { ok: true; config: CloudConfig } | { ok: false; warning: string } {
  if (text === '') return { ok: true, config: cloudConfig.parse({}) };
  if (!text.startsWith('#cloud-config')) {
    const start = JSON.stringify(`${text.slice(0, 20)}...`);
    return { ok: false, warning: `Unhandled non-multipart (text/x-not-multipart) userdata: 'b${start}'` };
  }
  try {
    const result = cloudConfig.safeParse(parse(text) ?? {});
    if (result.success) return { ok: true, config: result.data };
    return { ok: false, warning: `cloud-config failed schema validation! ${z.prettifyError(result.error)}` };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { ok: false, warning: `Failed loading yaml blob. Invalid format: ${reason}` };
  }
}

function writeConfiguredFile(machine: Machine, file: File): void {
  const encoding = file.encoding.toLowerCase();
  const isBase64 = /b64|base64/.test(encoding);
  const isGzip = /gz/.test(encoding);
  const raw = isBase64 ? Buffer.from(file.content, 'base64') : Buffer.from(file.content, 'utf8');
  const mode = Number.parseInt(file.permissions ?? '0644', 8);
  machine.writeFile(file.path, isGzip ? gunzipSync(raw) : raw, mode);
}

function installPackages(
  machine: Machine,
  simulation: Simulation,
  packages: readonly string[],
  { errors, warnings }: Outcome,
): void {
  if (packages.length === 0) return;
  if (simulation.faults.strikes('vm-cloud-init-failed', machine.spec.name)) {
    const names = packages.map((name) => `'${name}'`).join(', ');
    log(
      machine,
      "E: Failed to fetch http://azure.archive.ubuntu.com/ubuntu/dists/noble/InRelease  Temporary failure resolving 'azure.archive.ubuntu.com'",
    );
    errors.push(
      `('package_update_upgrade_install', PackageInstallerError("Failed to install the following packages: {${names}}. See associated package manager logs for more details."))`,
    );
    warnings.push(`Failure when attempting to install packages: [${names}]`);
    return;
  }
  if (packages.includes('docker.io') && dockerMayStart(machine)) installDocker(machine, configuredDataRoot(machine));
}

function log(machine: Machine, line: string): void {
  const before = machine.readFile(LOG)?.content.toString('utf8') ?? '';
  machine.writeFile(LOG, `${before}${line}\n`);
}
