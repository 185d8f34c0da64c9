// Flat decision functions: what is side by side, which points have boxes, and a weight that may be zero.
import { expect, test } from '../site.js';

const SMALL = 'v=1&system=flat&n=24&valid=40&width=6&steps=40&attack=3&starts=1';

test('what is the same of all runs stands side by side, a column per run', async ({ lab, page }) => {
  await lab.open(SMALL);
  const box = (picture, run) => page.locator(`#related-plane-${picture}-${run}`).boundingBox();
  const places = [];
  for (const picture of ['probability', 'steepness', 'attacks']) {
    for (const run of [1, 2, 3, 4, 5]) places.push({ picture, run, ...(await box(picture, run)) });
  }
  for (const { picture, run, x, y } of places) {
    expect(Math.abs(x - places.find((other) => other.run === run).x), `${picture} of run ${run}`).toBeLessThan(2);
    expect(Math.abs(y - places.find((other) => other.picture === picture).y), `${picture} of run ${run}`).toBeLessThan(2);
  }
  expect(places[1].x).toBeGreaterThan(places[0].x + 100);
});

test('a press chooses which points have boxes, by pointer and by keyboard, and nothing is learned anew', async ({ lab, page }) => {
  await lab.open(`${SMALL}&chosen=2`);
  await lab.step(5);
  const plane = page.locator('#related-plane-probability-2');
  await expect(plane).toHaveAttribute('aria-description', /of 2 points looked at closely/);
  await expect(page.locator('#related .presses')).toContainText('the point held out that is nearest gets its box');
  await plane.scrollIntoViewIfNeeded();
  const { width, height } = await plane.boundingBox();
  const press = () => plane.click({ position: { x: 0.9 * width, y: 0.9 * height } });
  await press();
  await expect.poll(() => lab.address()).toMatch(/&chosen=\.1\.2\.\d+&/);
  await expect(page.locator('#related-plane-probability-5')).toHaveAttribute('aria-description', /of 3 points looked at closely/);
  await press();
  await expect.poll(() => lab.address()).toContain('&chosen=.1.2&');
  await plane.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect.poll(() => lab.address()).not.toContain('&chosen=.1.2&');
  await expect(plane).toBeFocused();
  expect((await lab.frame()).step).toBe(5);
});

test('a weight that may be zero has a logarithmic slider with zero at its left end', async ({ lab, page }) => {
  await lab.open(SMALL);
  const lambda = page.locator('#related [data-slider="lambda"]:visible').first();
  await expect(lambda).toHaveAttribute('aria-valuetext', '0.1');
  await lambda.focus();
  await page.keyboard.press('Home');
  await lab.addressHas('lambda:0&');
  await expect(lambda).toHaveAttribute('aria-valuetext', '0');
  await page.keyboard.press('ArrowRight');
  await lab.addressHas('lambda:0.001&');
  await page.keyboard.press('End');
  await lab.addressHas('lambda:1&');
});
