// A browser with WebGPU, by SwiftShader: the GPU engine really runs, agrees, is measured, and may be lost.
import { SHORT, expect, test, workersBeginWith } from '../site.js';

const CLOSE = 2e-3;

/** Rules, optimizers and minibatches at once, some twenty steps of them. */
const MIXED =
  'v=1&data=circle&n=60&hidden=6,5&act=softplus&batch=25&epochs=8' +
  '&run=backprop,opt:adam,tau:0.01&run=prox-exact,opt:nesterov,tau:0.02&run=prox-cg5,tau:0.3';

const members = async (lab) => (await lab.frame()).members.map(({ loss, validation_loss }) => ({ loss, validation_loss }));

for (const [name, run] of [['a full batch', SHORT], ['everything mixed', MIXED]]) {
  test(`the GPU trains, and its losses are the CPU's: ${name}`, async ({ lab, page }) => {
    await lab.open(`${run}&engine=gpu`);
    await lab.step(20);
    const { engine } = await lab.frame();
    expect(engine.name).toBe('gpu');
    expect(engine.adapter).toBeTruthy();
    await expect(page.locator('#engine')).toContainText(`GPU · ${engine.adapter}`);
    await lab.addressHas('engine=gpu');
    const gpu = await members(lab);
    await lab.open(`${run}&engine=cpu`);
    await lab.step(20);
    expect((await lab.frame()).engine.name).toBe('cpu');
    for (const [i, cpu] of (await members(lab)).entries()) {
      for (const key of ['loss', 'validation_loss']) {
        expect(Math.abs(gpu[i][key] / cpu[key] - 1), `${key} of run ${i + 1}: ${gpu[i][key]}, CPU ${cpu[key]}`).toBeLessThan(CLOSE);
      }
    }
  });
}

test('a look back on the GPU reaches what was reached before, bit for bit', async ({ lab, page }) => {
  await lab.open(`${MIXED}&engine=gpu`);
  await lab.step(13);
  const before = await page.evaluate(() => window.proxprop.state());
  await lab.step(7);
  await page.evaluate(() => window.proxprop.seek(13));
  await lab.at(13);
  expect(await page.evaluate(() => window.proxprop.state())).toEqual(before);
});

test('a run plays to its end on the GPU, and settings move on the way', async ({ lab }) => {
  await lab.open('v=1&epochs=60&engine=gpu&run=backprop,tau:10&run=prox-exact,tau:1');
  await lab.step(10);
  await lab.set('run2.tau', '3');
  await lab.playToTheEnd();
  const { engine, step, members } = await lab.frame();
  expect([engine.name, step]).toEqual(['gpu', 60]);
  expect(members[1].tau).toBe(3);
  expect(members[1].layers).toHaveLength(3);
  await lab.addressHas('change=10,2,tau:3');
});

test('auto measures both engines and shows both figures', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(20);
  const { engine } = await lab.frame();
  const { cpu, gpu } = engine.seconds_per_step;
  expect(cpu).toBeGreaterThan(0);
  expect(gpu).toBeGreaterThan(0);
  expect(engine.name).toBe(gpu < cpu ? 'gpu' : 'cpu');
  await expect(page.locator('#engine')).toHaveText(/[\d.]+ (µs|ms|s) a step \((CPU|GPU) [\d.]+ (µs|ms|s)\)/);
  await expect(page.locator('#engine-reason')).toContainText(/faster/);
});

test('what the GPU has no kernel for the CPU does, and says so', async ({ lab }) => {
  await lab.open('v=1&n=40&epochs=10&engine=gpu&run=prox-point,tau:1');
  await lab.step(2);
  const { engine } = await lab.frame();
  expect(engine.name).toBe('cpu');
  expect(engine.reason).toContain('prox-point');
});

test('a device that is lost leaves the run where it was, and the CPU goes on', async ({ lab, page }) => {
  await workersBeginWith(page, () => {
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...wishes) {
      self.device = await request.apply(this, wishes);
      return self.device;
    };
  });
  await lab.open(`${SHORT}&engine=gpu`);
  await lab.step(8);
  expect((await lab.frame()).engine.name).toBe('gpu');
  await page.workers()[0].evaluate(() => self.device.destroy());
  await lab.step(5);
  const { engine, step } = await lab.frame();
  expect([engine.name, step]).toEqual(['cpu', 13]);
  await expect(page.getByTestId('notice')).toContainText(/At step 8 the graphics device was lost.*the CPU goes on from there/);
  const lost = await members(lab);
  await lab.open(`${SHORT}&engine=cpu`);
  await lab.step(13);
  for (const [i, cpu] of (await members(lab)).entries()) {
    expect(Math.abs(lost[i].loss / cpu.loss - 1)).toBeLessThan(CLOSE);
  }
});
