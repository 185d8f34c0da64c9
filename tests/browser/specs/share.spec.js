// Giving a run away and taking one in.
import { readFileSync } from 'node:fs';
import { SHORT, expect, test } from '../site.js';

/** Opens the dialog, lets `act` start a download, and reads it. */
async function download(page, act) {
  if (!(await page.locator('#share').isVisible())) await page.locator('#share-open').click();
  // A picture too small for its query has a text beside it.
  const first = page.waitForEvent('download', (file) => !file.suggestedFilename().endsWith('.txt'));
  const [file] = await Promise.all([first, act()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('the link is short and is the same run', async ({ lab, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.open(SHORT);
  const whole = await lab.address();
  await page.locator('#share-open').click();
  await page.locator('#share-copy').click();
  await expect(page.locator('#share-said')).toContainText('copied');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.length).toBeLessThan(page.url().length);
  await expect(page.locator('#share-code')).toBeVisible();
  await page.goto(link);
  await lab.ready();
  expect(await lab.address()).toBe(whole);
});

test('the link to a preset has its question, and a changed one has the run', async ({ lab, page }) => {
  await lab.open('preset=circle');
  const question = await page.locator('#lecture-question').innerText();
  await page.locator('#share-open').click();
  const link = page.locator('#share-link');
  await expect(link).toHaveValue(/\?preset=circle#view=train$/);
  await expect(page.locator('#share-hint')).toContainText('its question');
  const shared = await link.inputValue();
  await page.keyboard.press('Escape');
  await lab.change(lab.run(0, 'tau'), '3');
  await lab.addressHas('tau:3');
  await page.locator('#share-open').click();
  await expect(link).toHaveValue(/\?(?!preset).*tau:3/);
  await page.goto('about:blank');
  await page.goto(shared);
  await lab.ready();
  await expect(page.locator('#lecture-question')).toHaveText(question);
});

test('curves, state and pictures are saved', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(10);
  const csv = await download(page, () => page.locator('#share-csv').click());
  const rows = csv.bytes.toString().trim().split('\n');
  expect(rows[0]).toContain('run,rule,step');
  expect(rows.length).toBeGreaterThan(20);

  const state = await download(page, () => page.locator('#share-state').click());
  expect(JSON.parse(state.bytes.toString()).members.map((member) => member.step)).toEqual([10, 10]);

  await page.locator('#share-width').fill('640');
  await page.locator('#share-height').fill('400');
  for (const picture of ['view', 'loss', 'residual', 'boundary-2']) {
    await page.locator('#share-picture').selectOption(picture);
    const svg = await download(page, () => page.locator('#share-svg').click());
    expect(svg.name).toBe(`proxprop-${picture}.svg`);
    const text = svg.bytes.toString();
    expect(text).toContain('data=moons&amp;');
    expect(text).toMatch(/<title>[^<]+<\/title>/);
    expect(await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror'), text)).toBeNull();
    // The whole view has both charts and both boundaries, which lie inside their axes.
    expect(text.match(/<svg/g)).toHaveLength({ view: 7, 'boundary-2': 3 }[picture] ?? 2);
    if (picture === 'boundary-2') expect(text).toMatch(/class 1[^]*class 2/);
    // All of the short query is read, in lines.
    const lines = [...text.matchAll(/font-weight="400"[^>]*>([^<]*)</g)].map(([, line]) => line).join('');
    expect(lines).toContain('data=moons&amp;n=60&amp;');
    expect(lines).toContain('run=prox-exact');
    const png = await download(page, () => page.locator('#share-png').click());
    expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)], 'the size chosen, title and caption included').toEqual([640, 400]);
    // Its first chunk behind the header is a note that holds the query, and browsers read it all the same.
    const note = png.bytes.subarray(41, 41 + png.bytes.readUInt32BE(33)).toString();
    expect(png.bytes.subarray(37, 41).toString()).toBe('iTXt');
    expect(note).toMatch(/^Description\0+\?v=1&data=moons&n=60&[^]*\narithmetic: portable; build: /);
    expect(await page.evaluate(async (bytes) => (await createImageBitmap(new Blob([new Uint8Array(bytes)]))).width, [...png.bytes])).toBe(640);
  }

  await page.locator('#share-width').fill('12');
  await page.locator('#share-svg').click();
  await expect(page.locator('#share-said')).toContainText('"12" is no size of a picture; allowed: 100 to 8000 pixels');
});

for (const [view, pictures, table, head] of [
  ['one-step', ['view', 'staircase', 'explicit', 'implicit', 'layer'], 'sub-steps', 'rule,at,change'],
  ['flow', ['view', 'map', 'descent', 'amplification'], 'trajectories', 'method,step,x,y,f'],
]) {
  test(`the charts of ${view} are saved, and its numbers`, async ({ lab, page }) => {
    await lab.open(`${SHORT}#view=${view}`);
    await expect(page.locator(view === 'flow' ? '#flow-said' : '#one-where')).not.toBeEmpty();
    await page.locator('#share-open').click();
    expect(await page.locator('#share-picture option').evaluateAll((options) => options.map((option) => option.value))).toEqual(pictures);
    for (const picture of pictures) {
      await page.locator('#share-picture').selectOption(picture);
      const svg = await download(page, () => page.locator('#share-svg').click());
      const text = svg.bytes.toString();
      expect(await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror'), text)).toBeNull();
      if (picture === 'implicit') expect(text).toMatch(/[ΘZA][₁-₉] ←|Z ← ÂΘ[^]*E [\d.]+ → [\d.]+ = J/);
      expect(text.includes(view === 'flow' ? '#view=flow&amp;flow=' : 'data=moons&amp;'), 'says where it comes from').toBe(true);
    }
    await page.locator('#share-width').fill('100');
    await page.locator('#share-height').fill('100');
    await page.locator('#share-picture').selectOption('view');
    const png = await download(page, () => page.locator('#share-png').click());
    expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)], 'even far too small').toEqual([100, 100]);
    const csv = await download(page, () => page.locator('#share-csv').click());
    expect(csv.name).toBe(`proxprop-${table}.csv`);
    expect(csv.bytes.toString().startsWith(head)).toBe(true);
  });
}

test('a picture of a run with many points has a code and its text beside it', async ({ lab, page }) => {
  const some = (from) => Array.from({ length: 150 }, (_, i) => `${((from + i) / 300).toFixed(3)},${((i * 7) % 100) / 100}`).join(';');
  const points = `0:${some(0)}/1:${some(150)}`;
  await lab.open(`v=1&data=points&points=${points}&epochs=3`);
  await page.locator('#share-open').click();
  await page.locator('#share-picture').selectOption('loss');
  const texts = page.waitForEvent('download', (file) => file.suggestedFilename() === 'proxprop-loss.txt');
  const svg = await download(page, () => page.locator('#share-svg').click());
  expect(svg.bytes.toString()).toContain('the whole query is in the file beside this picture');
  expect(readFileSync(await (await texts).path(), 'utf8')).toContain('points=0:0');
});

test('a state file is opened, and goes on as if it had never stopped', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(10);
  const { bytes } = await download(page, () => page.locator('#share-state').click());
  await page.keyboard.press('Escape');
  await lab.step(5);
  const losses = async () => (await lab.numbers()).members.map((member) => member.loss);
  const straight = await losses();

  await lab.open();
  await page.locator('#share-open').click();
  await page.locator('#share-file').setInputFiles({ name: 'run.json', mimeType: 'application/json', buffer: bytes });
  await lab.at(10);
  await expect(page.locator('#share')).toBeHidden();
  await lab.step(5);
  expect(await losses()).toEqual(straight);
});

test('a file that is not ours is refused in words and nothing is lost', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(7);
  const before = await lab.numbers();
  for (const text of ['', 'hello', '{"format":"other"}', '<script>alert(1)</script>', '[1,2']) {
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'a.json'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, text);
    await expect(page.getByTestId('error')).toBeVisible();
    await expect(page.locator('#error-text')).toHaveText(/^[^\n]{20,}\.$/);
    expect(await lab.numbers()).toEqual(before);
  }
});

test('where there is no clipboard the link is selected, and the page goes on', async ({ lab, page }) => {
  // As over plain http.
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined }));
  await lab.open(SHORT);
  await page.locator('#share-open').click();
  await page.locator('#share-copy').click();
  await expect(page.locator('#share-said')).toContainText('the link is selected instead');
  await page.keyboard.press('Escape');
  await lab.step(2);
});
