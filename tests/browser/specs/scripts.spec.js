// `window.proxprop`, for slides and tests: there from the start, and deaf to what is no value of a call.
import { SHORT, expect, test } from '../site.js';

test('it is there when the page has loaded, and its promise can be awaited at once', async ({ page }) => {
  await page.addInitScript(() => {
    addEventListener('load', () => (window.atLoad = window.proxprop?.ready.then(async () => (await window.proxprop.frame()).step)));
  });
  await page.goto(`./?${SHORT}`);
  expect(await page.evaluate(() => window.atLoad)).toBe(0);
  expect(await page.evaluate(() => window.proxprop.version)).toBe(1);
});

test.describe('where the lab cannot start', () => {
  test.use({ provoked: /404|proxprop_bg.*\.wasm net::ERR_ABORTED/ });

  test('its promise is broken with the sentence', async ({ page }) => {
    await page.route(/proxprop_bg-.*\.wasm$/, (route) => route.fulfill({ status: 404 }));
    await page.goto('./');
    const why = await page.evaluate(() => window.proxprop.ready.catch((error) => error.message));
    expect(why).toContain('proxprop_bg.wasm could not be loaded (404)');
    await expect(page.getByTestId('error')).toHaveText(why);
  });
});

test('who asks for the state does not wait for pictures, and they come all the same', async ({ lab, page }) => {
  // Its pictures take many slices of time.
  await lab.open('v=1&data=moons&n=60&epochs=5&batch=60&hidden=384,384&run=backprop,tau:0.1');
  const order = await page.evaluate(async () => {
    const order = [];
    const calls = ['step', 'state'].map((call) => window.proxprop[call]().then(() => order.push(call)));
    await Promise.all(calls);
    return order;
  });
  expect(order).toEqual(['state', 'step']);
});

test('what is no value of a call is refused in a sentence, and nothing happens', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(3);
  const said = await page.evaluate(async () => {
    const lab = window.proxprop;
    const cyclic = {};
    cyclic.self = cyclic;
    const bad = {
      'step x': () => lab.step('x'),
      'step "3"': () => lab.step('3'),
      'step -1': () => lab.step(-1),
      'step 1.5': () => lab.step(1.5),
      'step NaN': () => lab.step(NaN),
      'seek -3': () => lab.seek(-3),
      'seek nothing': () => lab.seek(),
      'load nothing': () => lab.load(),
      'load function': () => lab.load(() => {}),
      'load cyclic': () => lab.load(cyclic),
      'set 5': () => lab.set(5, 5),
      'set nothing': () => lab.set('noise'),
      'on 5': async () => lab.on(5, () => {}),
      'on no function': async () => lab.on('frame', 'loud'),
    };
    const words = {};
    for (const [name, call] of Object.entries(bad)) words[name] = await call().then(() => 'done', (error) => error.message);
    return words;
  });
  expect(said['step x']).toBe('"x" is no number of steps; allowed: a number from 0 without a fraction');
  expect(said['step NaN']).toContain('NaN');
  expect(said['seek -3']).toBe('"-3" is no step; allowed: a number from 0 without a fraction');
  expect(said['load function']).toBe('"function" is no run; allowed: a query string, or a state as state() gave it');
  expect(said['on 5']).toContain('"5": no such event; known: load');
  expect(said['set nothing']).toContain('noise');
  for (const [name, words] of Object.entries(said)) expect(words, name).toMatch(/.{20}/);
  expect((await lab.frame()).step).toBe(3);
  // What is one goes on working.
  expect(await page.evaluate(async () => (await window.proxprop.step()).step)).toBe(4);
  expect(await page.evaluate(async () => (await window.proxprop.step(0)).step)).toBe(4);
  expect(await page.evaluate(async () => (await window.proxprop.seek(Infinity)).step)).toBe(20);
});
