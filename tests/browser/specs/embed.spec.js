// The lab inside somebody else's page: messages, who is heard, waiting to be seen, and the keyboard.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTILE, SHORT, expect, test } from '../site.js';

const root = join(import.meta.dirname, '../../..');

/** A page that shows a lab in a frame, and what the lab has told it. */
const DECK = `<!doctype html><title>deck</title><link rel="icon" href="data:,"><div id="above"></div><script>
  window.told = [];
  addEventListener('message', (event) => {
    if (event.data?.proxprop === 1) told.push({ ...event.data, origin: event.origin });
  });
  window.show = (src, style) => {
    document.getElementById('lab')?.remove();
    document.body.append(Object.assign(document.createElement('iframe'), { id: 'lab', title: 'lab', src, style }));
  };
  let calls = 0;
  window.post = (message) => document.getElementById('lab').contentWindow.postMessage(message, '*');
  window.ask = async (call, ...args) => {
    const id = 'call-' + ++calls;
    post({ proxprop: 1, id, call, args });
    for (;;) {
      const answer = told.find((message) => message.id === id);
      if (answer) return answer;
      await new Promise(requestAnimationFrame);
    }
  };
</script>`;

// One deck per worker of the runner, beside the site while the tests run: pages that the runner makes up have no address,
// and browsers do not let such pages into this machine.
const name = (info) => `deck-${info.parallelIndex}.html`;
test.beforeAll(({}, info) => writeFileSync(join(root, 'dist', name(info)), DECK));
test.afterAll(({}, info) => rmSync(join(root, 'dist', name(info)), { force: true }));

/** The deck, on another port and so of another origin, with a lab in its frame. */
async function embed(page, search, hash = 'embed=1', above = 0) {
  await page.goto(process.env.PROXPROP_ROOT + name(test.info()));
  const src = `${process.env.PROXPROP_SITE}?${search}#${hash}`;
  await page.evaluate(
    ([src, above]) => {
      document.getElementById('above').style.height = `${above}px`;
      window.show(src, 'width:900px;height:500px');
    },
    [src, above],
  );
  await expect.poll(() => events(page, 'ready')).toHaveLength(1);
  return page.frameLocator('#lab');
}

const ask = (page, ...call) => page.evaluate((call) => window.ask(...call), call);
const events = (page, name) => page.evaluate((name) => window.told.filter((m) => m.event === name), name);

// Two servers, and so two origins; what is told to one origin is kept from another, and said so; leaving a page ends the loading of its icon.
test.use({ provoked: /request outside the site|target origin provided|icon\.svg net::ERR_ABORTED/ });

test('a small frame shows boundaries and loss without scrolling, a large one uses its room', async ({ page }) => {
  const lab = await embed(page, SHORT);
  const frame = page.locator('#lab');
  for (const [width, height] of [[480, 320], [560, 320], [640, 360], [1280, 720], [1800, 1000]]) {
    await page.setViewportSize({ width: width + 20, height: height + 20 });
    await frame.evaluate((e, [w, h]) => (e.style.cssText = `width:${w}px;height:${h}px`), [width, height]);
    for (const part of ['#boundaries .field >> nth=0', '#boundaries .field >> nth=1', '#chart-loss', '#play', '#timeline', '#whole']) {
      await expect
        .poll(() => lab.locator(part).evaluate((e) => {
          const { left, top, right, bottom } = e.getBoundingClientRect();
          return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && right - left > 12;
        }), `${part} in ${width} × ${height}`)
        .toBe(true);
    }
    // What is looked at takes most of it.
    const share = await lab.locator('body').evaluate(() => {
      const area = (id) => { const { width, height } = document.getElementById(id).getBoundingClientRect(); return width * height; };
      return (area('boundaries') + area('chart-loss')) / (innerWidth * innerHeight);
    });
    expect(share).toBeGreaterThan(width < 600 ? 0.4 : 0.6);
  }
});

test('a link leads from the frame to the whole page, unless it is hidden', async ({ page, context }) => {
  const lab = await embed(page, 'preset=circle', 'embed=1&predict=1&hide=steps');
  const link = lab.locator('#whole');
  // The same preset and view, without what is about the frame.
  await expect(link).toHaveAttribute('href', '?preset=circle#predict=1&view=train');
  const [whole] = await Promise.all([context.waitForEvent('page'), link.click()]);
  await expect(whole.locator('.top')).toBeVisible();
  await expect(whole.locator('#lecture-cover')).toHaveText('Reveal');
  await expect(whole.locator('#lecture-title')).toHaveText('Ten times too far');
  await whole.close();
  const other = await embed(page, 'preset=circle', 'embed=1&hide=link');
  await expect(other.locator('#whole')).toBeHidden();
});

test('the calls of window.proxprop go over messages', async ({ page }) => {
  const lab = await embed(page, SHORT);
  const [ready] = await events(page, 'ready');
  expect(ready).toEqual({ proxprop: 1, event: 'ready', version: 1, error: null, origin: new URL(process.env.PROXPROP_SITE).origin });
  await expect(lab.locator('.top')).toBeHidden();
  await expect(lab.getByTestId('boundary')).toBeVisible();

  const { result } = await ask(page, 'step', 3);
  expect(result.step).toBe(3);
  expect(result.members.map((member) => member.rule)).toEqual(['backprop', 'prox-exact']);
  expect((await ask(page, 'seek', 1)).result.step).toBe(1);
  expect((await ask(page, 'frame')).result.step).toBe(1);
  expect(await ask(page, 'set', 'run1.tau', 0.5)).toHaveProperty('id');
  expect((await ask(page, 'state')).result.format).toBe('proxprop-state');
  expect(await ask(page, 'load', 'preset=small-steps')).not.toHaveProperty('error');
  expect((await ask(page, 'frame')).result.members[0].tau).toBe(0.3);
  // The view comes with a preset; the slide has its own words.
  expect(await ask(page, 'load', 'preset=valley')).not.toHaveProperty('error');
  await expect(lab.locator('#flow')).toBeVisible();
  await expect(lab.locator('#lecture')).toBeHidden();
  expect(await ask(page, 'load', 'preset=small-steps')).not.toHaveProperty('error');
  await expect(lab.locator('#train')).toBeVisible();

  expect(await ask(page, 'on', 'notice')).not.toHaveProperty('error');
  await ask(page, 'on', 'frame');
  await ask(page, 'step', 2);
  await expect.poll(async () => (await events(page, 'frame')).at(-1)?.value.step).toBe(2);
  await ask(page, 'off', 'frame');
  const heard = (await events(page, 'frame')).length;
  await ask(page, 'step', 2);
  expect(await events(page, 'frame')).toHaveLength(heard);

  for (const [call, words] of [
    [['load', 'preset=nothing'], 'known: circle'],
    [['set', 'run1.tau', 'much'], 'tau'],
    [['set', 'noise'], 'noise'],
    [['explode'], 'no such call; known: load, play'],
    [['on', 'click'], 'no such event; known: load'],
    [['seek', 'there'], 'is no step; allowed: a number'],
  ]) {
    expect((await ask(page, ...call)).error, call.join()).toContain(words);
  }
});

test('what is malformed or comes from elsewhere is ignored', async ({ page }) => {
  await embed(page, SHORT);
  const before = await page.evaluate(() => window.told.length);
  await page.evaluate(() => {
    const bad = [
      'slide:start', 17, null, [], {}, { proxprop: 1 }, { proxprop: 2, id: 1, call: 'step' }, { proxprop: '1', id: 1, call: 'step' },
      { proxprop: 1, id: 1 }, { proxprop: 1, call: 'step' }, { proxprop: 1, id: {}, call: 'step' }, { proxprop: 1, id: 1, call: 7 },
    ];
    bad.forEach((message) => window.post(message));
    // A frame beside the lab knows its window, and is not its parent.
    const other = document.body.appendChild(document.createElement('iframe'));
    other.contentWindow.eval("parent.document.getElementById('lab').contentWindow.postMessage({ proxprop: 1, id: 1, call: 'step' }, '*')");
  });
  // Messages come in order: when this one is answered, the others have been heard.
  expect((await ask(page, 'frame')).result.step).toBe(0);
  expect(await page.evaluate(() => window.told.length)).toBe(before + 1);

  for (const args of [[{ toString: null }], ['<img src=x onerror=owned>'], ['x'.repeat(100_000)], [null], [[[[]]]]]) {
    expect((await ask(page, 'load', ...args)).error.length).toBeLessThan(1000);
  }
  expect((await ask(page, 'frame')).result.step).toBe(0);
});

test('hostile texts in messages are only text', async ({ page }) => {
  const lab = await embed(page, SHORT);
  for (const text of HOSTILE) {
    for (const call of [['load', text], ['load', `data=${text}`], ['set', text, text], ['set', 'run1.rule', text], ['on', text], [text, text]]) {
      expect(typeof (await ask(page, ...call)).error, call.join()).toBe('string');
    }
  }
  expect((await ask(page, 'frame')).result.step).toBe(0);
  const frame = page.frames().find((frame) => frame.url().includes('#embed=1'));
  expect(await frame.evaluate(() => window.owned)).toBeUndefined();
  expect(await lab.locator('img[src="x"], [onerror], body script, iframe').count()).toBe(0);
});

test('an origin in the address is the only one that is heard and told', async ({ page }) => {
  const own = new URL(process.env.PROXPROP_ROOT).origin;
  await embed(page, SHORT, `embed=1&origin=${own}`);
  expect((await ask(page, 'step', 1)).result.step).toBe(1);

  const src = `${process.env.PROXPROP_SITE}?${SHORT}#embed=1&origin=https://elsewhere.example`;
  await page.evaluate((src) => {
    window.told.length = 0;
    window.show(src, 'width:900px;height:500px');
  }, src);
  await expect(page.frameLocator('#lab').getByTestId('status')).toHaveText('Ready');
  await page.evaluate(() => window.post({ proxprop: 1, id: 1, call: 'step' }));
  await page.frameLocator('#lab').getByTestId('step').click();
  await expect(page.frameLocator('#lab').getByTestId('status')).toHaveText('Paused at step 1');
  expect(await page.evaluate(() => window.told)).toEqual([]);
});

test('another origin in the address holds from then on', async ({ page }) => {
  const own = new URL(process.env.PROXPROP_ROOT).origin;
  const lab = await embed(page, SHORT, `embed=1&origin=${own}`);
  await ask(page, 'on', 'frame');
  const frame = page.frames().find((frame) => frame.url().includes('#embed=1'));
  const allow = (origin) => frame.evaluate((origin) => (location.hash = `embed=1&origin=${origin}`), origin);
  await allow('https://elsewhere.example');
  await page.evaluate(() => {
    window.told.length = 0;
    window.post({ proxprop: 1, id: 1, call: 'step' });
  });
  await lab.getByTestId('step').click();
  await expect(lab.getByTestId('status')).toHaveText('Paused at step 1');
  expect(await page.evaluate(() => window.told)).toEqual([]);
  await allow('nobody');
  await expect(lab.getByTestId('error')).toContainText('"nobody" is no origin');
  await allow(own);
  expect((await ask(page, 'step', 1)).result.step).toBe(2);
  await expect.poll(() => events(page, 'frame')).not.toHaveLength(0);
});

test('it waits to be seen', async ({ page }) => {
  const lab = await embed(page, 'preset=circle', 'embed=1&play=1', 3000);
  await expect(lab.getByTestId('status')).toHaveText('Paused while hidden');
  expect((await ask(page, 'frame')).result.step).toBe(0);
  await page.locator('#lab').scrollIntoViewIfNeeded();
  await expect(lab.getByTestId('status')).toHaveText('Playing');
  await expect.poll(async () => (await ask(page, 'frame')).result.step).toBeGreaterThan(5);
  await page.evaluate(() => window.scrollTo(0, 0));
  await expect(lab.getByTestId('status')).toHaveText('Paused while hidden');
});

test('the keyboard is not taken, and Escape gives it back', async ({ page }) => {
  const lab = await embed(page, SHORT);
  expect(await page.evaluate(() => document.activeElement.tagName)).toBe('BODY');
  await lab.getByTestId('step').click();
  expect(await page.evaluate(() => document.activeElement.id)).toBe('lab');
  await page.keyboard.press('Escape');
  await expect.poll(() => events(page, 'escape')).toHaveLength(1);
  await lab.getByTestId('chart-loss').focus();
  await page.keyboard.press('ArrowRight');
  await expect(lab.locator('#chart-loss .readout')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect.poll(() => events(page, 'escape')).toHaveLength(2);
  await expect(lab.locator('#chart-loss .readout')).toBeHidden();
  await lab.getByTestId('step').click();
  await page.keyboard.press('PageDown');
  await expect.poll(async () => (await events(page, 'key')).map((m) => m.key)).toEqual(['PageDown']);
});

test('?embed=1 is understood as well', async ({ page }) => {
  await embed(page, `${SHORT}&embed=1`, '');
  const [ready] = await events(page, 'ready');
  expect(ready.error).toBeNull();
});

test('an address that makes no sense is said with ready', async ({ page }) => {
  await embed(page, 'preset=nothing');
  const [ready] = await events(page, 'ready');
  expect(ready.error).toContain('known: circle');
});

test('the deck of examples/slides runs three presets and keeps the keyboard', async ({ page }) => {
  execFileSync('node', ['build.js'], { cwd: join(root, 'examples/slides') });
  await page.goto('./slides/');
  await expect(page.locator('h1')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  const first = page.frameLocator('section.present iframe');
  await expect(first.getByTestId('status')).toHaveText('Ready');
  // The fragment plays.
  await page.keyboard.press('ArrowRight');
  await expect(first.getByTestId('status')).toHaveText(/Playing|Finished/);
  await first.getByTestId('chart-loss').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  const second = page.frameLocator('section.present iframe');
  await expect(second.locator('#one-staircase canvas')).toBeVisible();
  // A clicker's key from inside the lab turns the page.
  await second.locator('#one-forward').click();
  await page.keyboard.press('PageDown');
  const third = page.frameLocator('section.present iframe[title="A quadratic valley"]');
  await expect(third.locator('#flow-map canvas')).toBeVisible();
  await expect(third.locator('#flow-settings')).toBeHidden();
  await page.keyboard.press('PageUp');
  await expect(page.locator('section.present iframe')).toHaveAttribute('title', 'One step in its sub-steps');
});
