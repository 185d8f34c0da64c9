// The step-size map: coarse and then whole, only while somebody looks, and the same as on the command line.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '../site.js';

const ROOT = new URL('../../..', import.meta.url).pathname;
const PROGRAM = process.env.PROXPROP ?? `${ROOT}target/debug/proxprop`;

/** Cells trained in no time. */
const QUICK =
  'v=1&data=moons&n=40&noise=0.1&seed=3&hidden=5,4&batch=40&epochs=200' +
  '&run=backprop,tau:1&run=prox-exact,tau:1&map=2,tau:0.1..1000*9,tau_theta:0.1..10*5';
/** Cells that take a while, on a map that takes minutes. */
const SLOW = 'v=1&engine=cpu&n=100&hidden=8,8&epochs=600&run=backprop,tau:1&run=prox-exact,tau:1&map=2,tau:0.1..10*32,tau_theta:0.1..10*32';

const map = (page) => page.evaluate(() => window.proxprop.map());
const known = async (page) => (await map(page))?.cells.filter(Boolean).length ?? 0;
const whole = async (page) => {
  await expect.poll(async () => (await map(page))?.cells.every(Boolean) ?? false, { timeout: 30_000 }).toBe(true);
  return map(page);
};
/** The worker of the run, and those of the map. */
const workers = (page) => expect.poll(() => page.workers().length);
const text = (page) => page.locator('#map-cell-text');

test('the map is that of the command line', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  const { rule, grid, axes, seeds, converged_below, cells } = await whole(page);
  expect([rule, seeds]).toEqual(['prox-exact', 1]);
  expect(grid).toEqual({ columns: 9, rows: 5, strip: true });
  expect(axes.map(({ key, log, values }) => [key, log, values.length])).toEqual([['tau', true, 9], ['tau_theta', true, 5]]);
  expect(converged_below).toBeCloseTo(0.1 * Math.log(2), 12);

  const csv = execFileSync(PROGRAM, ['map', QUICK, '--csv', '-'], { encoding: 'utf8' });
  const [head, ...rows] = csv.trim().split('\n').map((line) => line.split(','));
  expect(rows).toHaveLength(cells.length);
  const column = (name) => head.indexOf(name);
  for (const row of rows) {
    const cell = cells[Number(row[0])];
    const name = `cell ${row[0]}`;
    expect(cell.fate.replace('-', ' '), name).toBe(row[column('fate')]);
    const loss = Number(row[column('loss')]);
    if (cell.fate === 'converged') expect(Math.abs(cell.loss / loss - 1), name).toBeLessThan(1e-4);
    const diverged = row[column('diverged_at')];
    expect(cell.diverged_at !== null, name).toBe(diverged !== '');
  }
  const fates = new Set(cells.map(({ fate }) => fate));
  expect([...fates].sort()).toEqual(['converged', 'diverged', 'not-yet']);
  await expect(page.locator('#map-said')).toContainText('ProxProp: ');
  await expect(page.locator('#map-said')).toContainText('BackProp: ');
});

test('a run without a map gets the usual one, and the address says so', async ({ lab, page }) => {
  await lab.open('v=1&n=20&epochs=3');
  await lab.step(2);
  expect(await map(page)).toBeNull();
  await page.locator('#tab-map').click();
  await lab.addressHas('map=2,tau:0.1..1000*32,tau_theta:0.01..100*32,seeds:1');
  expect((await whole(page)).cells).toHaveLength(33 * 32);
  // The run was not touched.
  expect((await lab.frame()).step).toBe(2);
  // Who works is said, and goes home when there is nothing to do.
  await expect(page.locator('#map-crew')).toHaveText(/^CPU · /);
  await workers(page).toBe(1);
});

test('coarse cells come first, and cancelling keeps what is known', async ({ lab, page }) => {
  await lab.open(`${SLOW}#view=map`);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  await workers(page).toBe(1 + Math.min(cores, 16));
  await expect.poll(() => known(page)).toBeGreaterThan(24);
  const { cells } = await map(page);
  expect(cells.some((cell) => cell === null), 'the map is not yet whole').toBe(true);
  const at = (column, row) => cells[32 * (row + 1) + column];
  for (const row of [0, 16]) for (const column of [0, 16]) expect(at(column, row), `${column}, ${row}`).not.toBeNull();

  const cancel = page.locator('#map-cancel');
  await expect(cancel).toHaveText('Cancel');
  await cancel.click();
  await expect(cancel).toHaveText('Go on');
  await workers(page).toBe(1);
  const kept = await known(page);
  await expect(page.locator('#map-said')).toHaveText(`Cancelled at ${kept} of 1056 cells.`);
  await cancel.click();
  await expect.poll(() => known(page)).toBeGreaterThan(kept);

  // Another setting starts the coarse pass anew at once.
  const before = (await map(page)).cells;
  await lab.change(page.locator('#map-shared-fields [data-key="seed"]'), '7');
  await lab.addressHas('seed=7');
  await expect.poll(async () => (await map(page)).cells[32]).not.toEqual(before[32]);
});

test('nothing is trained for nobody', async ({ lab, page }) => {
  await lab.open(`${SLOW}#view=map`);
  await expect.poll(() => known(page)).toBeGreaterThan(0);
  const hide = (hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  for (const [leave, come] of [
    [() => hide(true), () => hide(false)],
    [() => page.locator('#tab-flow').click(), () => page.locator('#tab-map').click()],
  ]) {
    await leave();
    await workers(page).toBe(1);
    const held = await known(page);
    await come();
    await expect.poll(() => known(page)).toBeGreaterThan(held);
  }
});

test('a part is zoomed into by dragging, and the way back leads out', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  await whole(page);
  const chart = page.locator('#map-chart');
  const { x, y, width, height } = await chart.boundingBox();
  await page.mouse.move(x + 0.3 * width, y + 0.5 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.5 * width, y + 0.7 * height, { steps: 4 });
  await expect(page.locator('#map-part')).toBeVisible();
  await page.mouse.up();
  await expect(page.locator('#map-part')).toBeHidden();
  await expect.poll(() => lab.address()).not.toContain('tau:0.1..1000*9');
  const [from, to] = (await lab.address()).match(/map=2,tau:([^*]+)\*9/)[1].split('..').map(Number);
  expect(from).toBeGreaterThan(0.5);
  expect(to).toBeLessThan(200);
  const { axes } = await whole(page);
  expect(axes[0].values.at(0)).toBe(from);
  await expect(page.locator('#map-x-from')).toHaveValue(String(from));

  await page.goBack();
  await lab.addressHas('map=2,tau:0.1..1000*9,tau_theta:0.1..10*5');
  await expect(page.locator('#map')).toBeVisible();
  await page.goForward();
  await lab.addressHas(`tau:${from}..`);
});

test('a cell that is trained has the table of the same link played, E and layers from the first step on', async ({ lab, page }) => {
  // Without the seconds, which no two runs share.
  const table = async () => {
    await lab.ended();
    await page.locator('#share-open').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#share-csv').click()]);
    await page.keyboard.press('Escape');
    const [head, ...rows] = readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => line.split(','));
    const seconds = head.indexOf('seconds');
    return { head, rows: rows.map((row) => row.filter((_, column) => column !== seconds)) };
  };
  await lab.open(`${QUICK}#view=map`);
  await whole(page);
  await lab.fast();
  await page.locator('#map-chart').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.locator('#train')).toBeVisible();
  const opened = await table();
  const query = await lab.address();
  await page.goto(`./?${query}`);
  await lab.ready();
  await lab.playToTheEnd();
  const played = await table();
  expect(opened).toEqual(played);
  const [first] = opened.rows;
  expect(first[opened.head.indexOf('energy')]).not.toBe('');
  expect(first.at(-1)).not.toBe('');
});

test('cells are read, zoomed into and trained by keys', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  const { cells } = await whole(page);
  const chart = page.locator('#map-chart');
  const title = page.locator('#map-cell-title');
  await expect(page.locator('#map-train')).toBeDisabled();
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  // The cell of the run itself comes first: τ = 1, τ_θ = 1.
  await expect(title).toHaveText('ProxProp');
  await expect(page.locator('#map-cell-values')).toHaveText('Step size τ 1, Prox step τθ 1');
  await page.keyboard.press('End');
  await page.keyboard.press('PageUp');
  // Above the map is the strip.
  await expect(title).toHaveText('BackProp');
  await expect(page.locator('#map-cell-values')).toHaveText('Step size τ 1000');
  expect(cells[8].fate).toBe('diverged');
  await expect(text(page)).toContainText(`Diverged at step ${cells[8].diverged_at}`);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#map-cell-values')).toHaveText('Step size τ 0.1, Prox step τθ 10');

  await page.keyboard.press('+');
  await expect.poll(() => lab.address()).not.toContain('tau:0.1..1000*9');
  const inside = await lab.address();
  await page.keyboard.press('-');
  await expect.poll(() => lab.address()).not.toBe(inside);
  await page.locator('#map-usual').click();
  await lab.addressHas('map=2,tau:0.1..1000*32');

  await chart.focus();
  await page.keyboard.press('Escape');
  await expect(page.locator('#map-train')).toBeDisabled();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.locator('#train')).toBeVisible();
});

test('a click loads a cell, and the map is there when one comes back', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  const { cells } = await whole(page);
  const box = await page.locator('#map-chart').boundingBox();
  await page.mouse.move(box.x + 0.45 * box.width, box.y + 0.5 * box.height);
  await expect(page.locator('#map-mark')).toBeVisible();
  const [tau, theta] = (await page.locator('#map-cell-values').textContent()).match(/[\d.]+/g).map(Number);
  await page.mouse.down();
  await page.mouse.up();
  await expect(page.locator('#train')).toBeVisible();
  await lab.addressHas(`run=prox-exact,opt:sgd,tau:${tau},tau_theta:${theta},`);
  // BackProp's strip stands on the same axis.
  await lab.addressHas(`run=backprop,opt:sgd,tau:${tau},`);
  await lab.fast();
  await lab.ended();
  const column = (await map(page)).axes[0].values.indexOf(tau);
  const row = (await map(page)).axes[1].values.indexOf(theta);
  const { members } = await lab.frame();
  const cell = cells[9 * (row + 1) + column];
  expect(Math.abs(members[1].loss / cell.loss - 1)).toBeLessThan(1e-6);

  await page.goBack();
  await expect(page.locator('#map')).toBeVisible();
  await lab.addressHas(`tau:${tau},tau_theta:${theta},`);
  expect(await known(page), 'the same cells are not trained again').toBe(cells.length);
});

test('fingers read first and train by the button', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 });
  const page = await context.newPage();
  await page.goto(`${process.env.PROXPROP_SITE}?${QUICK}#view=map`);
  await expect(page.locator('#map-said')).toContainText('converged');
  await page.locator('#map-chart').tap({ position: { x: 150, y: 200 } });
  await expect(page.locator('#map-cell-values')).toContainText('Step size τ');
  await expect(page.locator('#map')).toBeVisible();

  // A finger that moves sideways marks a part.
  const { x, y } = await page.locator('#map-chart').boundingBox();
  const cdp = await context.newCDPSession(page);
  const touch = (type, ...points) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([dx, dy]) => ({ x: x + dx, y: y + dy })) });
  await touch('touchStart', [100, 150]);
  for (let i = 1; i <= 5; i++) await touch('touchMove', [100 + 20 * i, 150 + 10 * i]);
  await expect(page.locator('#map-part')).toBeVisible();
  await touch('touchEnd');
  await expect.poll(() => page.evaluate(() => location.search)).not.toContain('tau:0.1..1000*9');

  await page.locator('#map-chart').tap({ position: { x: 150, y: 200 } });
  await page.locator('#map-train').tap();
  await expect(page.locator('#train')).toBeVisible();
  await context.close();
});

test('an address with no map that is one is refused in words', async ({ lab, page }) => {
  await lab.open('v=1&map=2,tau:1..0.1*9#view=map');
  await expect(page.getByTestId('error')).toContainText('map.tau: "1..0.1*9" are not 9 values that rise');
});

test('a map of a setting that its run has not is refused in words', async ({ lab, page }) => {
  await lab.open(`${QUICK.replace(/map=.*/, 'map=1,tau_theta:0.1..10*5')}#view=map`);
  await expect(page.locator('#map-error')).toContainText('map.tau_theta: run 1 (backprop, opt:sgd) has none; allowed:');
  expect(await map(page)).toBeNull();
});

test('what the form cannot be is refused in words, and the map stays', async ({ lab, page }) => {
  await lab.open(`${QUICK.replace('*5', '*20')}#view=map`);
  await lab.addressHas('seeds:1');
  const address = await lab.address();
  for (const [field, value, right, words] of [
    ['#map-x-from', '-1', '0.1', 'map.tau: "-1" is out of range; allowed:'],
    ['#map-x-count', '1', '9', 'map.tau: "1" is not a number of values; allowed: 2 to'],
    ['#map-x-count', '1024', '9', 'map: 20480 cells are too many to be seen on a page; allowed: 20000 here'],
    ['#map-y-to', '<img src=x>', '10', 'map.tau_theta: '],
    ['#map-seeds', '0', '1', 'map.seeds: "0" is not a number of seeds'],
  ]) {
    await lab.change(page.locator(field), value);
    await expect(page.getByTestId('error')).toContainText(words);
    await expect(page.locator(field)).toHaveAttribute('aria-invalid', 'true');
    expect(await lab.address()).toBe(address);
    await lab.change(page.locator(field), right);
    await expect(page.getByTestId('error')).toBeHidden();
    // What the worker says to that comes before the next refusal.
    await page.evaluate(() => window.proxprop.state());
  }
});

test('run, axes and seeds are chosen in the form', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  await page.locator('#map-y').selectOption('');
  await lab.addressHas('map=2,tau:0.1..1000*9,seeds:1');
  await expect(page.locator('#map-y-from')).toBeDisabled();
  await page.locator('#map-y').selectOption('noise');
  await lab.addressHas('noise:0..0.5*32,seeds:1');
  await lab.change(page.locator('#map-y-count'), '3');
  await lab.addressHas('noise:0..0.5*3,');
  await lab.change(page.locator('#map-seeds'), '2');
  await lab.addressHas('noise:0..0.5*3,seeds:2');
  expect((await whole(page)).seeds).toBe(2);
  // BackProp has no τ_θ.
  await page.locator('#map-y').selectOption('tau_theta');
  await lab.addressHas('tau_theta:0.01..100*32');
  await page.locator('#map-run').selectOption('1');
  await lab.addressHas('map=1,tau:0.1..1000*9,seeds:2');
  expect((await whole(page)).rule).toBe('backprop');
  await expect(page.locator('#map-said')).toContainText(/BackProp: .*; converges /);
  await expect(page.locator('#map-y option[value=tau_theta]')).toHaveCount(0);
});

test('a slider that is dragged draws map after map', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  const { cells } = await whole(page);
  await page.locator('#map-common').evaluate((details) => (details.open = true));
  const slider = page.locator('#map-shared-fields [data-slider="scale"]');
  await slider.scrollIntoViewIfNeeded();
  const box = await slider.boundingBox();
  await page.mouse.move(box.x + box.width * 0.66, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2, { steps: 5 });
  // Still held, it is already another map.
  await expect.poll(async () => (await map(page)).cells[20]).not.toEqual(cells[20]);
  await page.mouse.up();
  const scale = await page.locator('#map-scale').inputValue();
  expect(scale).not.toBe('1');
  await lab.addressHas(`scale=${scale}&`);
  await whole(page);
  // Where the run stands among the values is no matter of the cells.
  const trained = await map(page);
  await lab.set('run2.tau', '3');
  await lab.addressHas('tau:3,');
  expect(await map(page)).toEqual(trained);
});

test('picture and table are saved', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  const { cells } = await whole(page);
  const download = async (id) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator(id).click()]);
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  };
  const csv = await download('#map-csv');
  expect(csv.name).toBe('proxprop-map.csv');
  expect(csv.bytes.toString().trim().split('\n')).toHaveLength(cells.length + 1);
  const svg = await download('#map-svg');
  expect(svg.bytes.toString()).toContain('data=moons&amp;');
  const png = await download('#map-png');
  expect(png.name).toBe('proxprop-map.png');
  expect(png.bytes.readUInt32BE(16)).toBe(1200);
});

test('what was saved is said beside the buttons, until there is another map', async ({ lab, page }) => {
  await lab.open(`${QUICK}#view=map`);
  await whole(page);
  const said = page.locator('#map-form').getByRole('status');
  for (const kind of ['csv', 'svg', 'png']) {
    await page.locator(`#map-${kind}`).click();
    await expect(said).toHaveText(`proxprop-map.${kind} is on its way to your downloads.`);
    await expect(said).toBeVisible();
  }
  await page.locator('#map-zoom-in').click();
  await expect(said).toBeEmpty();
});

test.describe('a map whose workers die', () => {
  test.use({ provoked: /crash on purpose/ });
  const crash = (worker) =>
    worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('crash on purpose');
      });
    });

  test('goes on with those left, and no cell is lost', async ({ lab, page }) => {
    await lab.open(`${SLOW.replaceAll('*32', '*8').replace('epochs=600', 'epochs=3000')}#view=map`);
    await expect.poll(() => known(page)).toBeGreaterThan(0);
    const crew = page.workers().slice(1);
    // On one core there is nobody left; whoever asks goes on alone.
    await crash(crew[0]);
    await workers(page).toBe(crew.length);
    if (crew.length === 1) await page.getByRole('button', { name: 'Go on' }).click();
    await whole(page);
  });

  test('says so when none is left, and goes on when asked', async ({ lab, page }) => {
    await lab.open(`${SLOW}#view=map`);
    await expect.poll(() => known(page)).toBeGreaterThan(0);
    const crew = page.workers().slice(1);
    for (const [dead, worker] of crew.entries()) {
      await crash(worker);
      await workers(page).toBe(crew.length - dead);
    }
    await expect(page.locator('#map-said')).toContainText('The workers that train the cells have stopped: ');
    const held = await known(page);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => known(page)).toBeGreaterThan(held);
  });
});

for (const [what, deaf] of [['never answer', true], ['die without a word', false]]) {
  test(`that workers ${what} is said after a minute, and others train the rest`, async ({ lab, page }) => {
    await page.addInitScript((deaf) => {
      // A minute is half a second.
      const wait = window.setTimeout;
      window.setTimeout = (act, ms) => wait(act, ms === 5000 ? 40 : ms);
      let hired = 0;
      window.Worker = class extends Worker {
        ours = hired++ === 0 || window.mended;
        postMessage(message, ...more) {
          if (this.ours || !(message instanceof Uint8Array)) return super.postMessage(message, ...more);
          if (!deaf) this.terminate();
        }
      };
    }, deaf);
    await lab.open(`${QUICK}&engine=cpu#view=map`);
    const said = page.locator('#map-said');
    await expect(said).toContainText('No cell has come for a minute');
    await page.evaluate(() => (window.mended = true));
    await page.locator('#map-cancel').click();
    await page.locator('#map-cancel').click();
    await whole(page);
    await expect(said).toContainText('ProxProp: ');
  });
}
