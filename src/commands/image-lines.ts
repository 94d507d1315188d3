import type { GoldenImage } from '../deployment/golden-image.js';

/** What an image holds, for a person. */
export function imageLines({ apps, container, disk, region, windowsUntil }: GoldenImage): readonly string[] {
  return [
    `  region       ${region}`,
    `  disk         ${disk ? `${disk.gb} GB` : 'not captured yet'}`,
    `  container    ${container.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1')}`,
    `  apps         ${apps.length === 0 ? 'none' : apps.join(', ')}`,
    `  Windows      ${windowsUntil === undefined ? 'no end of an evaluation' : `evaluation until ${windowsUntil.slice(0, 10)}`}`,
  ];
}
