// Small screens, light and dark, and who cannot see.
import AxeBuilder from '@axe-core/playwright';
import { CANONICAL, SHORT, expect, test } from '../site.js';

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
    expect(await page.evaluate(() => document.documentElement.scrollWidth), 'the first screen').toBeLessThanOrEqual(width);
    await page.getByRole('button', { name: 'More charts' }).click();
    for (const details of await page.locator('details').all()) await details.evaluate((element) => (element.open = true));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    for (const id of ['play', 'step', 'epoch', 'reset', 'new-seed', 'speed', 'status']) {
      const box = await page.getByTestId(id).boundingBox();
      expect(box.x, id).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width, id).toBeLessThanOrEqual(width);
    }
  });
}

for (const [width, theme] of [
  [1920, 'projector'],
  [1280, 'light'],
  [1280, 'projector'],
  [1024, 'projector'],
  [360, 'light'],
]) {
  test(`step sizes from 0.000123 to 1000000 are read whole, ${width} wide, ${theme}`, async ({ lab, page }) => {
    await page.setViewportSize({ width, height: 768 });
    await lab.open(`${SHORT}#theme=${theme}`);
    for (const value of ['0.000123', '100000', '1000000']) {
      const cut = await page.locator('[data-testid=run-card] input[type=text]:visible').evaluateAll(
        (fields, value) =>
          fields.flatMap((field) => {
            field.value = value;
            return field.scrollWidth > field.clientWidth ? [`${field.id}: ${field.scrollWidth} > ${field.clientWidth}`] : [];
          }),
        value,
      );
      expect(cut, value).toEqual([]);
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

for (const view of ['train', 'one-step', 'map', 'flow']) {
  test(`axe finds nothing in ${view}, with everything open`, async ({ lab, page }) => {
    await lab.open(`${SHORT}#view=${view}`);
    await lab.step(3);
    if (view === 'train') await page.locator('#draw-open').click();
    await page.evaluate(() => document.querySelectorAll('details').forEach((element) => (element.open = true)));
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });
}

test('at 200 % zoom, 640 wide, nothing hangs over the side and nothing is out of reach', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 });
  const page = await context.newPage();
  for (const view of ['train', 'one-step', 'map', 'flow']) {
    await page.goto(`${process.env.PROXPROP_SITE}?${SHORT}#view=${view}`);
    await expect(page.getByTestId('play')).toBeEnabled();
    if (view === 'train') await page.locator('#draw-open').click();
    for (const details of await page.locator('details').all()) await details.evaluate((element) => (element.open = true));
    expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(640);
    for (const dialog of ['share-open', 'help']) {
      await page.locator('#more').click();
      await page.locator(`#${dialog}`).click();
      const close = page.locator('dialog[open] form button');
      await close.scrollIntoViewIfNeeded();
      await expect(close).toBeInViewport();
      await page.keyboard.press('Escape');
    }
  }
  await context.close();
});

test('with forced colours everything chosen is still told apart from what is not', async ({ lab, page }) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await lab.open(SHORT);
  await lab.step(3);
  const outline = (locator) => locator.evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(await outline(page.locator('#tab-train'))).toBe('solid');
  expect(await outline(page.locator('#tab-flow'))).toBe('none');
  await page.locator('#draw-open').click();
  expect(await outline(page.locator('#draw-open'))).toBe('solid');
  // Lines keep their run's colour, so that cards, legends and charts belong together.
  const colour = (locator) => locator.evaluate((element) => getComputedStyle(element, '::after').backgroundColor);
  const samples = page.getByTestId('run-card').locator('.sample');
  expect(await colour(samples.nth(0))).not.toBe(await colour(samples.nth(1)));
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
});

test('who wants no motion sees none', async ({ lab, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('./');
  await lab.ready();
  // The story is told at once instead of played.
  await lab.ended();
  await lab.at(300);
  expect(await page.getByTestId('play').evaluate((button) => getComputedStyle(button).transitionDuration)).toBe('0s');
  await expect(page.getByTestId('status')).not.toHaveText('Playing');
});

test('all that can be pressed is reached by Tab, and the focus is seen', async ({ lab, page }) => {
  await lab.open(SHORT);
  const missed = await page.evaluate(() => {
    const focusable = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')];
    return focusable.filter((element) => element.checkVisibility() && !element.disabled && element.tabIndex < 0).map((element) => element.outerHTML);
  });
  expect(missed).toEqual([]);
  await page.locator('body').press('Tab');
  const seen = new Set();
  for (let i = 0; i < 60; i++) {
    const [name, outline] = await page.evaluate(() => {
      const at = document.activeElement;
      const style = getComputedStyle(at);
      return [at.id || at.getAttribute('aria-label') || at.textContent, at.matches('body') ? 'body' : style.outlineStyle + style.outlineWidth];
    });
    if (outline === 'body') break;
    expect(outline, name).toMatch(/^(solid|auto)[1-9]/);
    seen.add(name);
    await page.keyboard.press('Tab');
  }
  for (const id of ['tab-train', 'tour-open', 'share-open', 'play', 'speed', 'timeline', 'draw-open', 'chart-loss', 'add-run']) expect([...seen]).toContain(id);
});

test('what happens is said in words, once', async ({ lab, page }) => {
  await lab.open(CANONICAL);
  const voice = page.getByTestId('voice');
  await page.evaluate(() => {
    window.said = [];
    new MutationObserver(() => window.said.push(document.getElementById('voice').textContent)).observe(document.getElementById('voice'), { childList: true, characterData: true, subtree: true });
  });
  await page.evaluate(() => window.proxprop.step(300));
  // In one message or in two, as they come.
  const said = () => page.evaluate(() => window.said.join(' '));
  await expect.poll(said).toMatch(/^Run 1 diverged at step \d+.* All 300 epochs are done\.$/);
  expect((await said()).match(/diverged at step|epochs are done/g)).toHaveLength(2);
  await expect(voice).toHaveAttribute('role', 'status');
});

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
