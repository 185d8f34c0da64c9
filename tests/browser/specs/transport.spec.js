// Play, pause, step, epoch, reset, new seed, and the same address giving the same numbers.
import { SHORT, expect, test } from '../site.js';

test('one step, one epoch', async ({ lab, page }) => {
  await lab.open('v=1&data=moons&n=60&batch=20&epochs=5&run=backprop,tau:0.3');
  await page.getByTestId('step').click();
  await lab.at(1);
  await page.getByTestId('epoch').click();
  // To the end of the epoch or a whole epoch on: either way the third or fourth step of three per epoch.
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThanOrEqual(3);
  expect((await lab.frame()).steps_per_epoch).toBe(3);
  expect((await lab.frame()).total_steps).toBe(15);
});

test('play and pause', async ({ lab, page }) => {
  await lab.open('v=1&epochs=1000000&run=backprop,tau:0.3');
  await page.getByTestId('play').click();
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(3);
  await page.getByTestId('play').click();
  await expect(page.getByTestId('status')).toContainText(/paused/i);
  const { step } = await lab.frame();
  // A command answered later shows that nothing was still under way.
  await page.evaluate(() => window.proxprop.state());
  expect((await lab.frame()).step).toBe(step);
  await page.evaluate(() => window.proxprop.play());
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(step);
  await page.evaluate(() => window.proxprop.pause());
});

test('a hidden page says that it pauses, makes no steps, and goes on when it is seen again', async ({ lab, page }) => {
  await lab.open('v=1&epochs=1000000&run=backprop,tau:0.3');
  const hide = (hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await page.evaluate(() => window.proxprop.play());
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(0);
  await hide(true);
  await expect(page.getByTestId('status')).toHaveText('Paused while hidden');
  // The state is asked for behind the hiding, so it is that of a worker that has stopped.
  const step = () => page.evaluate(async () => (await window.proxprop.state()).members[0].step);
  const held = await step();
  expect(await step()).toBe(held);
  await hide(false);
  await expect(page.getByTestId('status')).toHaveText('Playing');
  await expect.poll(step).toBeGreaterThan(held);
  await page.evaluate(() => window.proxprop.pause());
});

test('reset replays the same run', async ({ lab, page }) => {
  await lab.open(SHORT);
  const start = await lab.numbers();
  await lab.playToTheEnd();
  const end = await lab.numbers();
  expect(end.step).toBe(20);
  const address = await lab.address();
  await page.getByTestId('reset').click();
  await lab.at(0);
  expect(await lab.numbers()).toEqual(start);
  await lab.playToTheEnd();
  expect(await lab.numbers()).toEqual(end);
  expect(await lab.address()).toBe(address);
});

test('the same address gives the same numbers', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(7);
  await lab.set('run1.tau', '0.7');
  await lab.addressHas('change=7,1,tau:0.7');
  await lab.step(8);
  const numbers = await lab.numbers();
  await page.reload();
  await lab.ready();
  expect((await lab.frame()).step).toBe(0);
  await lab.step(15);
  expect(await lab.numbers()).toEqual(numbers);
});

test('a new seed is another run', async ({ lab, page }) => {
  await lab.open(SHORT);
  const first = await lab.numbers();
  const address = await lab.address();
  await page.getByTestId('new-seed').click();
  await expect.poll(() => lab.address()).not.toBe(address);
  await expect.poll(async () => (await lab.numbers()).members[0].loss).not.toBe(first.members[0].loss);
  expect((await lab.frame()).step).toBe(0);
});

test('a state goes out and comes back', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(10);
  const state = await page.evaluate(() => window.proxprop.state());
  await lab.step(10);
  const end = (await lab.numbers()).members.map((member) => member.loss);
  await page.evaluate((state) => window.proxprop.load(state), state);
  await lab.at(10);
  await lab.step(10);
  expect((await lab.numbers()).members.map((member) => member.loss)).toEqual(end);
});

test('keys do what buttons do', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.locator('body').press('s');
  await lab.at(1);
  await page.locator('body').press('r');
  await lab.at(0);
  // A slider keeps the keys that move it, and no letters.
  const slider = page.getByTestId('run-card').first().getByRole('slider').first();
  await slider.press('s');
  await lab.at(1);
  await slider.press('?');
  await expect(page.locator('#keys')).toBeVisible();
});

test('events are told', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.evaluate(() => {
    window.told = [];
    for (const name of ['play', 'pause', 'frame', 'load']) window.proxprop.on(name, () => window.told.push(name));
  });
  await lab.step(3);
  await expect.poll(() => page.evaluate(() => window.told)).toContain('frame');
});

test('a boundary that was scrolled away shows the weights of now when the run is held', async ({ lab, page }) => {
  await page.setViewportSize({ width: 400, height: 600 });
  await lab.open(SHORT);
  const picture = () => page.getByTestId('boundary').locator('canvas').first().evaluate((canvas) => canvas.toDataURL());
  const start = await picture();
  await page.evaluate(() => window.proxprop.seek(20));
  await expect.poll(picture).not.toBe(start);
  const end = await picture();
  await page.getByTestId('reset').click();
  await expect.poll(picture).toBe(start);
  await lab.fast();
  await page.locator('#add-run').scrollIntoViewIfNeeded();
  await expect(page.getByTestId('boundary')).not.toBeInViewport();
  await page.evaluate(() => window.proxprop.play());
  await lab.ended();
  await expect(page.getByTestId('boundary')).not.toBeInViewport();
  await page.getByTestId('boundary').scrollIntoViewIfNeeded();
  await expect.poll(picture).toBe(end);
});

test('as fast as possible the curves have the points that they have at any pace', async ({ lab, page }) => {
  const run = 'v=1&data=moons&n=60&batch=20&epochs=800&run=backprop,tau:0.1&run=prox-exact,tau:0.3';
  await lab.open(run);
  await lab.playToTheEnd();
  const fast = await lab.numbers();
  await lab.open(run);
  await lab.step(2400);
  expect(await lab.numbers()).toEqual(fast);
  expect(fast.members[1].layers).toHaveLength(3);
});

test('the transport drives the walk of Flow, and no run behind it', async ({ lab, page }) => {
  await lab.open(`${SHORT}#view=flow`);
  const where = page.locator('#where');
  await expect(where).toHaveText('step 60 of 60');
  for (const id of ['epoch', 'new-seed']) await expect(page.getByTestId(id)).toBeDisabled();
  await page.getByTestId('reset').click();
  await expect(where).toHaveText('step 0 of 60');
  await expect(page.getByTestId('status')).toHaveText('Ready');
  await page.getByTestId('step').click();
  await page.keyboard.press('s');
  await expect(where).toHaveText('step 2 of 60');
  await expect(page.locator('#flow-said')).toContainText('2 of 60 steps are made');
  await page.getByTestId('timeline').fill('40');
  await expect(where).toHaveText('step 40 of 60');
  await expect(page.getByTestId('status')).toHaveText('Paused at step 40');
  await page.getByTestId('play').click();
  await expect(where).toHaveText('step 60 of 60');
  await expect(page.getByTestId('status')).toHaveText('Finished');
  expect((await lab.frame()).step).toBe(0);
  // More steps are more of the walk.
  await page.locator('#flow-steps').fill('80');
  await page.locator('#flow-steps').press('Enter');
  await expect(where).toHaveText('step 80 of 80');
  // Back at the run the bar is the run's.
  await page.locator('#tab-train').click();
  await expect(where).toHaveText('step 0 of 20 · epoch 0');
  await expect(page.getByTestId('epoch')).toBeEnabled();
  await page.getByTestId('step').click();
  await lab.at(1);
});

test('the transport drives the map, and a run that plays is held when it is left', async ({ lab, page }) => {
  await lab.open(`${SHORT.replace('epochs=20', 'epochs=100000')}&map=2,tau:0.1..10*16,tau_theta:0.1..10*16`);
  await page.getByTestId('play').click();
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(3);
  await page.locator('#tab-map').click();
  await expect(page.locator('#where')).toHaveText(/^cell \d+ of 272$/);
  await expect(page.getByTestId('step')).toBeDisabled();
  const held = (await lab.frame()).step;
  await page.getByTestId('play').click();
  await expect(page.locator('#map-said')).toContainText('Cancelled');
  await expect(page.getByTestId('status')).toHaveText(/^(Ready|Paused at cell \d+)$/);
  await page.getByTestId('play').click();
  await expect(page.locator('#map-said')).toContainText('Training');
  expect((await lab.frame()).step).toBe(held);
});

test('a change beyond the end of the run is marked at the end', async ({ lab, page }) => {
  await lab.open(`${SHORT}&change=100000000000,1,tau:1`);
  const mark = page.locator('#timeline-marks .mark');
  await expect(mark).toHaveAttribute('title', 'run 1: tau 1 from step 100000000000, beyond the end of this run');
  const [at, bar] = [await mark.boundingBox(), await page.locator('#timeline-marks').boundingBox()];
  expect(Math.abs(at.x + at.width / 2 - (bar.x + bar.width))).toBeLessThan(1);
});

test('keys mean their place where a keyboard writes other letters', async ({ lab, page }) => {
  await lab.open(SHORT);
  const press = (key, code, more = {}) =>
    page.evaluate((init) => document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...init })), { key, code, ...more });
  await press('ы', 'KeyS');
  await lab.at(1);
  await press('σ', 'KeyS');
  await lab.at(2);
  await press('к', 'KeyR');
  await lab.at(0);
  // What is a Latin letter means itself, wherever it is.
  await press('s', 'KeyO');
  await lab.at(1);
  await press('ฦ', 'Slash', { shiftKey: true });
  await expect(page.locator('#keys')).toBeVisible();
  await page.keyboard.press('Escape');
  // Digits of a French keyboard want the shift key.
  await page.locator('#draw-open').click();
  await page.getByTestId('boundary').first().locator('[tabindex="0"]').first().focus();
  await page.evaluate(() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, key: 'é', code: 'Digit2' })));
  await expect(page.locator('#draw-class-2')).toBeChecked();
});
