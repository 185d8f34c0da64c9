// Explanations beside what they explain, and the tour.
import AxeBuilder from '@axe-core/playwright';
import { SHORT, expect, test } from '../site.js';

for (const view of ['train', 'one-step', 'map', 'flow', 'related']) {
  test(`every setting and chart of ${view} has an explanation that opens and closes`, async ({ lab, page }) => {
    await lab.open(view === 'related' ? 'system=auc&steps=300' : `${SHORT}#view=${view}`);
    if (view === 'related') await page.evaluate(() => window.proxprop.step(1));
    // The map's cells would only cost time here.
    if (view === 'map') await lab.cancelMap();
    await page.evaluate((view) => document.querySelectorAll(`#${view} details`).forEach((element) => (element.open = true)), view);
    const keys = await page.locator(`#${view} .help`).evaluateAll((buttons) => buttons.filter((button) => button.checkVisibility()).map(({ dataset: { help, about, term } }) => (help ? `[data-help=${help}]` : about ? `[data-about=${about}]` : `[data-term=${term}]`)));
    const seen = new Set(keys);
    expect(seen.size).toBeGreaterThan(2);
    if (view === 'train') for (const key of ['data', 'tau', 'tau_theta', 'rule', 'opt', 'hidden', 'loss', 'steps', 'boundary']) expect([...seen]).toContain(`[data-help=${key}]`);
    if (view === 'related') for (const key of ['[data-about=eta0]', '[data-term=plane]', '[data-term=roc]', '[data-term=auc]', '[data-term=found]']) expect([...seen]).toContain(key);
    const popover = page.locator('#help-pop');
    for (const key of seen) {
      await page.locator(`#${view} ${key}:visible`).first().click();
      await expect(popover, key).toBeVisible();
      const [length, { left, top, right, bottom }] = await popover.evaluate((element) => [document.getElementById('help-text').innerText.length, element.getBoundingClientRect().toJSON()]);
      expect(length, key).toBeGreaterThan(40);
      expect(Math.min(left, top), key).toBeGreaterThanOrEqual(0);
      expect(right, key).toBeLessThanOrEqual(1280);
      expect(bottom, key).toBeLessThanOrEqual(720);
      await page.keyboard.press('Escape');
      await expect(popover, key).toBeHidden();
    }
  });
}

test('the button that opens an explanation closes it', async ({ lab, page }) => {
  await lab.open(SHORT);
  const button = page.locator('[data-help=tau]').first();
  await button.click();
  await expect(page.locator('#help-pop')).toBeVisible();
  await button.click();
  await expect(page.locator('#help-pop')).toBeHidden();
});

test('an explanation opens by keys, over a dialog as well', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.locator('#help').click();
  await page.locator('#keys .help').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#help-pop')).toContainText('timeline');
  await page.locator('#help-pop .close').click();
  await expect(page.locator('#help-pop')).toBeHidden();
  await expect(page.locator('#keys')).toBeVisible();
});

test('an explanation has its formula and what is allowed, and is read by axe without complaint', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.getByTestId('run-card').nth(1).locator('[data-help=tau_theta]').click();
  const popover = page.locator('#help-pop');
  await expect(popover.locator('math').first()).toBeVisible();
  await expect(popover).toContainText('Allowed: 1e-6 to 1e6. Usual: 1. In an address: tau_theta.');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
});

test('explanations open by touch on a small screen, inside it', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await page.goto(`${process.env.PROXPROP_SITE}?${SHORT}`);
  await expect(page.getByTestId('run-card')).toHaveCount(2);
  for (const key of ['boundary', 'loss', 'tau']) {
    await page.locator(`[data-help=${key}]`).first().tap();
    const box = await page.locator('#help-pop').boundingBox();
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(360);
    await page.getByRole('button', { name: 'Close' }).tap();
    await expect(page.locator('#help-pop')).toBeHidden();
  }
  await context.close();
});

test('the tour leads through the page by keys alone, and its places are there', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.locator('#tour-open').focus();
  await page.keyboard.press('Enter');
  const tour = page.locator('#tour');
  const { violations } = await new AxeBuilder({ page }).include('#tour').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  const stops = await tour.locator('li').count();
  for (let stop = 1; stop <= stops; stop++) {
    await expect(page.locator('#tour-where')).toHaveText(`${stop} of ${stops}`);
    await expect(page.locator('.toured')).toHaveCount(1);
    await expect(page.locator('.toured')).toBeInViewport();
    await expect(page.locator('#tour-next')).toBeFocused();
    await expect(tour.locator('li:visible')).toHaveCount(1);
    await page.keyboard.press('Enter');
  }
  await expect(tour).toBeHidden();
  await expect(page.locator('.toured')).toHaveCount(0);
  await expect(page.locator('#tour-open')).toBeFocused();
});

test('the tour is left at any time and never comes back by itself', async ({ lab, page }) => {
  await lab.open(SHORT);
  const tour = page.locator('#tour');
  await expect(tour, 'nothing opens unasked').toBeHidden();
  await expect(page.locator('#tour-open')).toHaveText(/New here/);
  await page.locator('#tour-open').click();
  await page.keyboard.press('Escape');
  await expect(tour).toBeHidden();
  await lab.open(SHORT);
  await expect(tour).toBeHidden();
  await expect(page.locator('#tour-open .new')).toBeHidden();
});
