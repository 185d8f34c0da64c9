// Images: the whole engine, fetched when a run first takes it, in place of the part that the page begins with.
import { SHORT, expect, test } from '../site.js';

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
