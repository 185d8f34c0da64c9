// What a stranger sees who opens the page and presses play.
import { CANONICAL, expect, test } from '../site.js';

test('the untouched page tells the story of τ = 10', async ({ lab, page }) => {
  await lab.open();
  await expect(page).toHaveTitle(/ProxProp/);
  await expect(page.getByTestId('run-card')).toHaveCount(2);
  await expect(page.getByTestId('play')).toBeEnabled();
  await expect(page.getByTestId('error')).toBeHidden();
  await expect(lab.run(0, 'tau')).toHaveValue('10');
  await expect(lab.run(1, 'tau')).toHaveValue('10');
  const before = await lab.frame();
  expect(before.step).toBe(0);
  expect(before.engine.name).toBe('cpu');
  expect(before.members.map((member) => member.rule)).toEqual(['backprop', 'prox-exact']);
  expect(before.members[0].loss, 'both start from the same weights').toBe(before.members[1].loss);

  await lab.playToTheEnd();
  const [explicit, implicit] = (await lab.frame()).members;
  expect(explicit.status === 'diverged' || explicit.loss > 1, `BackProp ends at ${explicit.loss}`).toBe(true);
  expect(implicit.status).toBe('done');
  expect(implicit.loss).toBeLessThan(0.05);
});

test('the bare address plays by itself, unless motion is unwelcome', async ({ lab, page }) => {
  await page.goto('./');
  await lab.ready();
  await expect(page.getByTestId('status')).toHaveText('Playing');
  await lab.ended();

  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('./');
  await lab.ready();
  await lab.ended();
  await expect(page.getByTestId('status')).toHaveText('Finished');
});

test('the tile of the sine says that the output layer is explicit, and the next tile plays', async ({ lab, page }) => {
  await page.goto('./');
  await lab.ready();
  await page.locator('[data-set="sine1d"]').click();
  await lab.addressHas('data=sine1d');
  await lab.ended();
  expect((await lab.frame()).members.map((member) => member.status)).toEqual(['diverged', 'diverged']);
  await expect(page.locator('#story-text')).toContainText('the output layer, explicit in both methods');
  for (const card of await page.getByTestId('run-card').all()) await expect(card).toContainText('It began at the output layer');
  // One line on what lies above the chart for each run.
  await expect(page.locator('#legend-loss li').filter({ hasText: 'above the chart' })).toHaveCount(2);
  await page.locator('[data-set="moons"]').click();
  await lab.addressHas('data=moons');
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(3);
  // What the story offers stays on the values, and trains.
  await page.locator('[data-set="sine1d"]').click();
  await expect(page.locator('#try')).toHaveText('Now try τ = 1');
  await page.locator('#try').click();
  await lab.addressHas('tau:1,');
  await lab.addressHas('data=sine1d');
  await lab.ended();
  expect((await lab.frame()).members.map((member) => member.status)).toEqual(['done', 'done']);
});

test('at τ = 0.3 the explicit step is the faster one', async ({ lab }) => {
  await lab.open('v=1&run=backprop,tau:0.3&run=prox-exact,tau:0.3');
  await lab.playToTheEnd();
  const [explicit, implicit] = (await lab.frame()).members;
  expect(explicit.loss).toBeLessThan(implicit.loss);
});

test('the address always holds the whole run', async ({ lab }) => {
  await lab.open();
  for (const pair of CANONICAL.split('&run=')[0].split('&')) await lab.addressHas(pair);
  await lab.addressHas('run=backprop,');
  await lab.addressHas('run=prox-exact,');
});

test('the canonical address is the untouched page', async ({ lab }) => {
  await lab.open();
  await lab.step(20);
  const untouched = await lab.numbers();
  const address = await lab.address();
  await lab.open(CANONICAL);
  await lab.step(20);
  expect(await lab.numbers()).toEqual(untouched);
  expect(await lab.address()).toBe(address);
});

test('boundaries and charts are drawn', async ({ lab, page }) => {
  await lab.open();
  await lab.step(50);
  await page.getByRole('button', { name: 'More charts' }).click();
  for (const id of ['boundary', 'chart-loss', 'chart-steps', 'network']) {
    const canvases = page.getByTestId(id).locator('canvas');
    await expect(canvases.first()).toBeVisible();
    await expect
      .poll(() => canvases.evaluateAll((all) => all.every((canvas) => canvas.width * canvas.height > 10_000)))
      .toBe(true);
    await expect.poll(() => colours(canvases), `${id} shows something`).toBeGreaterThan(10);
  }
  // Two runs, two panels.
  await expect(page.getByTestId('boundary').locator('figure')).toHaveCount(2);
});

test('the site is served at the root as well', async ({ browser }) => {
  const page = await browser.newPage();
  await page.goto(process.env.PROXPROP_ROOT);
  await expect(page.getByTestId('play')).toBeEnabled();
  expect(await page.evaluate(async () => (await window.proxprop.frame()).members.length)).toBe(2);
  await page.close();
});

/** Different colours on all canvases of a panel together. */
function colours(canvases) {
  return canvases.evaluateAll((all) => {
    const seen = new Set();
    for (const canvas of all) {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    }
    return seen.size;
  });
}
