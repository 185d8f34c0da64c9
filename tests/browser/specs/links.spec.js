// Links as they arrive: repaired where that is possible, and where it is not, still there to be mended by hand; and the
// address that keeps up with the run, however often browsers let it be written.
import { expect, SHORT, test } from '../site.js';

const bar = (page) => page.evaluate(() => location.search + location.hash);
const MOONS = 'v=1&data=moons&run=prox-exact,tau:1';

/** Opens what stands behind the page's name, as it is. */
async function arrive(lab, page, link) {
  await page.goto(`./${link}`);
  await lab.ready();
}

for (const [name, link, word] of [
  ['a tracker', `?${MOONS}&fbclid=abc`, 'fbclid'],
  ['a course system', `?forceview=1&${MOONS}`, 'forceview'],
  ['HTML', `?${MOONS.replaceAll('&', '&amp;')}`, '&amp;'],
  ['HTML in numbers', `?${MOONS.replaceAll('&', '&#38;')}`, '&amp;'],
  ['an encoding of the whole', `?${encodeURIComponent(MOONS)}`, 'encoding'],
  ['a second encoding', `?${MOONS.replace(/[,:]/g, (c) => encodeURIComponent(encodeURIComponent(c)))}`, 'encoding'],
  ['the end of a sentence', `?${MOONS}).`, 'punctuation'],
  ['an empty part', `?${MOONS}&`, 'empty'],
  ['a typographic dash', `?${MOONS.replace('-', '–')}`, 'dashes'],
  ['capitals', `?${MOONS.replace('data=moons', 'Data=Moons')}`, 'capital'],
]) {
  test(`what ${name} has done to a link is undone and said`, async ({ lab, page }) => {
    await arrive(lab, page, link);
    await expect(page.getByTestId('notice')).toContainText(word);
    await expect(page.getByTestId('error')).toBeHidden();
    await expect(page.getByTestId('refused')).toBeHidden();
    await expect(page.getByTestId('run-card')).toHaveCount(1);
    await lab.addressHas('data=moons');
    expect(await bar(page)).not.toContain('fbclid');
  });
}

test('a tracker on the bare address leaves it the bare address', async ({ lab, page }) => {
  await arrive(lab, page, '?utm_source=moodle#lesson=circle;small-steps');
  await expect(page.locator('#lecture-place')).toHaveText('1 of 2');
  await expect(page.getByTestId('notice')).toContainText('utm_source');
  await arrive(lab, page, '?gclid=1');
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(0);
});

test('a link that needs nothing is not spoken of', async ({ lab, page }) => {
  for (const view of ['train', 'one-step', 'map', 'flow']) {
    await page.goto('about:blank');
    await arrive(lab, page, `?${SHORT}#view=${view}`);
    await expect(page.locator(`#${view}`)).toBeVisible();
    await expect(page.getByTestId('notice')).toBeHidden();
    await expect(page.getByTestId('error')).toBeHidden();
  }
});

test('an address that is refused stays where it is, and can be mended there', async ({ lab, page }) => {
  const wrong = '?utm_source=x&data=moons&colour=red';
  await arrive(lab, page, wrong);
  await expect(page.getByTestId('error')).toContainText('colour');
  await expect(page.getByTestId('error')).not.toContainText('utm_source');
  await lab.step(3);
  await page.getByTestId('play').click();
  await page.getByTestId('play').click();
  expect(await bar(page)).toBe(wrong);
  const field = page.locator('#refused-link');
  await expect(field).toHaveValue(wrong);
  await field.fill('?data=moons&seed=7');
  await field.press('Enter');
  await lab.addressHas('seed=7');
  await lab.ready();
  await expect(page.getByTestId('error')).toBeHidden();
  await expect(page.getByTestId('refused')).toBeHidden();
});

test('a change by hand takes the place of an address that was refused', async ({ lab, page }) => {
  await arrive(lab, page, '?colour=red');
  await expect(page.getByTestId('refused')).toBeVisible();
  await lab.change(lab.setup('seed'), '5');
  await lab.addressHas('seed=5');
  expect(await bar(page)).not.toContain('colour');
  await expect(page.getByTestId('refused')).toBeHidden();
});

test('a link to a run on points of its own keeps rules and network, and says that the points are others', async ({ lab, page }) => {
  await arrive(lab, page, '?v=1&hidden=32,32&data=state');
  await expect(page.locator('#notice-text')).toContainText('which no link holds');
  await expect(page.getByTestId('error')).toBeHidden();
  await expect(lab.setup('hidden')).toHaveValue('32,32');
});

test('what stands behind # and is not understood is said and stays', async ({ lab, page }) => {
  for (const [hash, word] of [
    ['#veiw=map', 'veiw'],
    ['#view=maps', 'maps'],
    ['#lesson=circle;nowhere', 'nowhere'],
    ['#at=first', 'first'],
  ]) {
    await page.goto('about:blank');
    await arrive(lab, page, `?${SHORT}${hash}`);
    await expect(page.getByTestId('error')).toContainText(word);
    expect(await bar(page)).toBe(`?${SHORT}${hash}`);
    await expect(page.locator('#refused-link')).toHaveValue(`?${SHORT}${hash}`);
  }
  // A hash alone is another address as well.
  await page.locator('#refused-link').fill(`?${SHORT}#view=map`);
  await page.locator('#refused-open').click();
  await expect(page.locator('#map')).toBeVisible();
  await expect(page.getByTestId('error')).toBeHidden();
  await page.evaluate(() => (location.hash = 'veiw=flow'));
  await expect(page.getByTestId('error')).toContainText('veiw');
});

for (const hash of [
  '#lesson=circle;small-steps&amp;predict=1',
  '#lesson=circle;nowhere&predict=1',
  '#lesson=circle;small-steps&predict',
  '#lesson%3Dcircle%3Bsmall-steps%26predict%3D1',
  '#PREDICT=1).',
]) {
  test(`curves stay covered: ${hash}`, async ({ lab, page }) => {
    await arrive(lab, page, hash);
    await expect(page.locator('html')).toHaveAttribute('data-covered', 'true');
    // What is said of the link is no answer.
    const said = hash.includes('nowhere') ? 'error' : 'notice';
    await expect(page.getByTestId(said)).toBeVisible();
  });
}

/** Refuses to have the history written more often than a browser would: so many calls in so many milliseconds. */
const limit = ([most, span, from]) => {
  const start = performance.now();
  const calls = [];
  window.refusals = 0;
  for (const name of ['replaceState', 'pushState']) {
    const write = history[name].bind(history);
    history[name] = (...values) => {
      const now = performance.now();
      while (calls.length && calls[0] < now - span) calls.shift();
      if (calls.length >= most || now - start < from) {
        window.refusals += 1;
        throw new DOMException('too often', 'SecurityError');
      }
      calls.push(now);
      write(...values);
    };
  }
};

/** Many settings after each other, faster than any hand. */
const storm = async () => {
  for (let seed = 1; seed <= 150; seed += 1) await window.proxprop.set('seed', String(seed));
};

test('a storm of changes ends with the last one in the address', async ({ lab, page }) => {
  await page.addInitScript(limit, [100, 10_000, 0]);
  await lab.open(SHORT);
  await page.evaluate(storm);
  await lab.addressHas('seed=150&');
  expect(await page.evaluate(() => window.refusals)).toBe(0);
});

test('an address that the browser refused for a while is written later', async ({ lab, page }) => {
  await page.addInitScript(limit, [100, 10_000, 4000]);
  await lab.open(SHORT);
  await lab.set('seed', '9');
  expect(await page.evaluate(() => window.refusals)).toBeGreaterThan(0);
  await lab.addressHas('seed=9&');
});
