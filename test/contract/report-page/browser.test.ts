import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PNG } from 'pngjs';
import { writeReport } from '../../../src/benchmark/report/write-report.js';
import { attempt, fixtureHead, fixtureIndex, fixtureLines } from '../../helpers/run-fixture.js';

/** Debian's and Ubuntu's; another browser by CHROMIUM. `WAA_SHOTS` names a folder to leave pictures of the page in. */
const chromium = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== '' && existsSync(path),
);
const shots = process.env['WAA_SHOTS'];

/** A step's picture with something to see on it. */
function screen(step: number): Buffer {
  const png = new PNG({ width: 1440, height: 900 });
  for (let y = 0; y < png.height; y += 1)
    for (let x = 0; x < png.width; x += 1) {
      const inWindow = x > 200 + 90 * step && x < 900 + 90 * step && y > 150 && y < 700;
      const level = y > 850 ? 30 : inWindow ? (y < 190 ? 90 : 240) : 110 + Math.floor(y / 12);
      png.data.writeUInt32BE(
        ((level << 24) | (level << 16) | (Math.min(255, level + 40) << 8) | 255) >>> 0,
        4 * (y * 1440 + x),
      );
    }
  return PNG.sync.write(png);
}

describe.skipIf(chromium === undefined)('report.html in Chromium (needs Debian package chromium)', () => {
  const directory = mkdtempSync(join(tmpdir(), 'waa-page-'));
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    const results = join(
      directory,
      'attempts',
      'clock.one.2',
      'results',
      'pyautogui',
      'a11y_tree',
      'm',
      '0',
      'clock',
      'one',
    );
    mkdirSync(results, { recursive: true });
    const lines = [1, 2, 3].map((step) => {
      const screenshot = `screenshot-step_${step}.png`;
      writeFileSync(join(results, screenshot), screen(step));
      return JSON.stringify({
        step_num: step,
        action: `computer.mouse.move_id(id=${step})\n`,
        screenshot,
        window_title: 'Clock',
      });
    });
    writeFileSync(join(results, 'traj.jsonl'), lines.join('\n'));
    const reset = attempt('vlc/eight', 'w0', 55, 9, { state: 'scored', score: 0.5 }).map((line) =>
      line.type === 'finished' ? { ...line, resetMs: 200_000 } : line,
    );
    const written = await writeReport({
      directory,
      head: { ...fixtureHead, reset: 'golden' },
      lines: [...fixtureLines, ...reset].toSorted((a, b) => a.at - b.at),
      index: fixtureIndex,
      redact: (text) => text,
    });
    browser = await launch({
      executablePath: chromium ?? '',
      // Tests run as root in containers, where Chromium's own sandbox cannot start.
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--hide-scrollbars'],
      timeout: 60_000,
    });
    page = await browser.newPage();
    await page.setOfflineMode(true);
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(written.page).href, { waitUntil: 'load', timeout: 60_000 });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('says nothing on the console and asks for nothing but itself', async () => {
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([page.url()]);
  });

  it.each(['domains', 'failures', 'timeline', 'times', 'costs'])('draws the chart of %s', async (section) => {
    const areas = `[...document.querySelectorAll('#${section} svg rect')]
      .map((rect) => rect.getBoundingClientRect()).map(({ width, height }) => width * height)`;
    const sizes = (await page.evaluate(areas)) as number[];
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeGreaterThan(100);
  });

  it('shows the pictures of the steps when a task is opened', async () => {
    await page.evaluate(`document.querySelector('#clock-one').setAttribute('open', '')`);
    const loaded = `[...document.querySelectorAll('#clock-one img')].every((image) => image.complete)`;
    await page.waitForFunction(loaded, { timeout: 30_000 });
    const widths = `[...document.querySelectorAll('#clock-one img')].map((image) => image.naturalWidth)`;
    expect(await page.evaluate(widths)).toEqual(
      Array.from({ length: 3 }, (): unknown => expect.toSatisfy((width: number) => width > 200)),
    );
  });

  it.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 380],
    ['dark', 380],
  ] as const)('reads well in %s at %i pixels: text stands out, nothing runs off', async (scheme, width) => {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const look = `({ ink: getComputedStyle(document.body).color, paper: getComputedStyle(document.body).backgroundColor,
      overflow: document.documentElement.scrollWidth - innerWidth })`;
    const seen = (await page.evaluate(look)) as { ink: string; paper: string; overflow: number };
    if (shots !== undefined)
      await page.screenshot({ path: join(shots, `report-${scheme}-${width}.png`), fullPage: true });
    expect(contrast(seen.ink, seen.paper)).toBeGreaterThan(7);
    expect(seen.overflow).toBeLessThanOrEqual(0);
  });
});

/** Contrast ratio of two `rgb(...)` colours: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
