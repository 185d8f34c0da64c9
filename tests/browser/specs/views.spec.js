// The views behind the tabs: linkable, by keyboard, by touch, and right.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { SHORT, expect, test } from '../site.js';

const VIEWS = ['train', 'one-step', 'map', 'flow'];
const golden = join(import.meta.dirname, '../../golden');

for (const view of VIEWS) {
  test(`${view} has an address and a tab that keys reach`, async ({ lab, page }) => {
    await lab.open(`${SHORT}#view=${view}`);
    await expect(page.locator(`#${view}`)).toBeVisible();
    for (const other of VIEWS.filter((other) => other !== view)) await expect(page.locator(`#${other}`)).toBeHidden();
    await expect(page.locator(`#tab-${view}`)).toHaveAttribute('aria-current', 'page');
    const next = VIEWS[(VIEWS.indexOf(view) + 1) % VIEWS.length];
    await page.locator(`#tab-${next}`).focus();
    await page.keyboard.press('Enter');
    await expect(page.locator(`#${next}`)).toBeVisible();
    await lab.addressHas('data=moons');
  });

  for (const width of [1280, 390, 360]) {
    test(`${view}: axe finds nothing and nothing hangs over, ${width} wide`, async ({ lab, page }) => {
      await page.emulateMedia({ colorScheme: width === 390 ? 'dark' : 'light', reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 844 });
      await lab.open(`${SHORT}#view=${view}`);
      await lab.step(5);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });
  }
}

test('a step is gone through sub-step by sub-step, by keys', async ({ lab, page }) => {
  await lab.open('v=1#view=one-step');
  const where = page.locator('#one-where');
  await expect(where).toContainText('sub-step 1 of 8 of step 1: the forward pass');
  await page.locator('#one-staircase').focus();
  for (let k = 0; k < 4; k++) await page.keyboard.press('ArrowRight');
  await expect(where).toContainText('sub-step 5 of 8 of step 1: Θ₂ moves: here the methods differ');
  await expect(page.locator('#one-formula-implicit math')).toHaveAttribute('aria-label', /proximal point/);
  await expect(page.locator('#one-formula-explicit math')).toHaveAttribute('aria-label', /gradient step/);
  const energies = async (side) => (await page.locator(`#one-numbers-${side}`).textContent()).match(/E (\S+) → (\S+)/).slice(1).map(Number);
  const [explicit, implicit] = [await energies('explicit'), await energies('implicit')];
  expect(explicit[1]).toBeGreaterThan(explicit[0]);
  expect(implicit[1]).toBeLessThanOrEqual(implicit[0]);
  await page.keyboard.press('End');
  await expect(where).toContainText('sub-step 8 of 8');
  const mismatch = await page.getByTestId('proposition').getAttribute('data-mismatch');
  for (const number of mismatch.split(' ').map(Number)) expect(number).toBeLessThan(1e-12);
  await page.locator('#one-make').click();
  await expect(where).toContainText('of step 2');
});

for (const [width, theme] of [
  [1280, 'light'],
  [1280, 'projector'],
  [390, 'light'],
  [360, 'dark'],
]) {
  test(`every sub-step’s formulas are seen whole, ${width} wide, ${theme}`, async ({ lab, page }) => {
    await page.setViewportSize({ width, height: 720 });
    await lab.open(`v=1#view=one-step&theme=${theme}`);
    await page.locator('#one-staircase').focus();
    for (let k = 1; k <= 8; k++) {
      await expect(page.locator('#one-where')).toContainText(`sub-step ${k} of 8`);
      for (const side of ['explicit', 'implicit']) {
        const [wide, room] = await page.locator(`#one-formula-${side}`).evaluate((formula) => [formula.scrollWidth, formula.clientWidth]);
        expect(wide, `${side}, sub-step ${k}`).toBeLessThanOrEqual(room);
      }
      await page.keyboard.press('ArrowRight');
    }
  });
}

test('dragging τ_θ moves the proximal point, and the run keeps its own', async ({ lab, page }) => {
  await lab.open('v=1#view=one-step');
  const said = page.locator('#one-problem-said');
  await expect(page.locator('#one-where')).toContainText('sub-step 1 of 8');
  await page.locator('#one-staircase').focus();
  await page.keyboard.press('End');
  await expect(said).toContainText('τθ = 1.');
  const address = await lab.address();
  await page.locator('#one-tau-slider').focus();
  await page.keyboard.press('End');
  await expect(said).not.toContainText('τθ = 1.');
  expect(await lab.address()).toBe(address);
  await page.locator('#one-own').click();
  await expect(said).toContainText('τθ = 1.');
});

test('the layer shown is the sub-step’s, until a person chooses one', async ({ lab, page }) => {
  await lab.open('v=1&hidden=5,4#view=one-step');
  const layer = page.locator('#one-problem-of');
  await expect(layer).toHaveText('Hidden layer 2');
  await page.locator('#one-staircase').focus();
  await page.keyboard.press('ArrowRight');
  await expect(layer).toHaveText('Hidden layer 2');
  await page.keyboard.press('End');
  await expect(page.locator('#one-where')).toContainText('Θ₁ moves');
  await expect(layer).toHaveText('Hidden layer 1');
  await page.locator('#one-layer').selectOption('hidden layer 2');
  await expect(layer).toHaveText('Hidden layer 2');
  await page.locator('#one-layer').selectOption('the sub-step’s layer');
  await expect(layer).toHaveText('Hidden layer 1');
});

test('a layer’s step is drawn at the sub-step that makes it', async ({ lab, page }) => {
  await lab.open('v=1&hidden=5,4#view=one-step');
  const said = page.locator('#one-problem-said');
  await page.locator('#one-staircase').focus();
  for (let k = 1; k <= 8; k += 1) {
    await expect(page.locator('#one-where')).toContainText(`sub-step ${k} of 8`);
    const [layer, at] = k <= 5 ? ['₂', 5] : ['₁', 8];
    await expect(said).toContainText(k === at ? 'after the explicit step' : `where Θ${layer} stands. It moves in sub-step ${at}`);
    await page.keyboard.press('ArrowRight');
  }
  // Whoever chooses a layer, or moves its τ_θ, sees what comes of it.
  await page.keyboard.press('Home');
  await expect(said).toContainText('It moves in sub-step 5');
  await page.locator('#one-layer').selectOption('hidden layer 1');
  await expect(said).toContainText('after the explicit step');
});

test('a run whose step is no sweep says so', async ({ lab, page }) => {
  await lab.open('v=1&run=backprop&run=backprop,opt:adam,tau:0.1&run=prox-point#view=one-step');
  const other = page.locator('#one-other');
  await expect(page.getByTestId('proposition')).toContainText('one sweep is one step');
  await expect(other).toBeHidden();
  await page.locator('#one-run').selectOption({ index: 1 });
  await expect(other).toContainText('hands its direction to adam');
  await page.locator('#one-run').selectOption({ index: 2 });
  await expect(other).toContainText('all layers at once');
  // The step shown is that of a run that is gone.
  await page.evaluate(() => window.proxprop.load('v=1&run=backprop'));
  await expect(other).toBeHidden();
});

test('a run that a rule ends early says why', async ({ lab, page }) => {
  await lab.open('v=1&stop=divergence&run=backprop,tau:30&run=prox-exact');
  await lab.playToTheEnd();
  await expect(page.getByTestId('notice')).toContainText(/Stopped at step \d+: run 1 has diverged/);
});

test('the sub-step energies are those of the reference', async ({ lab, page }) => {
  await lab.open('v=1#view=train');
  let compared = 0;
  for (const name of readdirSync(golden).filter((name) => name.endsWith('.json'))) {
    const { state, expected } = JSON.parse(readFileSync(join(golden, name)));
    const members = (expected.members ?? [expected]).map((member) => member.trace[0].energy);
    if (!members.some(Boolean)) continue;
    await page.evaluate((state) => window.proxprop.load(state), state);
    await page.evaluate(() => window.proxprop.step(1));
    const frame = await lab.frame();
    members.forEach((energies, i) => {
      if (!energies) return;
      const shown = frame.members[i].energy;
      expect(shown.length).toBe(energies.length);
      energies.forEach(({ at, value }, k) => {
        expect(shown[k].at).toBe(at);
        expect(Math.abs(shown[k].value - value) / Math.abs(value), `${name} ${at}`).toBeLessThan(2e-3);
        compared += 1;
      });
    });
  }
  expect(compared).toBeGreaterThan(10);
});

test('the start of a flow is dragged, and the address follows', async ({ lab, page }) => {
  await lab.open('v=1#view=flow');
  const map = page.locator('#flow-map');
  await expect(page.locator('#flow-said')).toContainText('beyond the explicit limit');
  const box = await map.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height / 3, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('flow=rotated,');
  const dragged = await page.evaluate(() => location.hash);
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.evaluate(() => location.hash)).not.toBe(dragged);

  await page.locator('#flow-tau').fill('0.01');
  await page.locator('#flow-tau').press('Enter');
  await expect(page.locator('#flow-said')).toContainText('within the explicit limit');
  await page.locator('#flow-tau').fill('-3');
  await page.locator('#flow-tau').press('Enter');
  await expect(page.getByTestId('error')).toContainText('tau: -3 is out of range; allowed:');

  const hash = await page.evaluate(() => location.hash);
  await page.reload();
  await lab.ready();
  await expect(page.locator('#flow-tau')).toHaveValue('0.01');
  expect(await page.evaluate(() => location.hash)).toBe(hash);
});

for (const text of ['banana', 'beale,tau:<img src=x onerror=alert(1)>', '%', 'quadratic,condition:1e99']) {
  test(`the flow "${text}" in the address is refused in words`, async ({ lab, page }) => {
    await lab.open(`v=1#view=flow&flow=${text}`);
    await expect(page.locator('#flow')).toBeVisible();
    if (text !== '%') await expect(page.getByTestId('error')).toContainText('allowed');
  });
}

test('a frame has E and the layers whatever view is in front', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(20);
  const looks = ['train', 'one-step', 'map', 'flow', 'train&charts=few'];
  const frames = [];
  for (const view of looks) {
    await page.evaluate((view) => (location.hash = `view=${view}`), view);
    if (view === 'train&charts=few') await page.locator('#share-open').click();
    await page.evaluate(() => window.proxprop.seek(3));
    frames.push((await page.evaluate(() => window.proxprop.seek(7))).members.map(({ energy, layers }) => ({ energy, layers })));
  }
  expect(frames[0].map(({ energy, layers }) => [energy.length, layers.length])).toEqual([[8, 3], [8, 3]]);
  for (const frame of frames) expect(frame).toEqual(frames[0]);
});

test('scrubbing shows what playing showed, bit for bit', async ({ lab, page }) => {
  await lab.open(SHORT);
  const state = () => page.evaluate(async () => JSON.stringify((await window.proxprop.state()).members));
  const seen = [];
  for (let step = 0; step <= 20; step += 5) {
    seen.push(await state());
    if (step < 20) await lab.step(5);
  }
  for (const step of [10, 0, 15, 5, 20]) {
    await page.evaluate((step) => window.proxprop.seek(step), step);
    await lab.at(step);
    expect(await state(), `step ${step}`).toBe(seen[step / 5]);
  }
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('Home');
  await lab.at(0);
  await page.keyboard.press('ArrowRight');
  await lab.at(1);
});

test('a change after a look back branches, and the old branch stays as a ghost', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(15);
  await page.evaluate(() => window.proxprop.seek(5));
  await lab.change(lab.run(0, 'tau'), '0.01');
  await lab.addressHas('change=5,1,tau:0.01');
  const ghosts = page.locator('#ghosts li');
  await expect(ghosts).toHaveCount(1);
  await expect(ghosts.first()).toContainText('at step 5');
  await expect(page.locator('.mark')).toHaveCount(1);
  await ghosts.first().getByRole('checkbox').uncheck();
  await page.locator('#forget-ghosts').click();
  await expect(page.locator('#ghosts')).toBeHidden();
});

test('a diverged run says where, and goes back with half the step size', async ({ lab, page }) => {
  await lab.open('v=1&run=backprop,tau:30&run=prox-exact,tau:10');
  await lab.playToTheEnd();
  const card = page.getByTestId('run-card').first();
  await expect(card).toContainText(/diverged at step \d+/i);
  // The curves are the whole run's wherever one looks, and so is what is said of them.
  await expect(page.locator('#legend-loss')).toContainText(/BackProp.*, diverged at step \d+/);
  await page.evaluate(() => window.proxprop.seek(2));
  await expect(card).not.toContainText(/diverged/i);
  await expect(page.locator('#legend-loss')).toContainText(/diverged at step \d+/);
  await page.evaluate(() => window.proxprop.step(1e6));
  // At τ = 15 it diverges again; slowly enough for a look at what the button did.
  await page.getByTestId('speed').selectOption('1');
  await card.getByRole('button', { name: /halve τ/ }).click();
  await lab.addressHas('tau:15');
  await expect(lab.run(0, 'tau')).toHaveValue('15');
  await expect(card.getByRole('button', { name: /halve τ/ })).toBeHidden();
  await page.evaluate(() => window.proxprop.pause());
});

test('a tab keeps what else stands behind #', async ({ lab, page }) => {
  await page.goto(`./?${SHORT}#lesson=circle;small-steps&theme=projector`);
  await lab.ready();
  await page.locator('#tab-flow').click();
  await expect(page.locator('#flow')).toBeVisible();
  const hash = await page.evaluate(() => location.hash);
  for (const part of ['lesson=circle;small-steps', 'theme=projector', 'view=flow']) expect(hash).toContain(part);
  await page.goBack();
  await expect(page.locator('#train')).toBeVisible();
});

test('a setting of a run that has ended asks before anything is lost', async ({ lab, page }) => {
  const run = `${SHORT}&change=5,1,tau:0.2`;
  await lab.open(run);
  await lab.step(20);
  const ask = page.getByTestId('run-card').first().locator('.ask');
  await lab.change(lab.run(0, 'tau'), '0.5');
  await expect(ask.getByRole('button')).toHaveText(['Start again with τ = 0.5', 'Go on from here']);
  expect((await lab.frame()).step).toBe(20);
  await lab.addressHas('change=5,1,tau:0.2');
  await ask.getByText('Go on from here').click();
  await lab.addressHas('change=20,1,tau:0.5');
  await expect(ask).toBeHidden();
  await lab.addressHas('epochs=40&');
  await lab.addressHas('change=5,1,tau:0.2');
  await lab.ended();
  expect((await lab.frame()).step).toBe(40);

  // Starting again says what of the link is gone.
  await lab.change(lab.run(0, 'tau'), '0.7');
  await ask.getByText('Start again').click();
  await lab.addressHas('run=backprop,opt:sgd,tau:0.7');
  await expect(page.getByTestId('notice')).toContainText('No longer part of the run: change=5,1,tau:0.2, change=20,1,tau:0.5');
  await expect(page.locator('#ghosts b')).toHaveText(['1']);
});

test('what starts all runs again does so with all that was moved', async ({ lab }) => {
  await lab.open(SHORT);
  await lab.step(20);
  await lab.change(lab.run(0, 'tau'), '0.5');
  await lab.change(lab.run(1, 'opt'), 'adam');
  await lab.addressHas('run=backprop,opt:sgd,tau:0.5,');
  await lab.addressHas('run=prox-exact,opt:adam,');
  await lab.playToTheEnd();
  await lab.change(lab.run(1, 'tau'), '0.01');
  await lab.change(lab.setup('noise'), '0.2');
  await lab.addressHas('noise=0.2&');
  await lab.addressHas('run=prox-exact,opt:adam,tau:0.01,');
});

test('charts say what lies outside them and what was where one looks back', async ({ lab, page }) => {
  await lab.open('data=circle&run=backprop,tau:100&run=prox-exact,tau:1');
  await lab.step(130);
  const legend = page.locator('#legend-loss');
  await expect(legend).toContainText(/BackProp E: up to [\d.e]+, above the chart/);
  await page.getByLabel('Whole range').first().check();
  await expect(legend).not.toContainText('above the chart');
  await page.evaluate(() => window.proxprop.seek(40));
  const { members } = await lab.frame();
  for (const chart of ['#chart-loss', '#chart-steps']) {
    await expect(page.locator(`${chart} .readout b`)).toHaveText('looking at step 40');
  }
  const shown = page.locator('#chart-loss .readout .row', { hasText: 'ProxProp J' });
  expect(Number((await shown.innerText()).split(/\s+/).at(-1))).toBeCloseTo(members[1].loss, 2);
  await page.keyboard.press('Escape');
  await expect(page.locator('#chart-loss .readout')).toBeHidden();
  // What a click has begun to read ends when the pointer leaves.
  const field = page.locator('.boundary .field').first();
  await field.click();
  await expect(field.locator('.answer')).toBeVisible();
  await page.mouse.move(1, 1);
  await expect(field.locator('.answer')).toBeHidden();
  await page.evaluate(() => window.proxprop.seek(130));
  await expect(page.locator('#chart-loss .readout')).toBeHidden();
});
