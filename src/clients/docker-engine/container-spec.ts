import { createHash } from 'node:crypto';
import type { ContainerCreateOptions } from 'dockerode';
import * as z from 'zod';
import { parseImageReference } from '../../config/image-reference.js';
import { fail } from '../../failures/waa-error.js';
import { FINGERPRINT_LABEL } from '../../health/winarena.js';
import type { ContainerInfo, ContainerSpec } from './docker-engine.js';

const absolutePath = z
  .string()
  .regex(/^\/(?!\/)[^:\0]*$/, 'must be an absolute path without a colon')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ".."');
const port = z.number().int().min(1).max(65_535);
/** A reference that names one version: a tag other than `latest`, or a digest. */
const pinnedImage = z.string().superRefine((text, context) => {
  const parsed = parseImageReference(text);
  if ('invalid' in parsed) context.addIssue(parsed.invalid);
  else if (parsed.digest === undefined && !/:[^/]+$/.test(text)) context.addIssue('must name a tag or a digest');
});

/** What may be asked of Docker. Ports are published on 127.0.0.1 only, and nothing restarts by itself. */
export const containerSpecSchema = z
  .strictObject({
    name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/),
    image: pinnedImage,
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().regex(/^[^\0\n]*$/, 'must be one line')),
    binds: z.array(z.strictObject({ source: absolutePath, target: absolutePath, readOnly: z.boolean().optional() })),
    devices: z.array(z.string().regex(/^\/dev\/[a-z0-9/_-]+$/)),
    capabilities: z.array(z.string().regex(/^[A-Z_]+$/)),
    ports: z.array(z.strictObject({ container: port, host: port })),
    stopTimeoutS: z.number().int().min(1).max(3600),
    labels: z.record(z.string().min(1), z.string()),
    entrypoint: z.array(z.string()).min(1).optional(),
    command: z.array(z.string()).min(1).optional(),
  })
  .refine(
    (spec) => new Set(spec.ports.map((one) => one.host)).size === spec.ports.length,
    'a host port is published twice',
  )
  .refine((spec) => new Set(spec.binds.map((one) => one.target)).size === spec.binds.length, 'a path is mounted twice');

/** The specification if it is allowed; DOCKER_SPEC_REJECTED naming the first thing that is not. */
export function checkedSpec(spec: ContainerSpec): ContainerSpec {
  const parsed = containerSpecSchema.safeParse(spec);
  if (parsed.success) return spec;
  const issue = parsed.error.issues[0];
  throw fail('DOCKER_SPEC_REJECTED', {
    detail: `${issue?.path.join('.') || 'specification'}: ${issue?.message ?? 'invalid'}`,
  });
}

/** Sixteen hex digits that change with anything that makes another container; the order of lists of names does not. */
export function fingerprintOf(spec: ContainerSpec): string {
  const { labels, entrypoint, command, ...rest } = spec;
  const argv = [entrypoint?.join('\0') ?? '', command?.join('\0') ?? ''].join('\0\0');
  const own = Object.fromEntries(Object.entries(labels).filter(([name]) => name !== FINGERPRINT_LABEL));
  return createHash('sha256')
    .update(JSON.stringify(canonical({ ...rest, argv, labels: own })))
    .digest('hex')
    .slice(0, 16);
}

/** The body of POST /containers/create. A fingerprint that the specification brings along is kept, otherwise ours is added. */
export function toCreateBody(spec: ContainerSpec): ContainerCreateOptions {
  const { binds, devices, ports } = checkedSpec(spec);
  const key = (container: number): string => `${container}/tcp`;
  return {
    name: spec.name,
    Image: spec.image,
    Env: environmentOf(spec),
    Labels: { [FINGERPRINT_LABEL]: fingerprintOf(spec), ...spec.labels },
    ExposedPorts: Object.fromEntries(ports.map((one) => [key(one.container), {}])),
    StopTimeout: spec.stopTimeoutS,
    ...(spec.entrypoint === undefined ? {} : { Entrypoint: [...spec.entrypoint] }),
    ...(spec.command === undefined ? {} : { Cmd: [...spec.command] }),
    HostConfig: {
      Binds: binds.map((bind) => `${bind.source}:${bind.target}${bind.readOnly ? ':ro' : ''}`),
      Devices: devices.map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' })),
      CapAdd: [...spec.capabilities],
      PortBindings: portBindings(ports),
      RestartPolicy: { Name: 'no' },
    },
  };
}

/** How a container differs from what is wanted, in words; empty when it is exactly that. What the image adds does not count. */
export function differences(spec: ContainerSpec, inspected: ContainerInfo): string[] {
  const found = inspected.spec;
  const list: string[] = [];
  const compare = (what: string, wanted: unknown, is: unknown): void => {
    const [a, b] = [textOf(wanted), textOf(is)];
    if (a !== b) list.push(`${what} is ${b}, wanted ${a}`);
  };
  compare('image', spec.image, found.image);
  for (const [name, value] of Object.entries(spec.env)) compare(`variable ${name}`, value, found.env[name]);
  compare('mounts', spec.binds.map(bindText), found.binds.map(bindText));
  compare('devices', spec.devices, found.devices);
  compare('capabilities', spec.capabilities, found.capabilities);
  compare('ports', spec.ports.map(portText), found.ports.map(portText));
  compare('stop timeout', spec.stopTimeoutS, found.stopTimeoutS);
  if (spec.entrypoint) compare('entry point', spec.entrypoint.join('\0'), found.entrypoint?.join('\0'));
  if (spec.command) compare('command', spec.command.join('\0'), found.command?.join('\0'));
  for (const [name, value] of Object.entries(spec.labels)) compare(`label ${name}`, value, inspected.labels[name]);
  return list;
}

const environmentOf = (spec: ContainerSpec): string[] =>
  Object.entries(spec.env).map(([name, value]) => `${name}=${value}`);
const bindText = (bind: ContainerSpec['binds'][number]): string =>
  `${bind.source}:${bind.target}:${bind.readOnly ? 'ro' : 'rw'}`;
const portText = (one: ContainerSpec['ports'][number]): string => `127.0.0.1:${one.host}->${one.container}`;

function portBindings(ports: ContainerSpec['ports']): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { container, host } of ports) {
    (bindings[`${container}/tcp`] ??= []).push({ HostIp: '127.0.0.1', HostPort: String(host) });
  }
  return bindings;
}

const textOf = (value: unknown): string => (value === undefined ? 'unset' : JSON.stringify(canonical(value)));

/** The same value with keys and lists sorted; where order counts (argv) the list was joined before. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(canonical).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, canonical(one)]));
}
