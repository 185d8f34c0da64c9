// A browser with WebGPU, by SwiftShader: the GPU engine really runs, agrees, is measured, and may be lost.
import { readFile } from 'node:fs/promises';
import { SHORT, expect, test, workersBeginWith } from '../site.js';

const CLOSE = 2e-3;
/** Emulation is slow, and compiles its kernels anew in every worker. */
const PATIENCE = { timeout: 60_000 };

/** Rules, optimizers and minibatches at once, some twenty steps of them. */
const MIXED =
  'v=1&data=circle&n=60&hidden=6,5&act=softplus&batch=25&epochs=8' +
  '&run=backprop,opt:adam,tau:0.01&run=prox-exact,opt:nesterov,tau:0.02&run=prox-cg5,tau:0.3';

/** Convolutions, pooling and a dense layer under every rule, and a minibatch that is not whole. */
// Few: an emulated device takes half a second for such a step.
const DIGITS =
  'v=1&data=digits&n=20&batch=12&hidden=c2x3p1,max2,c2x3s2,4&act=tanh&epochs=12' +
  '&run=backprop,tau:0.1&run=prox-exact,tau:0.3&run=prox-cg3b,opt:adam,tau:0.003';

const members = async (lab) => (await lab.frame()).members.map(({ loss, validation_loss }) => ({ loss, validation_loss }));

for (const [name, run, steps] of [['a full batch', SHORT, 20], ['everything mixed', MIXED, 20], ['convolutions', DIGITS, 5]]) {
  test(`the GPU trains, and its losses are the CPU's: ${name}`, async ({ lab, page }) => {
    await lab.open(`${run}&engine=gpu`);
    await lab.step(steps);
    const { engine } = await lab.frame();
    expect(engine.name).toBe('gpu');
    expect(engine.adapter).toBeTruthy();
    await expect(page.locator('#engine')).toContainText(`GPU · ${engine.adapter}`);
    await lab.addressHas('engine=gpu');
    const gpu = await members(lab);
    await lab.open(`${run}&engine=cpu`);
    await lab.step(steps);
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

/** The graphics device is given when a test says so: `self.give()` in the worker. */
const onDemand = () => {
  const request = GPUAdapter.prototype.requestDevice;
  const given = new Promise((resolve) => (self.give = resolve));
  GPUAdapter.prototype.requestDevice = async function (...wishes) {
    await given;
    return request.apply(this, wishes);
  };
};

test('who asks for the GPU waits for it, and the page says so', async ({ lab, page }) => {
  await workersBeginWith(page, onDemand);
  await lab.open(`${SHORT}&engine=gpu`);
  await expect(page.locator('#engine')).toHaveText('GPU · asked for');
  const made = page.evaluate(() => window.proxprop.step(2));
  await expect(page.getByTestId('status')).toHaveText('Waiting for the GPU');
  await page.workers()[0].evaluate(() => self.give());
  await made;
  await lab.at(2);
  expect((await lab.frame()).engine.name).toBe('gpu');
  await expect(page.getByTestId('status')).toHaveText('Paused at step 2');
});

test('who takes either engine goes on with the CPU until the device is there', async ({ lab, page }) => {
  await workersBeginWith(page, onDemand);
  await lab.open(SHORT);
  await lab.step(2);
  expect((await lab.frame()).engine.reason).toContain('no graphics device has answered');
  await page.workers()[0].evaluate(() => self.give());
  await expect
    .poll(async () => {
      await page.evaluate((query) => window.proxprop.load(query), `${SHORT}&seed=2`);
      await page.evaluate(() => window.proxprop.step(2));
      return Boolean((await lab.frame()).engine.seconds_per_step);
    }, PATIENCE)
    .toBe(true);
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
  // Emulated, a device may take longer than those wait who take either engine.
  await lab.open(`${SHORT}&engine=gpu`);
  await lab.step(1);
  await page.evaluate((query) => window.proxprop.load(query), SHORT);
  await lab.step(20);
  const { engine } = await lab.frame();
  const { cpu, gpu } = engine.seconds_per_step;
  expect(cpu).toBeGreaterThan(0);
  expect(gpu).toBeGreaterThan(0);
  expect(engine.name).toBe(gpu < cpu ? 'gpu' : 'cpu');
  await expect(page.locator('#engine')).toHaveText(/[\d.]+ (µs|ms|s) a step \((CPU|GPU) [\d.]+ (µs|ms|s)\)/);
  await expect(page.locator('#engine-reason')).toContainText(/faster/);
});

test('of a device that is slow with convolutions few steps are measured, and the page says who is waited for', async ({ lab, page }) => {
  await lab.open(`${SHORT}&engine=gpu`);
  await lab.step(1);
  await page.evaluate((query) => window.proxprop.load(query), DIGITS.replace('epochs=12', 'epochs=600'));
  await page.evaluate(() => window.proxprop.play());
  await expect(page.getByTestId('status')).toHaveText('Waiting for the GPU');
  await expect(page.locator('#engine')).toHaveText('GPU · asked for');
  await expect(page.locator('#engine-reason')).toContainText('compiles its kernels');
  await expect.poll(async () => (await lab.frame()).step, PATIENCE).toBeGreaterThan(0);
  expect((await lab.frame()).engine.seconds_per_step.gpu).toBeGreaterThan(0);
  await expect(page.getByTestId('status')).toHaveText('Playing');
});

test('what the GPU has no kernel for the CPU does, and says so', async ({ lab }) => {
  for (const [run, what] of [
    ['prox-point,tau:1', 'prox-point'],
    ['backprop,reach:1', 'a reach'],
    ['backprop,flat:0.1', 'what flat and adv ask for'],
    ['backprop,adv:0.1', 'what flat and adv ask for'],
  ]) {
    await lab.open(`v=1&n=40&epochs=10&engine=gpu&run=${run}`);
    await lab.step(2);
    const { engine } = await lab.frame();
    expect([engine.name, engine.reason], run).toEqual([
      'cpu',
      `engine=gpu asks for the GPU, but ${what} is computed on the CPU only; the CPU computes instead.`,
    ]);
  }
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
  // The next run asks for the device again.
  await page.evaluate((query) => window.proxprop.load(`${query}&seed=2&engine=gpu`), SHORT);
  await lab.step(3);
  expect((await lab.frame()).engine.name).toBe('gpu');
  await lab.open(`${SHORT}&engine=cpu`);
  await lab.step(13);
  for (const [i, cpu] of (await members(lab)).entries()) {
    expect(Math.abs(lost[i].loss / cpu.loss - 1)).toBeLessThan(CLOSE);
  }
});

/** A map on which nothing is chaotic yet: 54 cells of few steps. */
const MAP =
  'v=1&data=moons&n=40&noise=0.1&seed=3&hidden=5,4&batch=15&epochs=10' +
  '&run=backprop,tau:1&run=prox-exact,tau:1&map=2,tau:0.01..1*9,tau_theta:0.1..10*5';
/** A map of three portions: 272 cells. */
const LARGE = MAP.replace('*9', '*16').replace('*5', '*16').replace('n=40', 'n=16').replace('batch=15&epochs=10', 'batch=16&epochs=20');

const map = (page) => page.evaluate(() => window.proxprop.map());
const known = async (page) => (await map(page))?.cells.filter(Boolean).length ?? 0;
const whole = async (page) => {
  await expect.poll(async () => (await map(page))?.cells.every(Boolean) ?? false, PATIENCE).toBe(true);
  return map(page);
};

for (const [name, query] of [
  ['one ensemble', MAP],
  ['many of one network each', MAP.replace('tau_theta:0.1..10*5', 'width:3..4*2,seeds:2')],
  ['settings that change on the way', `${MAP}&change=7,2,opt:momentum&change=11,1,tau:0.5`],
]) {
  test(`the GPU trains a map, and its cells are the CPU's: ${name}`, async ({ lab, page }) => {
    await lab.open(`${query}&engine=gpu#view=map`);
    const gpu = await whole(page);
    expect(gpu.engine.name).toBe('gpu');
    await expect(page.locator('#map-crew')).toHaveText(`GPU · ${gpu.engine.adapter}`);
    await expect(page.locator('#map-engine-reason')).toContainText('engine=gpu asks for the GPU');
    await lab.open(`${query}&engine=cpu#view=map`);
    const cpu = await whole(page);
    expect([cpu.engine.name, cpu.cells.length]).toEqual(['cpu', gpu.cells.length]);
    for (const [i, { fate, loss }] of cpu.cells.entries()) {
      expect(gpu.cells[i].fate, `cell ${i}`).toBe(fate);
      expect(Math.abs(gpu.cells[i].loss / loss - 1), `cell ${i}: ${gpu.cells[i].loss}, CPU ${loss}`).toBeLessThan(CLOSE);
    }
  });
}

test('for a map too both engines are measured, and the faster one trains it', async ({ lab, page }) => {
  await lab.open(`${LARGE.replace('epochs=20', 'epochs=60000')}&engine=auto#view=map`);
  await expect(page.locator('#map-engine-reason')).toContainText('The faster engine trains', PATIENCE);
  const { engine } = await map(page);
  const { cpu, gpu } = engine.seconds_per_step;
  expect(engine.name).toBe(gpu < cpu ? 'gpu' : 'cpu');
  await expect(page.locator('#map-crew')).toHaveText(gpu < cpu ? /^GPU · / : /^CPU · /);
});

test('the CPU does not wait until the GPU is measured', async ({ lab, page }) => {
  await lab.open(`${MAP}&engine=auto#view=map`);
  const { engine } = await whole(page);
  expect(engine.name).toBe('cpu');
  await expect(page.locator('#map-engine-reason')).toContainText('before a graphics device was measured');
});

test('a map on the GPU is cancelled, gone on with, zoomed into, and gives a cell away', async ({ lab, page }) => {
  // Two maps, emulated.
  test.slow();
  await lab.open(`${LARGE}&engine=gpu#view=map`);
  await expect.poll(() => known(page), PATIENCE).toBeGreaterThan(0);
  const cancel = page.locator('#map-cancel');
  const workers = page.workers();
  await cancel.click();
  await expect(cancel).toHaveText('Go on');
  const { cells, engine } = await map(page);
  const kept = cells.filter(Boolean).length;
  expect(kept).toBeLessThan(16 * 17);
  await cancel.click();
  await expect.poll(() => known(page), PATIENCE).toBeGreaterThan(kept);
  const after = await map(page);
  expect(after.engine).toEqual(engine);
  expect(page.workers(), 'the device is that of before').toEqual(workers);
  for (const [i, cell] of cells.entries()) if (cell) expect(after.cells[i], `cell ${i} is as it was`).toEqual(cell);

  const address = await lab.address();
  await page.locator('#map-chart').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('+');
  await expect.poll(() => lab.address()).not.toBe(address);
  expect((await whole(page)).engine.name).toBe('gpu');
  await page.keyboard.press('Enter');
  await expect(page.locator('#train')).toBeVisible();
});

test('a device that is lost leaves the map as it is, and the CPU trains the rest', async ({ lab, page }) => {
  await workersBeginWith(page, () => {
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...wishes) {
      self.device = await request.apply(this, wishes);
      return self.device;
    };
  });
  await lab.open(`${LARGE}&engine=gpu#view=map`);
  await expect.poll(() => known(page), PATIENCE).toBeGreaterThan(0);
  const { cells } = await map(page);
  for (const worker of page.workers()) await worker.evaluate(() => self.device?.destroy());
  await expect(page.locator('#map-engine-reason')).toContainText('the graphics device was lost');
  await expect(page.locator('#map-crew')).toContainText('CPU');
  const after = await whole(page);
  expect(after.engine.name).toBe('cpu');
  for (const [i, cell] of cells.entries()) if (cell) expect(after.cells[i]).toEqual(cell);
});

test('a device that falls silent is given up after a minute, and the CPU goes on', async ({ lab, page }) => {
  await workersBeginWith(page, () => {
    const map = GPUBuffer.prototype.mapAsync;
    GPUBuffer.prototype.mapAsync = function (...range) {
      return self.silent ? new Promise(() => {}) : map.apply(this, range);
    };
    // A minute is a second from then on.
    const wait = self.setTimeout;
    self.setTimeout = (act, ms) => wait(act, self.silent ? ms / 60 : ms);
  });
  await lab.open(`${SHORT}&engine=gpu`);
  await lab.step(4);
  expect((await lab.frame()).engine.name).toBe('gpu');
  await page.workers()[0].evaluate(() => (self.silent = true));
  await lab.step(3);
  const { engine, step } = await lab.frame();
  expect([engine.name, step]).toEqual(['cpu', 7]);
  await expect(page.getByTestId('notice')).toContainText('At step 4 the graphics device did not answer; the CPU goes on from there.');
});

test('a device that is silent about a map is waited for aloud, and given up after a minute', async ({ lab, page }) => {
  await workersBeginWith(page, () => {
    GPUBuffer.prototype.mapAsync = () => new Promise(() => {});
  });
  await page.addInitScript(() => {
    // A minute is four seconds.
    const wait = window.setTimeout;
    window.setTimeout = (act, ms) => wait(act, ms === 5000 ? 333 : ms);
  });
  await lab.open(`${MAP}&engine=gpu#view=map`);
  await expect(page.locator('#map-said')).toContainText('The graphics device has not answered yet.');
  expect((await whole(page)).engine.name).toBe('cpu');
  await expect(page.locator('#map-engine-reason')).toContainText('has not answered for a minute; the CPU computes instead');
});

test('what the GPU has no kernel for the CPU trains on a map too', async ({ lab, page }) => {
  await lab.open('v=1&n=20&epochs=5&hidden=3&engine=gpu&run=prox-point&map=1,tau:0.1..10*4#view=map');
  const { engine } = await whole(page);
  expect(engine.name).toBe('cpu');
  await expect(page.locator('#map-engine-reason')).toContainText('prox-point');
});

const REDUCTION = new URL('../../../src/core/engine/gpu/kernels/engine/reduction.wgsl', import.meta.url);

/** What `over_lanes` of so many lanes makes of numbers on the page's device: the sum of the first so many, the largest of the rest. */
const reduced = (page, module, lanes, numbers) =>
  page.evaluate(
    async ([module, lanes, numbers]) => {
      const device = await (await navigator.gpu.requestAdapter()).requestDevice();
      const entry = `
        @group(0) @binding(0) var<storage, read_write> memory: array<f32>;
        @compute @workgroup_size(LANES)
        fn by_itself(@builtin(local_invocation_index) lane: u32) {
          let all = over_lanes(lane, memory[lane], memory[LANES + lane]);
          if lane == 0u { memory[0] = all.x; memory[1] = all.y; }
        }`;
      const pipeline = device.createComputePipeline({
        layout: 'auto',
        compute: { module: device.createShaderModule({ code: module + entry }) },
      });
      const size = 8 * lanes;
      const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = GPUBufferUsage;
      const memory = device.createBuffer({ size, usage: STORAGE | COPY_DST | COPY_SRC });
      const answer = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
      device.queue.writeBuffer(memory, 0, new Float32Array(numbers));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      const entries = [{ binding: 0, resource: { buffer: memory } }];
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(1);
      pass.end();
      encoder.copyBufferToBuffer(memory, 0, answer, 0, size);
      device.queue.submit([encoder.finish()]);
      await answer.mapAsync(GPUMapMode.READ);
      return [...new Float32Array(answer.getMappedRange())].slice(0, 2);
    },
    [module, lanes, numbers],
  );

test('the reduction by itself adds in its order and finds the largest', async ({ lab, page }) => {
  await lab.open(`${SHORT}&engine=cpu`);
  const reduction = await readFile(REDUCTION, 'utf8');
  const add = (numbers) => numbers.reduce((sum, x) => Math.fround(sum + x));
  for (const [lanes, adders] of [[64, 8], [256, 16], [256, 256]]) {
    const constants = `const LANES = ${lanes}u; const ADDERS = ${adders}u; const MOST_LANES = 256u;`;
    const numbers = Array.from({ length: 2 * lanes }, (_, i) => Math.fround(((i * 37) % 101) / 7 + 1e4 / (i + 1)));
    const [begin, others] = [numbers.slice(0, lanes), numbers.slice(lanes)];
    const shares = Array.from({ length: adders }, (_, first) => add(begin.filter((_, i) => i % adders === first)));
    expect(await reduced(page, constants + reduction, lanes, numbers)).toEqual([add(shares), Math.max(...others)]);
  }
});
