// For the beamer: large and light, by button, key and address; and numbers as they are written elsewhere.
import AxeBuilder from '@axe-core/playwright';
import { SHORT, expect, test } from '../site.js';

const theme = (page) => page.locator('html').getAttribute('data-theme');

test('reached by address, key and button, and left again', async ({ lab, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('./?preset=circle#theme=projector');
  await lab.ready();
  expect(await theme(page)).toBe('projector');
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(255, 255, 255)');
  await page.keyboard.press('p');
  expect(await theme(page), 'the desk stays as it was').toBeNull();
  expect(await page.evaluate(() => location.hash)).not.toContain('theme');
  await page.locator('#projector').click();
  await expect(page.locator('#projector')).toHaveAttribute('aria-pressed', 'true');
  expect(await page.evaluate(() => location.hash)).toContain('theme=projector');
  await page.reload();
  await lab.ready();
  expect(await theme(page)).toBe('projector');
  await page.evaluate(() => (location.hash = 'theme=dark'));
  await expect.poll(() => theme(page)).toBe('dark');
});

test('what is asked of a run that has ended has room in its card', async ({ lab, page }) => {
  await lab.open(`${SHORT}#theme=projector&charts=all`);
  await lab.step(20);
  await lab.change(lab.run(0, 'rule'), 'prox-point');
  const again = page.getByRole('button', { name: 'Start again with Rule = prox-point' });
  for (const width of [1920, 1024, 360]) {
    await page.setViewportSize({ width, height: 800 });
    const { right, over } = await again.evaluate((button) => ({ right: button.getBoundingClientRect().right, over: document.documentElement.scrollWidth - innerWidth }));
    expect(right).toBeLessThanOrEqual(width);
    expect(over).toBeLessThanOrEqual(0);
  }
});

for (const [width, height] of [
  [1024, 768],
  [1920, 1080],
]) {
  for (const view of ['train', 'one-step', 'map', 'flow']) {
    test(`${view} is readable at ${width} × ${height}`, async ({ lab, page }) => {
      test.slow();
      await page.setViewportSize({ width, height });
      await page.goto(`./?preset=circle#theme=projector&view=${view}`);
      await lab.ready();
      await lab.step(50);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const size = await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
      // As large on the wall, whatever the number of pixels.
      expect(size / width).toBeGreaterThan(0.0135);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });
  }

  test(`question, boundaries, loss and cards fit on one screen of ${width} × ${height}`, async ({ lab, page }) => {
    await page.setViewportSize({ width, height });
    await page.goto('./?preset=circle#theme=projector');
    await lab.ready();
    await lab.step(50);
    for (const place of ['#lecture', '.transport', '.boundary >> nth=0', '.boundary >> nth=1', '#chart-loss', '.card >> nth=0', '.card >> nth=1']) {
      const box = await page.locator(place).boundingBox();
      expect(box.y, place).toBeGreaterThanOrEqual(0);
      expect(box.y + box.height, place).toBeLessThanOrEqual(height);
      expect(box.x + box.width, place).toBeLessThanOrEqual(width);
    }
  });
}

test('lines and labels of charts are drawn larger', async ({ lab, page }) => {
  /** How thick all curves are together: their pixels per column. */
  const ink = async () =>
    page.getByTestId('chart-loss').locator('canvas').last().evaluate((canvas) => {
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let inked = 0;
      for (let i = 3; i < data.length; i += 4) inked += data[i] > 128 ? 1 : 0;
      return inked / canvas.width;
    });
  await page.emulateMedia({ colorScheme: 'light' });
  await lab.open('preset=small-steps');
  await lab.step(100);
  const desk = await ink();
  await page.keyboard.press('p');
  await expect.poll(ink).toBeGreaterThan(1.3 * desk);
});

test('a decimal comma is as good as a point', async ({ lab, page }) => {
  await lab.open('preset=circle');
  await lab.change(lab.run(0, 'tau'), '0,3');
  await lab.addressHas('run=backprop,opt:sgd,tau:0.3,');
  await expect(lab.run(0, 'tau')).toHaveValue('0.3');
  await lab.change(lab.setup('noise'), '0,25');
  await lab.addressHas('noise=0.25&');
  // Lists keep their commas, and what is no number is still refused.
  await lab.change(lab.setup('hidden'), '4,4');
  await lab.addressHas('hidden=4,4&');
  await lab.change(lab.run(0, 'tau'), '1,000,5');
  await expect(page.getByTestId('error')).toContainText('tau');
  await page.locator('#tab-flow').click();
  await page.locator('#flow-tau').fill('0,05');
  await page.locator('#flow-tau').press('Enter');
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('tau:0.05');
});
