// Screens, windows and paper that nobody has in front of them all day.
import { flaws } from '../layout.js';
import { Lab, SHORT, expect, test } from '../site.js';

const drawn = (page) => page.evaluate(() => document.querySelector('#loss-panel canvas').toDataURL());

test.describe('without its style sheet', () => {
  test.use({ provoked: /style\.css|ERR_FAILED/ });
  test('no canvas makes the page grow', async ({ lab, page }) => {
    await page.route(/style.*\.css$/, (route) => route.abort());
    await lab.open(SHORT);
    const height = () => page.evaluate(() => document.documentElement.scrollHeight);
    const before = await height();
    await lab.step(1);
    await page.evaluate(async () => {
      for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
    });
    expect(Math.abs((await height()) - before)).toBeLessThan(200);
  });
});

test('on a screen of other pixels everything is drawn anew, told of them or not', async ({ lab, page }) => {
  await page.addInitScript(() => {
    // As in browsers that do not know the box of device pixels.
    const observe = ResizeObserver.prototype.observe;
    ResizeObserver.prototype.observe = function (target, options) {
      if (options?.box === 'device-pixel-content-box') throw new TypeError('not known here');
      return observe.call(this, target, options);
    };
    delete ResizeObserverEntry.prototype.devicePixelContentBoxSize;
    // Emulated screens do not tell their media queries.
    const { matchMedia } = window;
    window.matchMedia = (query) => {
      const list = matchMedia.call(window, query);
      if (query.includes('resolution')) window.screen.ratio = list;
      return list;
    };
  });
  await lab.open(SHORT);
  const width = () => page.evaluate(() => document.querySelector('#loss-panel canvas').width);
  const before = await width();
  const session = await page.context().newCDPSession(page);
  for (const ratio of [2, 1, 3]) {
    await session.send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 720, deviceScaleFactor: ratio, mobile: false });
    await page.evaluate(() => window.screen.ratio.dispatchEvent(new Event('change')));
    await expect.poll(width).toBe(before * ratio);
  }
});

test('paper is light, with the address on it, and the screen is as before', async ({ lab, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await lab.open(SHORT);
  await lab.step(2);
  const empty = await drawn(page);
  await lab.step(10);
  await expect.poll(() => drawn(page)).not.toBe(empty);
  const dark = await drawn(page);
  const printed = await page.evaluate(() => {
    dispatchEvent(new Event('beforeprint'));
    const { print } = document.documentElement.dataset;
    return { print, drawn: document.querySelector('#loss-panel canvas').toDataURL() };
  });
  expect(printed.drawn).not.toBe(dark);
  expect(printed.print).toContain('data=moons');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.locator('.transport')).toBeHidden();
  await expect(page.locator('#add-run')).toBeHidden();
  await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  const { theme, print } = await page.evaluate(() => ({ ...document.documentElement.dataset }));
  expect([theme, print]).toEqual([undefined, undefined]);
  expect(await drawn(page)).not.toBe(printed.drawn);
});

test('charts run from left to right where a page is translated from right to left', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  const directions = () => page.evaluate(() => [...new Set([...document.querySelectorAll('canvas')].map((canvas) => getComputedStyle(canvas).direction))]);
  expect(await directions()).toEqual(['ltr']);
  const [title, options] = [await page.locator('#loss-panel h3').boundingBox(), await page.locator('#loss-panel .options').boundingBox()];
  expect(options.x + options.width).toBeLessThan(title.x);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
});

test('a window that shows little does not lose it to the transport', async ({ lab, page }) => {
  await page.setViewportSize({ width: 320, height: 256 });
  await lab.open(SHORT);
  await page.evaluate(() => scrollTo(0, 600));
  const bottom = () => page.evaluate(() => document.querySelector('.transport').getBoundingClientRect().bottom);
  await expect.poll(bottom).toBeLessThanOrEqual(0);
});

test('where the browser writes twice as large so does the page, and it still fits', async ({ playwright, launchOptions, baseURL }) => {
  const browser = await playwright.chromium.launch({ ...launchOptions, args: [...launchOptions.args, '--blink-settings=defaultFontSize=32'] });
  const page = await browser.newPage({ baseURL, viewport: { width: 1280, height: 720 } });
  const lab = new Lab(page);
  await lab.open(SHORT);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('30px');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const view of ['train', 'one-step', 'map', 'flow']) {
    await page.locator(`#tab-${view}`).click();
    await expect(page.locator(`#${view}`)).toBeVisible();
    expect(await page.evaluate(flaws), view).toEqual([]);
  }
  await browser.close();
});
