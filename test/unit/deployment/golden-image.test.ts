import { describe, expect, it } from 'vitest';
import {
  imageGroupName,
  imageTags,
  imageWarning,
  readImage,
  tagsOfOthers,
  validateImageName,
  type GoldenImage,
  type ImageManifest,
} from '../../../src/deployment/golden-image.js';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 22);
const iso = (days: number): string => new Date(NOW + days * DAY).toISOString();

const manifest: ImageManifest = {
  name: 'win11',
  owner: 'ada',
  createdAt: iso(-2),
  source: 'fresh/w0',
  container: 'docker.io/me/waa-auto@sha256:00',
  apps: ['vlc', 'vs_code'],
  windowsUntil: iso(60),
};
const disk = { snapshot: 'win11-1', gb: 256, capturedAt: iso(-2) };
const groupOf = (tags: Readonly<Record<string, string>>, name = imageGroupName('win11')) => ({
  name,
  region: 'eastus',
  tags,
  provisioningState: 'Succeeded',
});

describe('the tags of an image', () => {
  it('are all that is needed to know it again', () => {
    const image = readImage(groupOf(imageTags(manifest, disk)));
    expect(image).toEqual({ ...manifest, disk, group: 'waa-image_win11', region: 'eastus' });
  });

  it('say that it is complete only with all of its disk', () => {
    expect(readImage(groupOf(imageTags(manifest)))?.disk).toBeUndefined();
    expect(readImage(groupOf({ ...imageTags(manifest, disk), 'waa-image-gb': 'many' }))?.disk).toBeUndefined();
  });

  it('count only on the group that has the name', () => {
    expect(readImage(groupOf(imageTags(manifest, disk), 'waa-win11'))).toBeUndefined();
    expect(readImage(groupOf({ 'waa-deployment': 'win11' }))).toBeUndefined();
  });

  it('stand beside those that others wrote, which are left', () => {
    expect(tagsOfOthers({ ...imageTags(manifest, disk), costCentre: '12', 'Waa-Image-Next': 'x' })).toEqual({
      costCentre: '12',
    });
  });

  it('keep to the 256 characters of a value', () => {
    const apps = Array.from({ length: 90 }, (_, index) => `app-${index}`);
    const tags = imageTags({ ...manifest, apps, container: 'c'.repeat(300), owner: 'o'.repeat(300) }, disk);
    expect(Math.max(...Object.values(tags).map((value) => value.length))).toBe(256);
  });
});

describe('what is told of an image', () => {
  const image = (more: Partial<GoldenImage>): GoldenImage => ({ ...manifest, disk, group: '', region: '', ...more });

  it.each([
    ['nothing while its Windows lasts', image({}), undefined],
    ['nothing where Windows did not say', image({ windowsUntil: undefined }), undefined],
    ['the end that comes', image({ windowsUntil: iso(9) }), 'its Windows evaluation ends on 2026-12-01'],
    ['the end that came', image({ windowsUntil: iso(-1) }), 'its Windows evaluation ended on 2026-11-21'],
    ['that it was never captured', image({ disk: undefined }), 'was never captured to its end'],
    ['nothing while it is being made', image({ disk: undefined, createdAt: iso(-0.5) }), undefined],
  ])('%s', (_what, given, told) => {
    expect(imageWarning(given, NOW)).toBe(told);
  });
});

it('a name that Azure would not take is refused', () => {
  expect(validateImageName('win11-office')).toBe('win11-office');
  for (const bad of ['', 'Win', 'a_b', 'windows-11', 'x'.repeat(25)])
    expect(() => validateImageName(bad)).toThrow(expect.objectContaining({ code: 'OWN_IMAGE_NAME_INVALID' }));
});
