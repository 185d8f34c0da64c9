// Presets and lessons: opened by address, gallery and keys, each with its question, its answer and what is covered.
import AxeBuilder from '@axe-core/playwright';
import { SHORT, expect, test } from '../site.js';

const title = (page) => page.locator('#lecture-title');
/** The address as it is now; `page.url()` lags behind `history.replaceState`. */
const search = (page) => page.evaluate(() => location.search);
const hash = (page) => page.evaluate(() => location.hash);

test('?preset= opens a run with its question, and the answer waits', async ({ lab, page }) => {
  await lab.open('preset=small-steps');
  await expect(title(page)).toHaveText('Small steps');
  await expect(page.locator('#lecture-question')).toContainText('?');
  await expect(page.locator('#lecture-answer-text')).toBeHidden();
  await expect(lab.run(0, 'tau')).toHaveValue('0.3');
  expect((await lab.frame()).step, 'nothing plays before the class has spoken').toBe(0);
  expect(await search(page)).toBe('?preset=small-steps');
  await page.locator('#lecture-answer summary').click();
  await expect(page.locator('#lecture-answer-text')).toContainText('BackProp');

  // What is changed is no longer the preset, and the address says all of it.
  await lab.change(lab.run(0, 'tau'), '0.4');
  await lab.addressHas('run=backprop,opt:sgd,tau:0.4');
  await expect(page.locator('#lecture-place')).toContainText('changed');
  await lab.change(lab.run(0, 'tau'), '0.3');
  await expect.poll(() => search(page)).toBe('?preset=small-steps');
});

test('question and view come with the run, whatever leads to it', async ({ lab, page }) => {
  const load = (what) => page.evaluate((what) => window.proxprop.load(what), what);
  await lab.open(SHORT);
  const state = await page.evaluate(() => window.proxprop.state());
  await lab.open('preset=small-steps');
  await load('preset=valley');
  await expect(title(page)).toHaveText('Beyond the limit');
  await expect(page.locator('#lecture-question')).toContainText('valley');
  await expect(page.locator('#flow')).toBeVisible();
  await expect.poll(() => search(page)).toBe('?preset=valley');

  // What is refused changes nothing.
  expect(await page.evaluate(() => window.proxprop.load('preset=nothing').catch((error) => error.message))).toContain('known: circle');
  await expect(title(page)).toHaveText('Beyond the limit');
  await expect(page.locator('#flow')).toBeVisible();

  // A run without a question has none, and its view is not the last question's.
  await load(SHORT);
  await expect(page.locator('#lecture')).toBeHidden();
  await expect(page.locator('#train')).toBeVisible();
  await lab.addressHas('data=moons');

  await load('preset=map');
  await expect(page.locator('#map')).toBeVisible();
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  }, JSON.stringify(state));
  await lab.addressHas('data=moons');
  await expect(page.locator('#lecture')).toBeHidden();
  await expect(page.locator('#train')).toBeVisible();

  // A card that is changed, and a map's cell, are changes of the question's run.
  await load('preset=small-steps');
  await lab.step(1);
  await lab.change(lab.run(0, 'opt'), 'adam');
  await lab.addressHas('opt:adam');
  await expect(title(page)).toHaveText('Small steps');
  await expect(page.locator('#lecture-place')).toContainText('changed');
});

test('the way back leads through a lesson as its keys do', async ({ lab, page }) => {
  await page.goto('./#lesson=circle;small-steps;valley');
  await lab.ready();
  await page.locator('#tab-one-step').click();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await expect(title(page)).toHaveText('Small steps');
  await page.evaluate(() => (location.hash = '#lesson=circle;small-steps;valley&at=3'));
  await expect(title(page)).toHaveText('Beyond the limit');
  await expect(page.locator('#flow')).toBeVisible();
  await page.goBack();
  await expect(title(page)).toHaveText('Small steps');
  await expect(page.locator('#train')).toBeVisible();
  await expect.poll(() => search(page)).toBe('?preset=small-steps');
});

test('an unknown preset is answered with those that there are', async ({ lab, page }) => {
  await lab.open('preset=%3Cimg%20src=x%3E');
  await expect(page.getByTestId('error')).toContainText('known: circle, small-steps');
  await expect(page.locator('#lecture')).toBeHidden();
  await expect(page.getByTestId('run-card')).toHaveCount(2);
});

test('every preset opens in its view', async ({ lab, page }) => {
  // There are fifty of them.
  test.slow();
  await lab.open('preset=circle');
  const count = Number((await page.locator('#lecture-place').innerText()).split(' ')[2]);
  expect(count).toBeGreaterThanOrEqual(12);
  const seen = new Set();
  let before = '';
  for (let i = 1; i <= count; i += 1) {
    await expect(page.locator('#lecture-place')).toHaveText(`${i} of ${count}`);
    await expect.poll(() => search(page), 'its run is there').not.toBe(before);
    before = await search(page);
    await expect(page.getByTestId('error')).toBeHidden();
    seen.add((await hash(page)).match(/view=([a-z-]+)/)[1]);
    // A related system's run is written out.
    await expect.poll(() => search(page)).toMatch(/^\?(preset=[a-z-]+$|v=1&system=[a-z-]+&)/);
    // The run first, where there is one to be played, and then the answer.
    await page.keyboard.press('PageDown');
    const answer = page.locator('#lecture-answer-text');
    if (!(await answer.isVisible())) {
      expect(['train', 'related']).toContain((await hash(page)).match(/view=([a-z-]+)/)[1]);
      await page.keyboard.press('PageDown');
    }
    await expect(answer).toBeVisible();
    if (i < count) await page.keyboard.press('PageDown');
  }
  expect([...seen].sort()).toEqual(['flow', 'map', 'one-step', 'related', 'train']);
  // The last is the last, and nothing moves for it.
  const top = () => page.locator('#views').evaluate((views) => views.getBoundingClientRect().top);
  const stood = await top();
  await page.keyboard.press('PageDown');
  await expect(page.locator('#lecture-forward')).toBeDisabled();
  await expect(page.getByTestId('notice')).toContainText('This was the last preset.');
  expect(await top()).toBe(stood);
  await page.keyboard.press('PageUp');
  await expect(page.locator('#lecture-answer-text')).toBeHidden();
  await page.keyboard.press('PageUp');
  await expect(page.locator('#lecture-place')).toHaveText(`${count - 1} of ${count}`);
});

test('a clicker turns the page even while a slider has the focus', async ({ lab, page }) => {
  await lab.open('preset=circle');
  const slider = page.getByTestId('run-card').first().locator('[data-slider="tau"]');
  await slider.focus();
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('PageDown');
  await expect(title(page)).toHaveText('Small steps');
  await expect(lab.run(0, 'tau')).toHaveValue('0.3');
});

/** What a class sees: which item, covered or not, the answer or not, playing or not. */
const seen = async (page) => {
  const place = await page.locator('#lecture-place').innerText();
  const covered = (await page.locator('html').getAttribute('data-covered')) === 'true';
  const answer = await page.locator('#lecture-answer-text').isVisible();
  return `${place}${covered ? ' covered' : ''}${answer ? ' answer' : ''}`;
};
const press = async (page, key, then) => {
  await page.keyboard.press(key);
  const told = expect.poll(() => seen(page));
  await (then instanceof RegExp ? told.toMatch(then) : told.toBe(then));
};
const OWN = '?data=moons%26n=60%26batch=60%26epochs=4000%26run=backprop,tau:0.5';

for (const way of ['#lesson=circle;valley;' + OWN + '&predict=1', '?preset=circle#predict=1']) {
  test(`a clicker is enough, covered: ${way.slice(0, 15)}`, async ({ lab, page }) => {
    await page.goto(`./${way}&play=1`);
    await lab.ready();
    const count = way.includes('lesson') ? 3 : Number((await page.locator('#lecture-place').innerText()).split(' ')[2]);
    await expect.poll(() => seen(page)).toBe(`1 of ${count} covered`);
    expect((await lab.frame()).step, 'nothing plays while it is covered').toBe(0);
    await press(page, 'PageDown', `1 of ${count}`);
    await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(3);
    await press(page, 'PageDown', `1 of ${count} answer`);
    await press(page, 'PageDown', `2 of ${count} covered`);
    if (count > 3) return;
    // A walk is walked, and the run behind it trains nothing.
    await expect(page.locator('#where')).toHaveText('step 60 of 60');
    await page.getByTestId('speed').selectOption('1');
    await press(page, 'PageDown', '2 of 3');
    await expect(page.locator('#where')).toHaveText(/^step \d of 60$/);
    await expect(page.getByTestId('status')).toHaveText('Playing');
    await press(page, 'PageDown', '2 of 3 answer');
    await press(page, 'PageDown', '3 of 3 covered');
    await press(page, 'PageDown', '3 of 3');
    await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(2);
    // An item of one's own has no answer.
    await press(page, 'PageDown', '3 of 3');
    await expect(page.getByTestId('notice')).toContainText('The lesson is over');
    await press(page, 'PageUp', '3 of 3 covered');
    await expect(page.getByTestId('status')).not.toHaveText('Playing');
    await press(page, 'PageUp', '2 of 3 covered');
    await press(page, 'PageDown', '2 of 3');
    await press(page, 'PageDown', '2 of 3 answer');
    await press(page, 'PageUp', '2 of 3');
    await press(page, 'PageUp', '2 of 3 covered');
    await press(page, 'PageUp', '1 of 3 covered');
  });
}

test('a clicker is enough, uncovered: every item plays where the address says so', async ({ lab, page }) => {
  await page.goto(`./#lesson=circle;valley;${OWN}&play=1`);
  await lab.ready();
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(3);
  await page.getByTestId('speed').selectOption('1');
  await press(page, 'PageDown', '1 of 3 answer');
  await press(page, 'PageDown', '2 of 3');
  await expect(page.locator('#where')).toHaveText(/^step \d of 60$/);
  expect((await lab.frame()).step, 'behind the walk nothing trains').toBe(0);
  await press(page, 'PageDown', '2 of 3 answer');
  await press(page, 'PageDown', '3 of 3');
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(2);
});

test('a clicker plays what has not been played, and then opens the answer', async ({ lab, page }) => {
  await lab.open('preset=circle');
  await press(page, 'PageDown', /^1 of \d+$/);
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(3);
  await press(page, 'PageDown', /^1 of \d+ answer$/);
  await press(page, 'PageDown', /^2 of \d+$/);
  // What somebody else has played is not played again.
  await lab.step(5);
  await press(page, 'PageDown', /^2 of \d+ answer$/);
  expect((await lab.frame()).step).toBe(5);
});

test('a script plays what is on the screen, as the button does', async ({ lab, page }) => {
  await page.goto('./?preset=valley#predict=1');
  await lab.ready();
  await expect(page.locator('html')).toHaveAttribute('data-covered', 'true');
  await page.evaluate(() => window.proxprop.play());
  // The walk is on its way.
  await expect(page.getByTestId('timeline')).not.toHaveValue('0');
  expect((await lab.frame()).step, 'behind the walk nothing trains').toBe(0);
  await expect(page.locator('html')).toHaveAttribute('data-covered', 'true');
  await page.getByTestId('speed').selectOption('1');
  await press(page, 'PageDown', /^\d+ of \d+$/);
  await expect(page.getByTestId('timeline')).not.toHaveValue('0');
  await page.evaluate(() => window.proxprop.pause());
  await expect(page.getByTestId('status')).toHaveText(/^Paused at step \d+$/);
  await page.evaluate(() => window.proxprop.play());
  await expect(page.getByTestId('status')).toHaveText('Playing');
  expect((await lab.frame()).step).toBe(0);
});

test('the gallery draws every preset and opens one', async ({ lab, page }) => {
  test.setTimeout(100_000);
  await lab.open('preset=circle');
  await page.keyboard.press('g');
  // Those of related systems have none: their view's module is not fetched for them.
  const cards = page.locator('#preset-list .preset:has(canvas)');
  expect(await cards.count()).toBeGreaterThanOrEqual(12);
  await expect(page.locator('#preset-list canvas[data-drawn]')).toHaveCount(await cards.count(), { timeout: 60_000 });
  const colours = await page.locator('#preset-list canvas').evaluateAll((all) =>
    all.map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set();
      for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      return seen.size;
    }),
  );
  expect(Math.min(...colours), `colours per picture: ${colours}`).toBeGreaterThan(20);
  const { violations } = await new AxeBuilder({ page }).include('#presets').analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  // By keys alone.
  await page.locator('[data-preset="spiral"]').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#presets')).toBeHidden();
  await expect(title(page)).toHaveText('A deep net on a spiral');
  await expect.poll(() => search(page)).toBe('?preset=spiral');
});

test('looks beside a preset add to what it opens', async ({ lab, page }) => {
  await page.goto('./?preset=valley#theme=dark&view=flow');
  await lab.ready();
  await expect(page.locator('#flow')).toBeVisible();
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#theme=dark&view=flow&flow=/);
  await expect(title(page)).toHaveText('Beyond the limit');
  await page.goto('./?preset=valley#view=train');
  await lab.ready();
  await expect(page.locator('#train')).toBeVisible();
});

test('a lesson is made in the gallery and opened by its link', async ({ lab, page }) => {
  await lab.open('v=1&data=moons&n=60&batch=60&epochs=20&run=backprop,tau:0.5');
  await page.locator('#presets-open').click();
  await page.getByLabel('Beyond the limit in the lesson').check();
  await page.getByLabel('Ten times too far in the lesson').check();
  await page.locator('#lesson-add').click();
  await expect(page.locator('#lesson-link')).toHaveValue(/&play=1$/);
  await page.locator('#lesson-predict').check();
  await expect(page.locator('#lesson-said')).toHaveText('3 items in the lesson');
  const link = await page.locator('#lesson-link').inputValue();
  expect(link).toContain('#lesson=valley;circle;?v=1%26data=moons');

  await page.goto('about:blank');
  await page.goto(link);
  await lab.ready();
  await expect(title(page)).toHaveText('Beyond the limit');
  await expect(page.locator('#flow')).toBeVisible();
  await expect(page.locator('#lecture-place')).toHaveText('1 of 3');
  await page.keyboard.press('PageDown');
  await expect(page.locator('#lecture-cover')).toHaveText('Cover');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await expect(title(page)).toHaveText('Ten times too far');
  await page.locator('#lecture-forward').click();
  await expect(page.locator('#lecture-place')).toHaveText('3 of 3');
  await lab.addressHas('data=moons');
  // A reload stays where the lesson is.
  await page.reload();
  await lab.ready();
  await expect(page.locator('#lecture-place')).toHaveText('3 of 3');
  expect((await lab.frame()).members[0].tau).toBe(0.5);
});

test('predict, then reveal: curves stay covered until released', async ({ lab, page }) => {
  await page.goto('./#lesson=circle;small-steps&predict=1');
  await lab.ready();
  await lab.step(150);
  const curves = page.locator('#chart-loss canvas').last();
  const field = page.locator('.boundary .field canvas').first();
  await expect(curves).toBeHidden();
  await expect(field).toBeHidden();
  await expect(page.locator('.boundary .field canvas').nth(1), 'the points are seen').toBeVisible();
  await expect(page.locator('.card-status').first()).toBeHidden();
  await expect(page.locator('.offers').first()).toBeHidden();
  await page.keyboard.press('g');
  await expect(page.locator('#presets')).toContainText('predict first');
  await expect(page.locator('#preset-list canvas').first()).toBeHidden();
  await expect(page.locator('#legend-loss')).toBeHidden();
  await page.keyboard.press('Escape');
  await page.getByTestId('chart-loss').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('#chart-loss .readout')).toBeHidden();
  await page.locator('#lecture-cover').click();
  await expect(curves).toBeVisible();
  await expect(field).toBeVisible();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await expect(title(page)).toHaveText('Small steps');
  await expect(curves).toBeHidden();
});

for (const [width, height] of [
  [1024, 768],
  [1920, 1080],
]) {
  test(`covered cards do not tell by their height who diverged, ${width} × ${height}`, async ({ lab, page }) => {
    await page.setViewportSize({ width, height });
    await page.goto('./?preset=circle#predict=1&theme=projector');
    await lab.ready();
    const heights = () => page.getByTestId('run-card').evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().height));
    const before = await heights();
    await lab.step(150);
    expect((await lab.frame()).members.map((member) => member.status)).toContain('diverged');
    await expect(page.getByTestId('run-card').first()).toHaveAttribute('data-fate', 'diverged');
    expect(await heights()).toEqual(before);
    await page.locator('#lecture-cover').click();
    await expect(page.getByTestId('run-card').first()).toContainText('diverged');
  });
}

test('a lesson hides and locks', async ({ lab, page }) => {
  await page.goto('./?preset=circle#hide=tabs+steps+setup&lock=runs+seed');
  await lab.ready();
  await expect(page.locator('.tabs')).toBeHidden();
  await expect(page.locator('#steps-panel')).toBeHidden();
  await expect(page.locator('#setup')).toBeHidden();
  await expect(page.locator('#add-run')).toBeHidden();
  await expect(lab.run(0, 'tau')).toBeDisabled();
  const before = await lab.address();
  await page.keyboard.press('n');
  await page.getByTestId('new-seed').click();
  await lab.step(2);
  expect(await lab.address()).toBe(before);
  await expect(lab.run(0, 'tau')).toHaveValue('10');
});

test('a locked setup keeps its points', async ({ lab, page }) => {
  await page.goto('./?preset=circle#lock=setup');
  await lab.ready();
  await expect(page.locator('#draw-open')).toBeHidden();
  await expect(page.locator('#setup-fields [data-key=data]')).toBeDisabled();
  const before = await lab.address();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '0,0,a\n1,1,b\n');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await expect(page.getByTestId('error')).toContainText('locks the setup (#lock=setup)');
  expect(await lab.address()).toBe(before);
});

for (const [bad, words] of [
  ['lesson=circle;nothing', 'item 2'],
  ['lesson=%3Cimg%20src=x%20onerror=window.owned=1%3E', 'lesson'],
  ['hide=everything', 'allowed: tabs'],
  ['lock=transport', 'allowed: seed'],
]) {
  test(`#${bad} is refused in a sentence`, async ({ lab, page }) => {
    await page.goto(`./?preset=circle#${bad}`);
    await lab.ready();
    await expect(page.getByTestId('error')).toContainText(words);
    expect(await page.evaluate(() => window.owned)).toBeUndefined();
    await lab.step(1);
  });
}

test('points are drawn while a preset is open', async ({ lab, page }) => {
  await lab.open('preset=circle');
  await expect(title(page)).not.toBeEmpty();
  await page.locator('#draw-open').click();
  await expect(page.locator('#draw-bar')).toBeVisible();
  await expect(title(page)).toBeVisible();
});
