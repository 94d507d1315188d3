import { MAX_TAG_VALUE, TAG_NAMES, tagValue } from '../azure/tags.js';
import type { ResourceGroup } from '../clients/arm/arm.js';
import { DAY_MS } from '../clock/units.js';
import { fail } from '../failures/waa-error.js';
import { nameProblem } from './names.js';

/** Windows must last for the work that begins with an image; from here on that is told. */
const SOON_MS = 10 * DAY_MS;

/** Tags of an image beside those that every resource of ours has. They are the only record of it. */
const IMAGE_TAGS = {
  source: 'waa-image-source',
  container: 'waa-image-container',
  apps: 'waa-image-apps',
  windowsUntil: 'waa-image-windows-until',
  snapshot: 'waa-image-snapshot',
  gb: 'waa-image-gb',
  captured: 'waa-image-captured',
} as const;

/** What is known of an image before its disk is copied. */
export interface ImageManifest {
  readonly name: string;
  readonly owner: string;
  /** ISO time at which its making began. */
  readonly createdAt: string;
  /** `deployment/worker` it was taken of. */
  readonly source: string;
  /** Container image on its disk, with its digest when it has one. */
  readonly container: string;
  /** Apps found in its Windows. */
  readonly apps: readonly string[];
  /** ISO time at which the evaluation of its Windows ends; undefined when Windows did not say. */
  readonly windowsUntil: string | undefined;
}

/** The copy of the disk. */
export interface ImageDisk {
  /** Name of the snapshot in the image's resource group. */
  readonly snapshot: string;
  readonly gb: number;
  /** ISO time at which it was complete. */
  readonly capturedAt: string;
}

/** A golden image as its resource group tells. */
export interface GoldenImage extends ImageManifest {
  readonly group: string;
  readonly region: string;
  /** Missing as long as it was not captured to the end. */
  readonly disk: ImageDisk | undefined;
}

/**
 * The resource group of an image. No deployment can have it: their names have no underscore. An image stands beside
 * deployments, not in one, because it outlives them.
 */
export function imageGroupName(image: string): string {
  return `waa-image_${image}`;
}

/** Checks the name of an image. Raises OWN_IMAGE_NAME_INVALID saying what is wrong with it. */
export function validateImageName(name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw fail('OWN_IMAGE_NAME_INVALID', { name, problem });
  return name;
}

/** The tags of an image's group; without a disk those of one that is being made. */
export function imageTags(manifest: ImageManifest, disk?: ImageDisk): Readonly<Record<string, string>> {
  const { name, owner, createdAt, source, container, apps, windowsUntil } = manifest;
  return {
    [TAG_NAMES.image]: name,
    [TAG_NAMES.owner]: owner.slice(0, MAX_TAG_VALUE),
    [TAG_NAMES.created]: createdAt,
    [IMAGE_TAGS.source]: source,
    [IMAGE_TAGS.container]: container.slice(0, MAX_TAG_VALUE),
    [IMAGE_TAGS.apps]: apps.join(',').slice(0, MAX_TAG_VALUE),
    ...(windowsUntil === undefined ? {} : { [IMAGE_TAGS.windowsUntil]: windowsUntil }),
    ...(disk === undefined
      ? {}
      : {
          [IMAGE_TAGS.snapshot]: disk.snapshot,
          [IMAGE_TAGS.gb]: String(disk.gb),
          [IMAGE_TAGS.captured]: disk.capturedAt,
        }),
  };
}

/** What others have written on the group of an image, such as a cost centre: it stays when the image is made anew. */
export function tagsOfOthers(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !name.toLowerCase().startsWith('waa-')));
}

/** Reads an image from its group; undefined for a group that we did not make as one. */
export function readImage({ name: group, region, tags }: ResourceGroup): GoldenImage | undefined {
  const read = (tag: string): string | undefined => tagValue(tags, tag);
  const [name, owner] = [read(TAG_NAMES.image), read(TAG_NAMES.owner)];
  if (name === undefined || owner === undefined || group.toLowerCase() !== imageGroupName(name)) return undefined;
  const [snapshot, gb, capturedAt] = [
    read(IMAGE_TAGS.snapshot),
    Number(read(IMAGE_TAGS.gb)),
    read(IMAGE_TAGS.captured),
  ];
  const isComplete = snapshot !== undefined && capturedAt !== undefined && Number.isInteger(gb) && gb > 0;
  return {
    name,
    group,
    region,
    owner,
    createdAt: read(TAG_NAMES.created) ?? '',
    source: read(IMAGE_TAGS.source) ?? '',
    container: read(IMAGE_TAGS.container) ?? '',
    apps: (read(IMAGE_TAGS.apps) ?? '').split(',').filter((app) => app !== ''),
    windowsUntil: read(IMAGE_TAGS.windowsUntil),
    disk: isComplete ? { snapshot, gb, capturedAt } : undefined,
  };
}

/** What a person should know of an image, in words; undefined when nothing. */
export function imageWarning({ disk, createdAt, windowsUntil }: GoldenImage, nowMs: number): string | undefined {
  if (!disk) return nowMs - Date.parse(createdAt) < DAY_MS ? undefined : 'was never captured to its end';
  const untilMs = Date.parse(windowsUntil ?? '');
  if (Number.isNaN(untilMs) || nowMs < untilMs - SOON_MS) return undefined;
  const day = new Date(untilMs).toISOString().slice(0, 10);
  return nowMs >= untilMs ? `its Windows evaluation ended on ${day}` : `its Windows evaluation ends on ${day}`;
}
