// Images: the whole engine, fetched when a run first takes it, in place of the part that the page begins with.
import { readFileSync } from 'node:fs';
import { Lab, SHORT, expect, test } from '../site.js';

const DIGITS = 'v=1&data=digits&n=200&epochs=4&hidden=c3x4p1,max2&act=relu&run=backprop,tau:0.3&run=prox-exact,tau:3';
const fetched = (page) => {
  const asked = [];
  page.on('request', (request) => /\/whole[-_]/.test(request.url()) && asked.push(request.url()));
  return asked;
};

test('a run on images fetches the whole engine once, and a run on points never', async ({ lab, page }) => {
  const asked = fetched(page);
  await lab.open(SHORT);
  await lab.step(3);
  expect(asked).toEqual([]);
  await page.evaluate((query) => window.proxprop.load(query), DIGITS);
  await lab.addressHas('data=digits');
  await lab.step(3);
  const numbers = await lab.numbers();
  expect(numbers.members.every(({ loss }) => loss < 2.4)).toBe(true);
  // As when it is opened, and at any pace.
  await lab.open(DIGITS);
  await lab.step(3);
  expect(await lab.numbers()).toEqual(numbers);
  // Each time the page was opened: a script and its WebAssembly.
  expect(asked).toHaveLength(4);
  // Points and images go on in it, and so does the map.
  await lab.set('data', 'circle');
  await lab.set('hidden', '8');
  await lab.step(2);
  await lab.set('data', 'digits');
  await lab.step(2);
  expect(asked).toHaveLength(4);
});

test('a state of convolutions is opened where points are shown', async ({ lab, page }) => {
  await lab.open(DIGITS);
  await lab.step(3);
  const losses = async () => (await lab.frame()).members.map(({ loss, validation_accuracy }) => [loss, validation_accuracy]);
  const before = await losses();
  const state = await page.evaluate(() => window.proxprop.state());
  await lab.open(SHORT);
  await page.evaluate((state) => window.proxprop.load(state), state);
  await lab.at(3);
  await lab.addressHas('hidden=c3x4p1');
  expect(await losses()).toEqual(before);
});

test('what plays, and what was asked meanwhile, goes to the whole engine', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.evaluate((query) => {
    window.proxprop.load(query);
    window.proxprop.step(2);
    return window.proxprop.step(3);
  }, DIGITS);
  await lab.at(5);
  await lab.addressHas('data=digits');
  await expect(page.getByTestId('notice')).toBeHidden();
});

test.describe('where it does not come', () => {
  test.use({ provoked: /whole_bg|Failed to load|ERR_FAILED/ });
  test('a sentence says so, the run stays, and it can be tried again', async ({ lab, page }) => {
    await lab.open(SHORT);
    await lab.step(4);
    await page.route(/whole_bg.*\.wasm$/, (route) => route.abort());
    await lab.change(lab.setup('data'), 'digits');
    await expect(page.getByTestId('error')).toContainText('whole engine, which could not be fetched');
    expect((await lab.frame()).step).toBe(4);
    await expect(lab.setup('data')).toHaveValue('moons');
    await lab.step(2);
    await page.unroute(/whole_bg.*\.wasm$/);
    await lab.change(lab.setup('data'), 'digits');
    await lab.addressHas('data=digits');
    await lab.step(2);
  });
});

test('pictures say what each network makes of the digits, and a drawn one is read by all', async ({ lab, page }) => {
  await lab.open(DIGITS);
  await lab.step(4);
  const frame = await lab.frame();
  const wrong = page.locator('#images [role="img"]');
  await expect(wrong).toHaveCount(2);
  for (const [run, { validation_accuracy }] of frame.members.entries()) {
    const errors = Math.round((1 - validation_accuracy) * 297);
    await expect(wrong.nth(run)).toHaveAttribute('aria-label', new RegExp(`^${errors} of 297 images held back have a wrong answer. \\d taken for \\d`));
  }
  await expect(page.locator('#images-pictures [role="img"]')).toHaveCount(5);
  await expect(page.locator('#images-kernel')).toHaveAttribute('aria-label', /within a class, .* between classes/);
  await expect(page.locator('#network-panel')).toBeHidden();
  // In its place: one image on its way through each network.
  const planes = page.locator('#images-planes [role="img"]');
  await expect(planes).toHaveCount(2);
  await expect(planes.first()).toHaveAttribute('aria-label', /^The first image held back, \d, through the layers\. layer 1 \(4 × 4 × 4\): \d answer; it is taken for \d/);
  const field = page.locator('#images-field');
  const said = page.locator('#images-said');
  await expect(said).toHaveText('Nothing is drawn yet.');
  // By keys, which do nothing else then.
  await field.focus();
  for (const key of ['ArrowUp', 'Space', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await expect(said).toHaveText(/^BackProp: \d/);
  await expect(field).toHaveAttribute('aria-label', /row 5, column 5: inked/);
  await expect(page.locator('#play')).toHaveText('Play');
  expect((await lab.frame()).step).toBe(4);
  await page.keyboard.press('Delete');
  await expect(said).toHaveText('Nothing is drawn yet.');
  // By pointer.
  await field.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await field.boundingBox();
  await page.mouse.move(x + width / 2, y + 8);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height - 8, { steps: 8 });
  await page.mouse.up();
  await expect(said).toHaveText(/^BackProp: \d \(.*%\), ProxProp: \d \(.*%\)$/);
  // What is drawn is read anew at every step.
  const before = await page.locator('#images-reading').getAttribute('aria-label');
  await lab.step(4);
  await expect(page.locator('#images-reading')).not.toHaveAttribute('aria-label', before);
  await page.locator('#images-clear').click();
  await expect(said).toHaveText('Nothing is drawn yet.');
  // All of it can be saved.
  await page.locator('#share-open').click();
  const options = await page.locator('#share-picture option').evaluateAll((all) => all.map((option) => option.value));
  expect(options).toEqual(expect.arrayContaining(['wrong-1', 'confusion-2', 'filters-1', 'network-2', 'kernel', 'reading']));
  // A picture's numbers are its own; those of curves are the view's.
  const saved = async (picture) => {
    await page.locator('#share-picture').selectOption(picture);
    const download = page.waitForEvent('download');
    await page.locator('#share-numbers').click();
    const file = await download;
    return [file.suggestedFilename(), readFileSync(await file.path()).toString().trim().split('\n')];
  };
  const [name, confusion] = await saved('confusion-2');
  expect([name, confusion[0], confusion.length]).toEqual(['proxprop-confusion-2.csv', 'right,0,1,2,3,4,5,6,7,8,9', 11]);
  const counts = confusion.slice(1).flatMap((row) => row.split(',').slice(1).map(Number));
  expect(counts.reduce((sum, count) => sum + count)).toBe(297);
  const { members } = await lab.frame();
  const right = counts.filter((_, i) => i % 11 === 0).reduce((sum, count) => sum + count);
  expect(right / 297).toBeCloseTo(members[1].validation_accuracy, 6);
  expect((await saved('filters-1'))[1]).toHaveLength(1 + 4 * 9);
  expect((await saved('loss'))[1][0]).toContain('run,rule,step');
  await page.keyboard.press('Escape');
  // Points have their boundaries back.
  await lab.set('data', 'moons');
  await expect(page.locator('#images')).toBeHidden();
  await expect(page.locator('#boundaries .boundary').first()).toBeVisible();
});

test('a finger draws a digit', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await page.goto(`${process.env.PROXPROP_SITE}?${DIGITS}`);
  const lab = new Lab(page);
  await lab.ready();
  await lab.step(2);
  const field = page.locator('#images-field');
  await field.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await field.boundingBox();
  const scrolled = await page.evaluate(() => scrollY);
  const client = await context.newCDPSession(page);
  const touch = (type, share) => client.send('Input.dispatchTouchEvent', { type, touchPoints: share === undefined ? [] : [{ x: x + width / 2, y: y + share * height }] });
  await touch('touchStart', 0.1);
  for (let share = 0.2; share < 0.95; share += 0.1) await touch('touchMove', share);
  await touch('touchEnd');
  await expect(page.locator('#images-said')).toHaveText(/^BackProp: \d \(.*%\), ProxProp: \d \(.*%\)$/);
  // All of the stroke, and the page has not gone along: a stroke, not a dot.
  expect(await page.evaluate(() => scrollY)).toBe(scrolled);
  await expect(page.locator('#images-planes [role="img"]').first()).toHaveAttribute('aria-label', /^What is drawn, through the layers/);
  // Right after a stroke Chromium sends the pointer of a tap, but makes no click of it.
  await expect(async () => {
    await page.locator('#images-clear').tap();
    await expect(page.locator('#images-said')).toHaveText('Nothing is drawn yet.', { timeout: 2000 });
  }).toPass();
  await context.close();
});

/** A file of CIFAR-10's binary version, of one colour per class. */
const cifar = () => {
  const bytes = Buffer.alloc(10_000 * 3073);
  for (let i = 0; i < 10_000; i++) bytes.fill(25 * (i % 10), i * 3073 + 1, (i + 1) * 3073).writeUInt8(i % 10, i * 3073);
  return bytes;
};

test('a dropped file of CIFAR-10 is trained on, and what is none is refused', async ({ lab, page }) => {
  test.setTimeout(120_000);
  await lab.open('hidden=8&act=relu&run=prox-exact,tau:0.1');
  const bytes = cifar();
  const open = (name, buffer) => page.locator('#share-file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  const error = page.getByTestId('error');
  await open('data_batch_1.bin', bytes.subarray(1));
  await expect(error).toContainText('data_batch_1.bin: 30729999 bytes; allowed: 30730000, which are 10000 images of CIFAR-10');
  await open('test.bin', Buffer.concat([bytes, bytes.subarray(0, 1)]));
  await expect(error).toContainText('test.bin has 30730001 bytes and was not opened; allowed: 30730000');
  const other = Buffer.from(bytes);
  other.writeUInt8(10, 3073);
  await open('data_batch_1.bin', other);
  await expect(error).toContainText('image 2 has the class 10; allowed: 0 to 9');
  await lab.addressHas('data=circle');
  await open('test_batch.bin', bytes);
  await expect(page.getByTestId('notice')).toContainText('these are CIFAR-10’s test images', { timeout: 30_000 });
  await open('data_batch_1.bin', bytes);
  await expect(page.getByTestId('notice')).toContainText('data_batch_1.bin: 9000 of its images are trained on, and its last 1000 are held back', { timeout: 30_000 });
  await lab.addressHas('data=cifar10');
  await lab.step(1);
  await expect(page.locator('#images [role="img"]')).toHaveAttribute('aria-label', /of 1000 images held back have a wrong answer\. (airplane|automobile|bird|cat|deer|dog|frog|horse|ship|truck) taken for/);
  await expect(page.locator('#images-field')).toBeHidden();
  await expect(page.locator('#images-source')).toContainText('CIFAR-10: A. Krizhevsky');
  await page.locator('#share-open').click();
  await expect(page.locator('#share-copy')).toBeDisabled();
  await expect(page.locator('#share-hint')).toContainText('its images are in a file, which neither a link nor a state file holds');
});

test('a link to a run on CIFAR-10 waits for the file, and its own run is trained on it', async ({ lab, page }) => {
  test.setTimeout(120_000);
  await lab.open('data=cifar10&n=100&batch=50&seed=7&hidden=c5x2s3,max2&act=relu&run=prox-cg2,opt:adam,tau:0.001');
  await expect(page.getByTestId('notice')).toContainText('which no link holds. Drop its file data_batch_1.bin on the page, and the run of this address');
  await lab.addressHas('data=circle');
  const bytes = cifar();
  const open = (buffer) => page.locator('#share-file').setInputFiles({ name: 'data_batch_1.bin', mimeType: 'application/octet-stream', buffer });
  // One that is refused takes nothing away.
  await open(bytes.subarray(1));
  await expect(page.getByTestId('error')).toContainText('allowed: 30730000');
  await open(bytes);
  await lab.addressHas('data=cifar10');
  for (const part of ['n=100&', 'batch=50', 'seed=7', 'hidden=c5x2s3,max2', 'prox-cg2']) await lab.addressHas(part);
  await lab.step(1);
  await expect(page.locator('#images [role="img"]')).toHaveAttribute('aria-label', /of 1000 images held back have a wrong answer/);
});

test('wines have a confusion matrix per run where boundaries would be', async ({ lab, page }) => {
  await lab.open('data=wine&hidden=4&run=backprop,tau:1&run=prox-exact,tau:1');
  await lab.step(50);
  const pictures = page.locator('#images [role="img"]');
  await expect(pictures).toHaveCount(2);
  await expect(pictures.first()).toHaveAttribute('aria-label', /^Rows trained on, as none are held back\. 0: \d+ of 59 right, 1: \d+ of 71 right, 2: \d+ of 48 right$/);
  await expect(page.locator('#images-field')).toBeHidden();
  await lab.set('data', 'circle');
  await expect(page.locator('#images')).toBeHidden();
  await expect(page.locator('#boundaries .boundary').first()).toBeVisible();
});

test('wines are scaled by a choice of their own', async ({ lab, page }) => {
  await lab.open('data=wine&epochs=20&hidden=4&run=backprop,tau:1&run=prox-exact,tau:1');
  await lab.step(3);
  await page.locator('#setup > summary').click();
  const columns = lab.setup('columns');
  await expect(columns).toBeVisible();
  await expect(columns).toHaveValue('max');
  const { members } = await lab.frame();
  await lab.change(columns, 'standard');
  await lab.addressHas('columns=standard');
  await lab.step(3);
  expect((await lab.frame()).members[0].loss).not.toBe(members[0].loss);
  await lab.set('data', 'circle');
  await expect(columns).toBeHidden();
});
