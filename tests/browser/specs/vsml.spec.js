// A learning rule inside a recurrent network: both of its views, and what people do in them.
import { csv, trained } from '../native.js';
import { expect, test } from '../site.js';

const COPY = 'v=1&system=vsml&data=xor&samples=200&run=sgd&run=vsml,cell:clone';
const RULE = 'v=1&system=vsml&scene=rule&samples=100&seeds=2&run=sgd,eta:0.2&run=vsml,cell:rule';

async function open(page, lab, query) {
  await page.goto(`./?${query}`);
  await lab.ready();
  await expect(page.locator('#related .boundary')).not.toHaveCount(0);
}
/** Goes to a step, until that is drawn. */
const seek = (page, step) =>
  page.evaluate(async (step) => {
    await window.proxprop.seek(step);
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  }, step);
const number = async (lab, run, key) => (await lab.frame()).columns[run].numbers.find((number) => number.key === key).value;
const heads = (page) => page.locator('#related .charts .panel > h3, #related .charts figcaption .name').allInnerTexts();

test('cells that copy backpropagation stand beside it, with numbers for how well they agree', async ({ lab, page }) => {
  await open(page, lab, COPY);
  await seek(page, 200);
  for (const key of ['activations', 'errors', 'weights']) {
    await expect(page.locator(`#related-picture-${key}`)).toHaveAttribute('aria-label', /cloned cells: correlation (0\.99\d\d|1\.0000)\.$/);
  }
  expect((await heads(page)).map((text) => text.trim())).toEqual(
    expect.arrayContaining(['A sample’s way up and down', 'The 47 numbers do not change', 'The states: what is learned']),
  );
  expect(await number(lab, 1, 'agree')).toBeGreaterThan(0.97);
  const download = page.waitForEvent('download');
  await page.locator('#share-open').click();
  await page.locator('#share-csv').click();
  expect(await (await download).createReadStream().then((stream) => stream.toArray()).then((parts) => Buffer.concat(parts).toString())).toBe(csv(COPY));
});

test('a sample goes up and down layer by layer', async ({ lab, page }) => {
  await open(page, lab, 'system=vsml&preset=up-and-down');
  const way = page.locator('#related-plane-sweep');
  await expect(way).toHaveAttribute('aria-label', /A sample’s way/);
  // Every step draws another picture; what the canvases hold differs.
  const drawn = () => way.evaluate((host) => [...host.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join());
  const seen = new Set([await drawn()]);
  for (let step = 1; step <= 4; step += 1) {
    await seek(page, step);
    await expect.poll(drawn).not.toBe([...seen].at(-1));
    seen.add(await drawn());
  }
  expect(seen.size).toBe(5);
});

test('learned rules: curves over powers of ten, read by keyboard and by looking back', async ({ lab, page }) => {
  await open(page, lab, RULE);
  await seek(page, 100);
  const chart = page.locator('#related-loss');
  await chart.focus();
  await page.keyboard.press('End');
  await expect(chart.locator('.readout b')).toHaveText('steps 100');
  await page.keyboard.press('Home');
  await expect(chart.locator('.readout b')).toHaveText('steps 1');
  await expect(chart.locator('.readout')).toContainText('rule 2 online loss, last 20');
  await page.keyboard.press('Escape');
  // What is looked back to has its line, and its numbers below.
  await seek(page, 40);
  await expect(chart.locator('.readout b')).toHaveText('looking at step 40');
  await expect(page.locator('#related-accuracy .readout b')).toHaveText('looking at step 40');
});

test('a press in a picture is one more point; again it is of another class, and then of none', async ({ lab, page }) => {
  await open(page, lab, RULE);
  await seek(page, 50);
  const loss = await number(lab, 1, 'loss');
  const press = async (key, share) => {
    const field = page.locator(`#related-plane-${key}`);
    await field.scrollIntoViewIfNeeded();
    const { width, height } = await field.boundingBox();
    await field.click({ position: { x: share[0] * width, y: share[1] * height } });
  };
  await expect(page.locator('#related .presses')).toContainText('Press a place in a picture');
  await press('plane-2', [0.7, 0.4]);
  await expect.poll(() => lab.address()).toMatch(/&one=0\.(59|6|60|61),0\.(29|3|30|31),0/);
  // What each run would make of it; nobody has learned it.
  await expect(page.locator('#related-plane-one-1')).toBeVisible();
  await expect(page.locator('#related-plane-one-2')).toHaveAttribute('aria-label', /One more point/);
  expect([(await lab.frame()).step, await number(lab, 1, 'loss')]).toEqual([50, loss]);
  expect(await number(lab, 1, 'near_1')).toBeGreaterThan(0);
  await press('one-1', [0.7, 0.4]);
  await expect.poll(() => lab.address()).toMatch(/&one=[^&]*,1&/);
  await press('plane-1', [0.7, 0.4]);
  await expect.poll(() => lab.address()).not.toContain('one=');
  await expect(page.locator('#related-plane-one-1')).toHaveCount(0);
  // By keyboard, which stays where it is.
  const plane = page.locator('#related-plane-plane-1');
  await plane.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await lab.addressHas('&one=');
  await expect(plane).toBeFocused();
  // A pointer that is drawn away has not pressed.
  const before = await lab.address();
  const { x, y, width, height } = await plane.boundingBox();
  await page.mouse.move(x + 0.2 * width, y + 0.2 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.8 * width, y + 0.7 * height);
  await page.mouse.up();
  expect(await lab.address()).toBe(before);
});

test('cells are taken from along their training by a slider, and each rule is another', async ({ lab, page }) => {
  await open(page, lab, RULE);
  const card = page.locator('#related [data-member="1"]');
  const title = card.locator('h3');
  await expect(title).toHaveText('rule 2');
  const slider = card.locator('[data-entry="checkpoint"] input[type="range"]');
  // Its end is that of the rule's own training; the clone's is further.
  await expect(card.locator('#related2-checkpoint')).toHaveValue('1400');
  await expect(slider).toHaveAttribute('aria-valuetext', '1400');
  expect(await slider.evaluate(({ value, max }) => value === max)).toBe(true);
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(title).toHaveText('rule 2 after 0');
  // The small ones stand one by one.
  for (let press = 1; press <= 20; press += 1) {
    await page.keyboard.press('ArrowRight');
    await lab.addressHas(`checkpoint:${press}`);
  }
  await expect(title).toHaveText('rule 2 after 20');
  await page.keyboard.press('End');
  await expect(title).toHaveText('rule 2');
  await card.locator('#related2-rule').selectOption('4');
  await expect(title).toHaveText('rule 4');
  await lab.addressHas('rule:4');
  await card.locator('#related2-cell').selectOption('clone');
  await expect(card.locator('#related2-checkpoint')).toHaveValue('20000');
  await card.locator('#related2-cell').selectOption('rule');
  await card.locator('#related2-checkpoint').fill('3000');
  await page.keyboard.press('Enter');
  await expect(card.locator('#related2-checkpoint')).toHaveValue('1400');
  await expect(title).toHaveText('rule 4');
});

test('each number of the cells can be read, by name, by keys', async ({ lab, page }) => {
  await open(page, lab, RULE);
  await seek(page, 60);
  const plane = page.locator('#related-plane-cell');
  await expect(page.locator('#related figure').filter({ has: plane })).toContainText('purple below 0, green above; a group’s ± has the full colour');
  await plane.focus();
  await page.keyboard.press('ArrowRight');
  await expect(plane.locator('.answer')).toHaveText(/^(Into tanh: W1, b1|Multiplied with it: W3, b3|Put out: W2, b2), .*unit \d+: -?\d/);
  // The caption of a run's picture says its number apart from its name.
  await expect(page.locator('#related-plane-plane-1').locator('xpath=ancestor::figure')).toContainText(/online accuracy, last 20: \d/);
});

test('a file of somebody’s cells is opened, and one that is none is refused in words', async ({ lab, page }) => {
  const file = trained('clone', '--seed', '5', '--limit', '3000');
  await open(page, lab, COPY);
  const give = async (text) => {
    if (!(await page.locator('#share-file').isVisible())) await page.locator('#share-open').click();
    await page.locator('#share-file').setInputFiles({ name: 'clone.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  };
  await give(file);
  await lab.addressHas('cell:own');
  await expect(page.locator('#related [data-member="1"] h3')).toHaveText('own cells');
  await seek(page, 100);
  expect(await number(lab, 1, 'corr')).toBeGreaterThan(0.9);
  const cell = JSON.parse(file);
  // As others write it: part by part, in rows.
  const { n, k, H, bound, feed } = cell;
  const numbers = [...cell.numbers];
  const parts = { n, k, H, bound, feed };
  for (const [name, columns, many] of [['W1', H, 3], ['b1', H, 0], ['W3', H, 3], ['b3', H, 0], ['W2', 3, H], ['b2', 3, 0]]) {
    const rows = Array.from({ length: many || 1 }, () => numbers.splice(0, columns));
    parts[name] = many ? rows : rows[0];
  }
  const own = await lab.address();
  await page.evaluate(() => window.proxprop.load('v=1&system=vsml&data=circle'));
  await lab.addressHas('data=circle');
  await give(JSON.stringify(parts));
  await lab.addressHas('cell:own');
  expect(await lab.address()).toBe(own);
  await seek(page, 100);
  const { length } = file;
  for (const [wrong, words] of [
    [JSON.stringify(parts).split('"feed"')[0], ', without “feed” and “numbers”; allowed: a whole file of a cell, as proxprop meta-train writes it'],
    [length / 2, 'cut off, or no JSON object (EOF while parsing'],
    [length - 1, 'cut off, or no JSON object (EOF while parsing'],
    [{ numbers: cell.numbers.slice(1) }, 'has not as many numbers as its size asks for; allowed: n from 1 to'],
    [{ H: 65 }, 'has a size out of range; allowed:'],
    [{ numbers: [1e9, ...cell.numbers.slice(1)] }, 'has a number out of range; allowed:'],
    [{ numbers: [null, ...cell.numbers.slice(1)] }, '“numbers” is not of numbers: null is not a number'],
    [{ numbers: undefined, snapshots: undefined }, 'it holds no numbers; allowed: “numbers”, as proxprop meta-train writes them, or W1, b1'],
    [{ bound: -1 }, 'has a bound out of range; allowed:'],
    [{ version: 9 }, 'no file of a cell: it is "proxprop-cell", version 9; allowed: proxprop-cell, version 1'],
  ]) {
    const cut = typeof wrong === 'number' ? file.trimEnd().slice(0, wrong - 1) : wrong;
    const damaged = typeof cut === 'string' ? cut : JSON.stringify({ ...cell, ...wrong });
    expect(await page.evaluate((text) => window.proxprop.load(text).catch(({ message }) => message), damaged)).toContain(words);
    await give(damaged);
    await expect(page.getByTestId('error')).toContainText(words);
    await expect(page.getByTestId('error')).toContainText('clone.json: ');
    expect((await lab.frame()).step).toBe(100);
    await expect(page.locator('#related [data-member="1"] h3')).toHaveText('own cells');
    expect(await lab.address(), 'what was there is still the address').toContain('cell:own');
    expect(await lab.address()).toContain('own=1,1,4,0,0;');
    await expect(page.getByTestId('refused')).toBeHidden();
  }
});
