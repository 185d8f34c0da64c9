// Explanations beside what they explain, and the tour.
import AxeBuilder from '@axe-core/playwright';
import { SHORT, expect, test } from '../site.js';

const VIEWS = ['train', 'one-step', 'map', 'flow'];

test('every control of the table and every chart has an explanation that opens by mouse and by keys', async ({ lab, page }) => {
  for (const view of VIEWS) {
    await lab.open(`${SHORT}#view=${view}`);
    for (const details of await page.locator('details').all()) await details.evaluate((element) => (element.open = true));
    const buttons = page.locator(`#${view} .help:visible`);
    expect(await buttons.count()).toBeGreaterThan(2);
    const seen = new Set();
    for (const button of await buttons.all()) {
      const key = await button.getAttribute('data-help');
      if (seen.has(key)) continue;
      seen.add(key);
      await button.click();
      const popover = page.locator('#help-pop');
      await expect(popover, key).toBeVisible();
      expect((await page.locator('#help-text').innerText()).length, key).toBeGreaterThan(40);
      const box = await popover.boundingBox();
      expect(box.x, key).toBeGreaterThanOrEqual(0);
      expect(box.y, key).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width, key).toBeLessThanOrEqual(1280);
      expect(box.y + box.height, key).toBeLessThanOrEqual(720);
      await page.keyboard.press('Escape');
      await expect(popover, key).toBeHidden();
    }
    if (view === 'train') for (const key of ['data', 'tau', 'tau_theta', 'rule', 'opt', 'hidden', 'loss', 'steps', 'boundary']) expect([...seen]).toContain(key);
  }
  await page.locator('#help').click();
  await page.locator('#keys .help').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#help-pop')).toContainText('timeline');
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
  const stops = await tour.locator('li').count();
  for (let stop = 1; stop <= stops; stop++) {
    await expect(page.locator('#tour-where')).toHaveText(`${stop} of ${stops}`);
    await expect(page.locator('.toured')).toHaveCount(1);
    await expect(page.locator('.toured')).toBeInViewport();
    await expect(page.locator('#tour-next')).toBeFocused();
    await expect(tour.locator('li:visible')).toHaveCount(1);
    const { violations } = await new AxeBuilder({ page }).include('#tour').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
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
