// What cannot run says so in plain words.
import { readFile } from 'node:fs/promises';
import { SHORT, expect, test, workersBeginWith } from '../site.js';

test.describe('without the wasm', () => {
  test.use({ provoked: /proxprop_bg-|Failed to load resource|fetch/i });
  test('a sentence says that the page could not start', async ({ page }) => {
    await page.route(/\.wasm$/, (route) => route.abort());
    await page.goto('./');
    await expect(page.getByTestId('error')).toBeVisible();
    await expect(page.getByTestId('error')).toContainText(/could not|cannot/i);
    await expect(page.getByTestId('step')).toBeDisabled();
  });
});

test('without WebAssembly a sentence says what is needed', async ({ page }) => {
  await page.addInitScript(() => delete window.WebAssembly);
  await page.goto('./');
  await expect(page.getByTestId('error')).toContainText('WebAssembly');
});

test('without workers a sentence says what is needed', async ({ page }) => {
  await page.addInitScript(() => delete window.Worker);
  await page.goto('./');
  await expect(page.getByTestId('error')).toContainText(/worker/i);
});

test.describe('a worker that does not start', () => {
  test.use({ provoked: /not yet/ });
  test('is told, with an offer to restart that works', async ({ page, lab }) => {
    await page.addInitScript(() => {
      let hired = 0;
      window.Worker = class extends Worker {
        constructor(script) {
          super(hired++ > 0 ? script : URL.createObjectURL(new Blob(['throw new Error("not yet")'])));
        }
      };
    });
    await page.goto(`./?${SHORT}`);
    const restart = page.getByRole('button', { name: /restart/i });
    await expect(restart).toBeVisible();
    await restart.click();
    await lab.ready();
    await expect(restart).toBeHidden();
    await lab.step(2);
    await lab.addressHas('data=moons');
  });
});

test.describe('a worker that dies', () => {
  test.use({ provoked: /crash on purpose/ });
  test('is told, with an offer to restart that works', async ({ page, lab }) => {
    await lab.open(SHORT);
    await lab.step(3);
    await page.evaluate(() => {
      window.paused = new Promise((resolve) => window.proxprop.on('pause', resolve));
      return window.proxprop.play();
    });
    const [worker] = page.workers();
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('crash on purpose');
      });
    });
    const restart = page.getByRole('button', { name: /restart/i });
    await expect(restart).toBeVisible();
    await page.evaluate(() => window.paused);
    await restart.click();
    await expect(restart).toBeHidden();
    await lab.ready();
    await lab.step(2);
    await lab.addressHas('data=moons');
  });
});

test('a page without a WebGPU adapter says that the CPU computes, and why', async ({ lab }) => {
  await lab.open(SHORT);
  // Until the browser has answered the CPU trains for another reason.
  const engine = async () => (await lab.frame()).engine;
  await expect.poll(async () => (await engine()).reason).toMatch(/^The CPU computes: this browser.* WebGPU/);
  expect((await engine()).name).toBe('cpu');
});

for (const [what, request, reason] of [
  ['null', () => null, 'has no graphics adapter'],
  ['a rejection', () => Promise.reject(new Error('not today')), 'not today'],
  ['an exception', () => { throw new Error('not ever'); }, 'not ever'],
  ['nothing at all', () => new Promise(() => {}), 'does not answer'],
]) {
  test(`where asking for an adapter answers with ${what} the CPU computes, and says why`, async ({ lab, page }) => {
    // Half a minute passes in a second and a half.
    const quick = 'const wait = self.setTimeout; self.setTimeout = (act, ms) => wait(act, ms / 20);';
    await workersBeginWith(page, `() => { ${quick} Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: ${request} } }); }`);
    await lab.open(`${SHORT}&engine=gpu`);
    await lab.step(3);
    const { engine } = await lab.frame();
    expect(engine.name).toBe('cpu');
    expect(engine.reason).toContain(reason);
    expect(engine.reason).toContain('engine=gpu asks for the GPU, but');
  });
}

test('who takes either engine does not wait for a device that does not come', async ({ lab, page }) => {
  await workersBeginWith(page, () => Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: () => new Promise(() => {}) } }));
  await lab.open(SHORT);
  await lab.step(3);
  const { engine } = await lab.frame();
  expect(engine.name).toBe('cpu');
  expect(engine.reason).toBe('The CPU computes: no graphics device has answered within a second.');
});

test('while the lab is on its way, words and a bar say so', async ({ page, lab }) => {
  let arrive;
  const late = new Promise((resolve) => (arrive = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await late;
    await route.continue();
  });
  await page.goto(`./?${SHORT}`);
  const bar = page.getByRole('progressbar', { name: /loading/i });
  await expect(bar).toBeInViewport();
  await expect(page.getByTestId('status')).toHaveText('Starting …');
  arrive();
  await lab.ready();
  await expect(bar).toHaveCount(0);
});

test.describe('a page that meets a fault of its own', () => {
  test.use({ provoked: /panicked|unreachable|index\.html has #where/ });
  test('says so, gives the state away and begins again', async ({ page, lab }) => {
    await lab.open(SHORT);
    await lab.step(3);
    const fault = page.locator('#fault');
    await expect(fault).toBeHidden();
    await page.evaluate(() => {
      document.getElementById('where').remove();
      document.getElementById('step').click();
    });
    await expect(fault).toContainText('a fault of its own');
    const [download] = await Promise.all([page.waitForEvent('download'), fault.getByRole('button', { name: 'Save the state' }).click()]);
    // The fault may be met by a frame before the step or by the one after it.
    expect([3, 4]).toContain(JSON.parse(await readFile(await download.path(), 'utf8')).members[0].step);
    await fault.getByRole('button', { name: 'Reload' }).click();
    await expect(fault).toBeHidden();
    await lab.ready();
    await lab.step(1);
    await lab.addressHas('data=moons');
  });
});

test('a worker that says nothing is waited for aloud, and can be replaced', async ({ page, lab }) => {
  await workersBeginWith(page, () => {
    const post = self.postMessage.bind(self);
    let silent = false;
    new BroadcastChannel('silence').onmessage = () => (silent = true);
    self.postMessage = (...message) => silent || post(...message);
  });
  await page.clock.install();
  await lab.open(SHORT);
  await page.evaluate(() => new BroadcastChannel('silence').postMessage(true));
  await page.getByTestId('step').click();
  await page.clock.runFor(1000);
  await expect(page.getByTestId('status')).toHaveText('Waiting for the worker');
  for (const width of [390, 360]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await page.getByTestId('status').evaluate((status) => status.scrollWidth - status.clientWidth)).toBe(0);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  await expect(page.locator('#crash')).toBeHidden();
  await page.clock.runFor(10_000);
  await expect(page.locator('#crash')).toContainText('has not answered for ten seconds');
  await page.getByRole('button', { name: /restart/i }).click();
  await lab.step(2);
  await expect(page.locator('#crash')).toBeHidden();
  await page.clock.runFor(1000);
  await expect(page.getByTestId('status')).toHaveText('Paused at step 2');
});
