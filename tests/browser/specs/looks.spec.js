// Small screens, light and dark, and who cannot see.
import AxeBuilder from '@axe-core/playwright';
import { SHORT, expect, test } from '../site.js';

for (const [width, height] of [
  [1920, 1080],
  [1280, 720],
  [390, 844],
  [360, 740],
]) {
  test(`nothing hangs over the side at ${width} × ${height}`, async ({ lab, page }) => {
    await page.setViewportSize({ width, height });
    await lab.open();
    await lab.step(20);
    for (const details of await page.locator('details').all()) await details.evaluate((element) => (element.open = true));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    for (const id of ['play', 'step', 'epoch', 'reset', 'new-seed', 'speed', 'status']) {
      const box = await page.getByTestId(id).boundingBox();
      expect(box.x, id).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width, id).toBeLessThanOrEqual(width);
    }
  });
}

test('the whole way works by touch on a small screen', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 });
  const page = await context.newPage();
  await page.goto(`${process.env.PROXPROP_SITE}?${SHORT}`);
  await page.getByTestId('step').tap();
  await expect.poll(() => page.evaluate(async () => (await window.proxprop.frame()).step)).toBe(1);
  await page.getByTestId('play').tap();
  await expect.poll(() => page.evaluate(async () => (await window.proxprop.frame()).step)).toBe(20);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing, ${colorScheme}, ${width} wide`, async ({ lab, page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 844 });
      await lab.open();
      await lab.step(30);
      for (const details of await page.locator('details').all()) await details.evaluate((element) => (element.open = true));
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });
  }

  test(`axe finds nothing in the dialogs, ${colorScheme}`, async ({ lab, page }) => {
    await page.emulateMedia({ colorScheme });
    await lab.open(SHORT);
    for (const id of ['share-open', 'help']) {
      await page.locator(`#${id}`).click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
      await page.keyboard.press('Escape');
    }
  });

  test(`axe finds nothing beside an error, ${colorScheme}`, async ({ lab, page }) => {
    await page.emulateMedia({ colorScheme });
    await lab.open('v=1&data=mnist');
    await expect(page.getByTestId('error')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });
}

test('canvases are as sharp as the screen', async ({ playwright }, { project }) => {
  // A real screen of two pixels per length: an emulated one does not reach `device-pixel-content-box`.
  const { executablePath, args } = project.use.launchOptions;
  const browser = await playwright.chromium.launch({ executablePath, args: [...args, '--force-device-scale-factor=2'] });
  const page = await (await browser.newContext({ viewport: null, deviceScaleFactor: undefined })).newPage();
  await page.goto(process.env.PROXPROP_SITE);
  const canvas = page.getByTestId('chart-loss').locator('canvas').first();
  await expect(canvas).toBeVisible();
  expect(await page.evaluate(() => window.devicePixelRatio)).toBe(2);
  await expect.poll(() => canvas.evaluate((c) => c.width / c.getBoundingClientRect().width)).toBeCloseTo(2, 1);
  await browser.close();
});

test('every control has a name and the transport can be reached by keys', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.getByTestId('play').focus();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('step')).toBeFocused();
  await page.keyboard.press('Enter');
  await lab.at(1);
  await expect(page.getByRole('status').first()).not.toBeEmpty();
});
