import * as z from 'zod';

const seconds = z.number().int().positive();

/** A layer's budgets in seconds: how long a look, a set-up and a repair may take. */
const layerTimeouts = (checkS: number, provisionS: number, recoverS: number) =>
  z
    .strictObject({
      checkS: seconds.default(checkS),
      provisionS: seconds.default(provisionS),
      recoverS: seconds.default(recoverS),
    })
    .prefault({});

/** A region as Azure names it: `East US` of the portal is `eastus`, which prices and images are found by. */
const region = z
  .string()
  .overwrite((text) => text.replace(/\s/g, '').toLowerCase())
  .min(1);

/** So many times more a task is tried that the infrastructure spoiled, where nobody says otherwise. */
export const INFRA_RETRIES = 2;

/**
 * Everything a user can set, with its default. The file is `waa.yaml` here or `config.yaml` in the state home; a flag or
 * `WAA_<SECTION>_<KEY>` overrides it. Unknown keys are refused. Secrets are not here: they come from the environment.
 */
export const configSchema = z.strictObject({
  azure: z
    .strictObject({
      subscription: z.string().optional().describe('Subscription id or name; default: the one az uses'),
      region: region.default('eastus').describe('Where VMs are created'),
      regionFallbacks: z.array(region).default(['centralus', 'westus2', 'eastus2']),
      vmSize: z.string().min(1).default('Standard_D8ds_v5').describe('Must support nested virtualization'),
      vmSizeFallbacks: z
        .array(z.string())
        .default(['Standard_D8s_v5', 'Standard_D8ds_v4', 'Standard_D8s_v4', 'Standard_D8s_v3']),
      osDiskGb: z.number().int().min(30).max(4095).default(64),
      dataDiskGb: z.number().int().min(128).max(32767).default(256),
      spot: z.boolean().default(false),
      owner: z.string().optional().describe('Written to the waa-owner tag; default: your user name'),
      autoPauseHours: z
        .number()
        .positive()
        .max(24 * 14)
        .default(2),
      idlePauseMinutes: z
        .number()
        .int()
        .min(0)
        .max(24 * 60)
        .default(60)
        .describe('With nothing queued a pool pauses after this long; 0: only at the end of its lease'),
    })
    .prefault({}),
  ssh: z
    .strictObject({
      user: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
        .default('azureuser'),
      keyPath: z
        .string()
        .optional()
        .describe('Private key; default: ssh/id_ed25519 in the state home, made when missing'),
    })
    .prefault({}),
  image: z
    .strictObject({
      reference: z
        .string()
        .default('windowsarena/waa-auto:2026.11')
        .describe('Container image with dockur and the WAA client'),
      digest: z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/)
        .optional()
        .describe('Pins the image; strongly advised'),
      fallback: z.string().optional().describe('The same image in another registry, used when the first one fails'),
    })
    .prefault({}),
  windows: z
    .strictObject({
      version: z.string().default('11e').describe("dockur's VERSION; 11e is the Enterprise evaluation"),
      ramGb: z.number().int().min(4).max(256).default(8),
      cpuCores: z.number().int().min(2).max(128).default(8),
      diskGb: z.number().int().min(32).max(2048).default(64),
      fetchIso: z
        .boolean()
        .default(true)
        .describe('Windows is downloaded beside the image and checked; false: dockur does it afterwards'),
      width: z.number().int().min(800).max(4096).default(1440),
      height: z.number().int().min(600).max(2160).default(900),
    })
    .prefault({}),
  model: z
    .strictObject({
      provider: z.enum(['openai', 'azure-openai', 'anthropic']).default('openai'),
      name: z.string().min(1).default('gpt-4o'),
      endpoint: z.url().optional().describe('Base URL; required for azure-openai'),
    })
    .prefault({}),
  agent: z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/)
        .default('navi'),
      directory: z
        .string()
        .min(1)
        .optional()
        .describe('Directory with an agent of your own: agent.py with a class Agent'),
      maxSteps: z.number().int().min(1).max(200).default(15),
      somOrigin: z.enum(['oss', 'a11y', 'mixed-oss', 'omni', 'mixed-omni']).default('oss'),
      a11yBackend: z.enum(['uia', 'win32']).default('uia'),
    })
    .prefault({}),
  benchmark: z
    .strictObject({
      taskTimeoutS: seconds.default(600).describe('A task that runs longer is stopped and recorded as timeout'),
      infraRetries: z.number().int().min(0).max(10).default(INFRA_RETRIES),
      reset: z
        .enum(['none', 'close-all', 'guest', 'golden'])
        .default('none')
        .describe('What happens to Windows before each task'),
      keepScreenshots: z.boolean().default(true),
      maxCostUsd: z.number().positive().optional(),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      azure: layerTimeouts(30, 300, 120),
      vm: layerTimeouts(60, 600, 300),
      docker: layerTimeouts(30, 1020, 300),
      qemu: layerTimeouts(30, 600, 300),
      windows: layerTimeouts(60, 2400, 600),
      server: layerTimeouts(180, 900, 300),
      client: layerTimeouts(90, 300, 120),
    })
    .prefault({}),
});

/** The whole configuration, validated and complete. */
export type Config = z.infer<typeof configSchema>;
