// The view of related systems: a module of its own, fetched when it is opened, and a run like any other.
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { csv, mapCsv } from '../native.js';
import { expect, test } from '../site.js';

const RUN =
  'v=1&system=auc&data=islands&steps=300&p=0.05&seed=1&features=rbf&side=6&width=0.7' +
  '&run=explicit,sched:sqrt,eta0:2,l1:0.01&run=prox,sched:sqrt,eta0:2,l1:0.01&change=150,2,eta0:1';

test('the module comes when the view is opened, and not before', async ({ lab, page }) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await lab.open('v=1');
  const parts = () => asked.filter((url) => url.includes('/related'));
  expect(parts()).toEqual([]);
  await page.locator('#tab-related').click();
  await expect(page.getByRole('heading', { name: 'Ranking a rare class' })).toBeVisible();
  expect(parts().length).toBe(2);
  // The first screen has no run of its own.
  expect(await lab.address()).toContain('data=');
  await page.getByRole('button', { name: 'Open Ranking a rare class' }).click();
  await lab.addressHas('system=auc');
  // Back to the cards, and they stay.
  const cards = page.getByRole('heading', { name: 'Ranking a rare class' });
  await page.getByRole('button', { name: 'All systems' }).click();
  await expect.poll(() => lab.address()).not.toContain('system=');
  await expect(cards).toBeVisible();
  await page.getByRole('button', { name: 'Which bumps does it need?' }).click();
  await lab.addressHas('preset=zeros');
  await expect(page.locator('#lecture-question')).toContainText('Which of the 36 bumps');
  await expect(cards).toBeHidden();
  await page.locator('#tab-train').click();
  await expect.poll(() => lab.address()).not.toMatch(/system=|preset=/);
  // The question waits where its run is.
  await expect(page.locator('#lecture')).toBeHidden();
});

test('systems are in the gallery, in lessons, and covered until they are revealed', async ({ lab, page }) => {
  await page.goto('./#lesson=zeros;circle;?system=auc%26steps=200%26run=prox,l1:0.02&predict=1');
  await lab.ready();
  await lab.addressHas('preset=zeros');
  await expect(page.locator('#lecture-place')).toHaveText('1 of 3');
  await expect(page.locator('#related .boundary')).toHaveCount(2);
  const field = page.locator('#related .field canvas').first();
  await expect(field).toBeHidden();
  await page.keyboard.press('PageDown');
  await expect(field).toBeVisible();
  await expect(page.locator('#play')).toHaveAttribute('data-playing', 'true');
  await page.keyboard.press('PageDown');
  await expect(page.locator('#lecture-answer-text')).toContainText('jump over zero');
  await page.keyboard.press('PageDown');
  await expect(page.locator('#train')).toBeVisible();
  await lab.addressHas('preset=circle');
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('PageDown');
  await expect(page.locator('#lecture-place')).toHaveText('3 of 3');
  await lab.addressHas('steps=200');
  await expect(page.locator('#related .boundary')).toHaveCount(1);
  // The gallery has them under their name; in a lesson in the making, too.
  await page.locator('#presets-open').click();
  await expect(page.locator('#preset-list .group').first()).toContainText('Ranking a rare class');
  await page.locator('#lesson-add').click();
  await page.getByLabel('The rarer the class in the lesson').check();
  const made = new URL(await page.locator('#lesson-link').inputValue());
  expect(decodeURIComponent(made.hash)).toContain('#lesson=?v=1&system=auc');
  expect(made.hash).toMatch(/;rare&/);
});

test('what is covered is told in no words either, until it is revealed', async ({ lab, page }) => {
  await page.goto('./?preset=shrink#view=related&predict=1');
  await lab.ready();
  await expect(page.locator('html')).toHaveAttribute('data-covered', 'true');
  await page.evaluate(() => window.proxprop.step(1e6));
  const frame = await lab.frame();
  expect(frame.columns.some((column) => column.diverged_at > 0)).toBe(true);
  const plane = page.locator('#related .field').first();
  await expect(plane).toHaveAttribute('aria-description', 'Score over the plane');
  // The voice speaks when frames are drawn.
  await page.evaluate(async () => {
    for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
  });
  await expect(page.getByTestId('voice')).toHaveText('');
  await page.locator('#lecture-cover').click();
  await expect(page.getByTestId('voice')).toContainText('diverged at step');
  await expect(plane).toHaveAttribute('aria-description', /weights are not 0/);
});

test('a run that is played while it is covered goes on', async ({ lab, page }) => {
  await page.goto('./?preset=shrink#view=related&predict=1');
  await lab.ready();
  await expect(page.locator('html')).toHaveAttribute('data-covered', 'true');
  await page.getByTestId('play').click();
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(20);
  await expect(page.locator('html')).toHaveAttribute('data-covered', 'true');
});

test('a value in a picture is told for what it is', async ({ lab, page }) => {
  const read = async (query, name, words) => {
    await lab.open(query);
    await lab.step(4);
    const plane = page.locator(`#related-plane-${name}-1`);
    await plane.focus();
    await page.keyboard.press('ArrowRight');
    await expect(plane.locator('.answer')).toHaveText(words);
  };
  const flat = 'v=1&system=flat&n=24&valid=40&width=6&steps=40&attack=3&starts=1&run=plain';
  await read(flat, 'probability', /^\(0\.\d\d, -?0\.\d\d\): class 2’s probability 0(\.\d+)?$|^.*probability 1$/);
  await read(flat, 'steepness', /: the margin’s steepness \d/);
  await read('system=auc&steps=50&run=prox', 'plane', /: score −?\d/);
});

test('an address opens it; what is seen again is what was seen, and its CSV is the command line’s', async ({ lab, page }) => {
  await page.goto(`./?${RUN}`);
  await lab.ready();
  await expect(page.locator('#related .boundary')).toHaveCount(2);
  const at = async (step) => page.evaluate((step) => window.proxprop.seek(step), step);
  const before = await at(170);
  expect(before).toMatchObject({ system: 'auc', step: 170 });
  await at(300);
  await expect(page.locator('#status')).toHaveText('Finished');
  await page.locator('#share-open').click();
  // What is as usual is left out.
  expect(await page.locator('#share-link').inputValue()).toContain(
    '?v=1&system=auc&steps=300&run=explicit,l1:0.01&run=prox,l1:0.01&change=150,2,eta0:1',
  );
  const download = page.waitForEvent('download');
  await page.locator('#share-csv').click();
  expect(readFileSync(await (await download).path(), 'utf8')).toBe(csv(RUN));
  // Its numbers open the run again, where it stood.
  const report = page.waitForEvent('download');
  await page.locator('#share-state').click();
  const file = await (await report).path();
  await page.keyboard.press('Escape');
  await page.evaluate(() => window.proxprop.load('system=auc&run=prox'));
  await expect(page.locator('#related .boundary')).toHaveCount(1);
  await page.locator('#share-open').click();
  await page.locator('#share-file').setInputFiles({ name: 'report.json', mimeType: 'application/json', buffer: readFileSync(file) });
  await lab.addressHas('change=150,2,eta0:1');
  await expect.poll(async () => (await lab.frame())?.step).toBe(300);
  // A script's promise is kept once it stands there.
  await page.evaluate((report) => window.proxprop.load(report), readFileSync(file, 'utf8'));
  expect((await lab.frame()).step).toBe(300);
  await at(20);
  expect(await at(170)).toEqual(before);
  // From here another way; the old one stays as a ghost.
  await page.evaluate(() => window.proxprop.set('run1.eta0', '5'));
  await lab.addressHas('change=170,1,eta0:5');
  // Its name has a switch, and the change its mark on the timeline.
  await expect(page.locator('#timeline-marks .mark').last()).toHaveAttribute('title', 'run 1: eta0 5 from step 170');
  await page.getByLabel('before run1.eta0 = 5 at step 170').uncheck();
  await page.locator('#play').click();
  await expect(page.locator('#play')).toHaveAttribute('data-playing', 'true');
});

test('a link that was damaged on its way is repaired, and that is said', async ({ lab, page }) => {
  await page.goto('./?v=1&system=auc&steps=300&run=prox,l1:0.02&utm_source=mail.');
  await lab.ready();
  await expect(page.locator('#related .boundary')).toHaveCount(1);
  await expect(page.getByTestId('notice')).toContainText('This link was repaired on arrival');
  await lab.addressHas('steps=300');
  expect(await lab.address()).not.toContain('utm_source');
  // A run twice, and without the first.
  await page.getByRole('button', { name: 'Duplicate prox' }).click();
  await expect(page.locator('#related .boundary')).toHaveCount(2);
  // The form is made anew; the focus stays.
  await expect(page.getByRole('button', { name: 'Duplicate prox no. 1' })).toBeFocused();
  await page.getByRole('button', { name: 'Remove prox no. 1' }).click();
  await expect(page.locator('#related .boundary')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Remove prox' })).toBeDisabled();
});

test.describe('what is refused', () => {
  test('is said in words, and what stood there stays', async ({ lab, page }) => {
    await page.goto('./?v=1&system=auc&p=7');
    await lab.ready();
    await expect(page.getByTestId('error')).toContainText('p: "7" is out of range');
    expect(await page.evaluate(() => location.search)).toContain('p=7');
    const said = await page.evaluate(() => window.proxprop.load('system=nothing').catch(({ message }) => message));
    expect(said).toContain('system: "nothing" is unknown; known: auc');
    await page.evaluate((run) => window.proxprop.load(run), RUN);
    // What is refused later leaves it, and the address.
    expect(await page.evaluate(() => window.proxprop.load('system=auc&p=8').catch(({ message }) => message))).toContain('p: "8"');
    await lab.addressHas('run=explicit,sched:sqrt,eta0:2,l1:0.01');
    await expect(page.locator('#related .boundary')).toHaveCount(2);
    const field = page.locator('#related1-eta0');
    await field.fill('-1');
    await field.press('Enter');
    await expect(page.locator('#related .refusal')).toContainText('eta0');
    expect((await lab.frame()).step).toBe(0);
  });
});

test('of two runs that are loaded at once each promise is settled for its own', async ({ lab, page }) => {
  await lab.open('v=1');
  const load = (queries) => page.evaluate((queries) => Promise.all(queries.map((query) => window.proxprop.load(query).then(() => 'there', ({ message }) => message))), queries);
  // Before the module is there, and after that.
  for (const run of [RUN, `${RUN}&change=200,1,eta0:1`]) {
    const [refused, there] = await load(['system=auc&p=7', run]);
    expect(refused).toContain('p: "7"');
    expect(there).toBe('there');
    await expect.poll(() => lab.address()).toBe(run);
  }
});

test.describe('what breaks', () => {
  // A reload may cut off the look for another build.
  test.use({ provoked: /related_bg|Failed to load|ERR_FAILED|ERR_ABORTED|panicked|unreachable|index\.html has #related-|crash on purpose/ });

  test('a module that does not come is told, with an offer to reload', async ({ page, lab }) => {
    await page.route(/related_bg.*\.wasm$/, (route) => route.abort());
    await page.goto(`./?${RUN}`);
    await lab.ready();
    const view = page.locator('#related');
    await expect(view).toContainText('This view could not be loaded');
    await page.unroute(/related_bg.*\.wasm$/);
    await view.getByRole('button', { name: 'Reload' }).click();
    await expect(page.locator('#related .boundary')).toHaveCount(2);
  });

  test('a fault of the module ends in a sentence', async ({ page, lab }) => {
    await page.goto(`./?${RUN}`);
    await lab.ready();
    await expect(page.locator('#related .boundary')).toHaveCount(2);
    await page.evaluate(() => {
      document.getElementById('related-systems').id = 'moved';
      window.proxprop.load('system=auc').catch(() => {});
    });
    await expect(page.locator('#fault')).toContainText('a fault of its own');
  });

  for (const query of [RUN, 'preset=zeros']) {
    test(`a worker that stops is told, breaks its promises, and another takes up the run: ${query}`, async ({ page, lab }) => {
      await page.goto(`./?${query}`);
      await lab.ready();
      await page.evaluate(() => window.proxprop.seek(120));
      const workers = page.workers();
      const crash = (worker) => worker.evaluate(() => void setTimeout(() => { throw new Error('crash on purpose'); }));
      // The last one hired is the view's.
      await crash(workers[workers.length - 1]);
      const restart = page.getByRole('button', { name: 'Restart' }).locator('visible=true');
      await expect(restart).toBeVisible();
      await expect(page.locator('#related .story').first()).toContainText('has stopped');
      expect(await page.evaluate(() => window.proxprop.step(1).catch(({ message }) => message))).toContain('stopped');
      await restart.click();
      await expect(restart).toBeHidden();
      await expect.poll(async () => (await lab.frame()).step).toBe(120);
    });
  }

  test('what is drawn while no worker listens the next one is told', async ({ page, lab }) => {
    await page.goto('./?system=auc&steps=50&run=prox&data=points&points=0:-0.5,0;-0.4,0.3/1:0.5,0');
    await lab.ready();
    await page.locator('#related-draw-open').click();
    const field = page.locator('#related-boundaries .field').first();
    const draw = async (x, y) => {
      const { width, height } = await field.boundingBox();
      await field.click({ position: { x: x * width, y: y * height } });
    };
    const count = async () => (new URLSearchParams(await lab.address()).get('points') ?? '').split(/[;/]/).length;
    await draw(0.2, 0.2);
    await expect.poll(count).toBe(4);
    const workers = page.workers();
    await workers[workers.length - 1].evaluate(() => void setTimeout(() => { throw new Error('crash on purpose'); }));
    const restart = page.getByRole('button', { name: 'Restart' }).locator('visible=true');
    await expect(restart).toBeVisible();
    await draw(0.8, 0.2);
    await restart.click();
    await expect.poll(count).toBe(5);
    await draw(0.8, 0.6);
    await expect.poll(count).toBe(6);
  });
});

for (const [link, query, hash] of [
  ['?system=vsml&predict=1', 'system=vsml', 'predict=1'],
  ['?system=vsml&amp;predict=1', 'system=vsml', 'predict=1'],
  ['?preset=zeros&predict=1', 'preset=zeros', 'predict=1'],
  ['?system=auc&theme=dark&embed=1', 'system=auc', 'theme=dark&embed=1'],
]) {
  test(`what ${link} says of how it is looked at is kept`, async ({ lab, page }) => {
    await page.goto(`./${link}`);
    await lab.ready();
    await lab.addressHas(query);
    expect(await page.evaluate(() => location.hash)).toContain(hash);
    const root = page.locator(':root');
    if (hash === 'predict=1') {
      await expect(root).toHaveAttribute('data-covered', 'true');
      await expect(page.locator('#related .field canvas').first()).toBeHidden();
      await expect(page.getByTestId('notice')).toContainText('moved predict behind #');
    } else {
      await expect(root).toHaveAttribute('data-theme', 'dark');
      await expect(root).toHaveAttribute('data-embed', /.*/);
    }
    await expect(page.getByTestId('error')).toBeHidden();
    await expect(page.locator('#lecture-question')).toContainText(link.includes('zeros') ? 'bumps' : link.includes('predict') ? 'Say it first' : '');
  });
}

test('a preset of a system is opened by its name alone, and plays where the link says so', async ({ lab, page }) => {
  await page.goto('./?preset=zeros&play=1');
  await lab.ready();
  await lab.addressHas('preset=zeros');
  await expect(page.locator('#lecture-question')).toContainText('Which of the 36 bumps');
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(0);
  await page.evaluate(() => window.proxprop.load('preset=rare'));
  await expect(page.locator('#lecture-title')).toContainText('The rarer the class');
});

test('a preset’s question comes back with a reload and goes with its link, as long as the run is the preset’s', async ({ lab, page }) => {
  const question = page.locator('#lecture-question');
  const search = () => page.evaluate(() => location.search);
  const shared = async () => {
    await page.locator('#share-open').click();
    const link = await page.locator('#share-link').inputValue();
    const hint = await page.locator('#share-hint').textContent();
    await page.keyboard.press('Escape');
    return [link, hint];
  };
  await page.goto('./#view=related');
  await lab.ready();
  await page.getByRole('button', { name: 'The rarer the class' }).click();
  await expect.poll(search).toBe('?preset=rare');
  await lab.ready();
  // The pictures of the cards may be in the making.
  await expect.poll(async () => (await lab.frame())?.system, { timeout: 30_000 }).toBe('auc');
  await page.evaluate(() => window.proxprop.step(5));
  // Steps and what is looked at change no run.
  expect(await search()).toBe('?preset=rare');
  const [link, hint] = await shared();
  expect(link).toMatch(/\?preset=rare#.*view=related/);
  expect(hint).toContain('with its question');
  await page.reload();
  await lab.ready();
  await expect.poll(search).toBe('?preset=rare');
  await expect(question).toContainText('which arrow has turned');
  await page.goto(link);
  await lab.ready();
  await expect(question).toContainText('which arrow has turned');
  await expect(page.locator('#lecture-place')).not.toContainText('changed');
  // Another run has a text of its own, until it is the preset's again.
  await page.evaluate(() => window.proxprop.set('p', '0.5'));
  await expect.poll(search).toContain('v=1&system=auc&data=needle');
  await expect(page.locator('#lecture-place')).toContainText('changed');
  const [other, plain] = await shared();
  expect(other).toContain('&p=0.5');
  expect(plain).not.toContain('question');
  await page.evaluate(() => window.proxprop.set('p', '0.02'));
  await expect.poll(search).toBe('?preset=rare');
  // Opened by its system's name and its own, too.
  await page.goto('./?system=wgan-prox&preset=five-names');
  await lab.ready();
  await expect.poll(search).toBe('?preset=five-names');
  await expect(question).toContainText('which methods notice');
});

test('generators in Wasserstein space: pictures, a preset, the transport', async ({ lab, page }) => {
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto('./?system=wgan-prox&preset=five-steps&steps=40&width=8&batch=16');
  await lab.ready();
  await expect(page.locator('#related .boundary')).toHaveCount(3);
  await expect(page.locator('#related .charts h3').filter({ hasText: 'Inside the last outer step' })).toBeVisible();
  await page.locator('#step').click();
  await expect.poll(async () => (await lab.frame()).step).toBe(1);
  await page.locator('#play').click();
  await expect(page.locator('#status')).toHaveText('Finished');
  const end = (await lab.frame()).columns.map(({ numbers }) => numbers.find(({ key }) => key === 'energy').value);
  await page.evaluate(() => window.proxprop.seek(3));
  await page.evaluate(() => window.proxprop.seek(40));
  expect((await lab.frame()).columns.map(({ numbers }) => numbers.find(({ key }) => key === 'energy').value)).toEqual(end);
  // Points of one's own are those of the page's own run.
  await page.locator('#related-take-points').evaluate((button) => button.click());
  await lab.addressHas('target=points&points=0:');
  // The other view has other pictures, two of each run.
  await page.evaluate(() => window.proxprop.load('system=wgan-prox&preset=five-names'));
  await expect(page.locator('#related .boundaries .panel')).toHaveCount(10);
  expect(faults).toEqual([]);
});

test('a map of a system: its cells are those of the command line, and a cell is a run', async ({ lab, page }) => {
  const map = 'v=1&system=auc&steps=100&run=explicit&run=prox,sched:const&map=2,eta0:0.1..1000*5,p:0.2..0.5*2';
  await page.goto('./?system=auc&steps=100&run=explicit&run=prox,sched:const');
  await lab.ready();
  const root = page.locator('#related-map');
  await root.locator('summary').click();
  // Unfolded it is a map of what usually matters, in the address.
  await lab.addressHas('map=1,eta0:0.01..100*16');
  await page.evaluate((query) => window.proxprop.load(query), map);
  await expect(page.locator('#related-map-count')).toHaveText('10 of 10 cells');
  await expect(page.locator('#related-map-said')).toContainText('diverged');
  const saved = page.waitForEvent('download');
  await page.locator('#related-map-csv').click();
  expect(readFileSync(await (await saved).path(), 'utf8')).toBe(mapCsv(map));
  // A refusal stands beside the field; another axis takes its place in the address.
  await page.locator('#related-map-x-count').fill('1');
  await page.keyboard.press('Enter');
  await expect(root.locator('.refusal')).toContainText('allowed: 2 to 1024');
  await page.locator('#related-map-x').selectOption('l1');
  await lab.addressHas('map=2,l1:0.0001..0.1*16');
  await expect(page.locator('#related-map-count')).toHaveText('32 of 32 cells');
  await page.locator('#related-map-chart').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Home');
  await expect(page.locator('#related-map-cell-values')).toContainText('0.0001');
  await page.keyboard.press('Enter');
  await lab.addressHas('run=prox,sched:const,eta0:2,l1:0.0001&');
  await expect(page.locator('#status')).toHaveText('Finished');
  await root.locator('summary').click();
  await expect.poll(() => lab.address()).not.toContain('map=');
});

for (const width of [1280, 360]) {
  test(`axe finds nothing and nothing hangs over, ${width} wide`, async ({ lab, page }) => {
    await page.emulateMedia({ colorScheme: width === 360 ? 'dark' : 'light' });
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`./?${RUN}&map=2,eta0:0.1..100*4,l1:0..0.05*3`);
    await lab.ready();
    await page.evaluate(() => window.proxprop.seek(100));
    await expect(page.locator('#related-map-count')).toHaveText('12 of 12 cells');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });
}

test('what is refused stays in its field with why while the runs play, until it is mended', async ({ lab, page }) => {
  await page.goto('./?system=flat');
  await lab.ready();
  await page.locator('#play').click();
  await expect(page.locator('#play')).toHaveAttribute('data-playing', 'true');
  const field = page.locator('#related1-tau');
  const was = await field.inputValue();
  await field.fill('abc');
  await field.press('Enter');
  const why = page.locator('#related1-tau-refused');
  await expect(why).toContainText('"abc"');
  // What comes with the steps leaves both alone; another field's value, too.
  const { step } = await lab.frame();
  await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(step + 5);
  await expect(field).toHaveValue('abc');
  await expect(why).toBeVisible();
  await page.locator('#related2-tau').fill('0.02');
  await page.locator('#related2-tau').press('Enter');
  await lab.addressHas('0.02');
  await expect(field).toHaveValue('abc');
  await expect(why).toBeVisible();
  // Closed, the field shows what holds; mended, it says no more.
  await why.getByRole('button', { name: 'Close' }).click();
  await expect(why).toHaveCount(0);
  await expect(field).toHaveValue(was);
  await field.fill('abc');
  await field.press('Enter');
  await expect(why).toBeVisible();
  await field.fill('0.05');
  await field.press('Enter');
  await expect(why).toHaveCount(0);
  await lab.addressHas('0.05');
  // What a script sets is what holds.
  await field.fill('abc');
  await field.press('Enter');
  await expect(why).toBeVisible();
  await page.evaluate(() => window.proxprop.set('run1.tau', '0.03'));
  await expect(field).toHaveValue('0.03');
  await expect(why).toHaveCount(0);
});

test('what is opened from a card begins at the top with the focus on Play, and the way back leads to the card', async ({ lab, page }) => {
  const top = () => page.evaluate(() => document.scrollingElement.scrollTop);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('./#view=related');
  const open = page.locator("#related .systems [data-system$='system=flat']");
  await open.focus();
  expect(await top()).toBeGreaterThan(500);
  await page.keyboard.press('Enter');
  await lab.addressHas('system=flat');
  await expect(page.locator('#play')).toBeFocused();
  expect(await top()).toBe(0);
  // A change of the run moves nothing.
  const field = page.locator('#related1-tau');
  await field.fill('0.02');
  const before = await top();
  expect(before).toBeGreaterThan(0);
  await field.press('Enter');
  await lab.addressHas('0.02');
  await expect(field).toBeFocused();
  expect(await top()).toBe(before);
  await page.getByRole('button', { name: 'All systems' }).click();
  await expect(open).toBeFocused();
  await expect(open).toBeInViewport();
  await page.locator("#related .systems [data-preset='curvature-twice']").click();
  await expect(page.locator('#lecture-question')).toBeInViewport();
  await expect(page.locator('#play')).toBeFocused();
  expect(await top()).toBe(0);
});

for (const [look, width, height] of [['light', 390, 844], ['projector', 1024, 768]]) {
  test(`what has the focus is not behind the answer of a question, ${look} at ${width}`, async ({ lab, page }) => {
    await page.setViewportSize({ width, height });
    await page.goto(`./?system=flat&preset=curvature-twice#theme=${look}`);
    await lab.ready();
    await page.locator('#lecture-answer summary').click();
    const answer = page.locator('#lecture-answer-text');
    await expect(answer).toBeVisible();
    const end = () => answer.evaluate((card) => card.getBoundingClientRect().top);
    const bottom = (place) => place.evaluate((element) => element.getBoundingClientRect().bottom);
    const field = page.locator('#related1-tau');
    await field.fill('abc');
    await field.press('Enter');
    const why = page.locator('#related1-tau-refused');
    await expect(why).toBeVisible();
    expect(await bottom(field)).toBeLessThan(await end());
    await expect.poll(() => bottom(why)).toBeLessThan(await end());
    // One control after the other, to the last.
    const [behind, seen] = [[], new Set()];
    for (let press = 0; press < 60; press += 1) {
      await page.keyboard.press('Tab');
      const { name, box, of } = await page.evaluate(() => {
        const element = document.activeElement;
        const { bottom } = element.getBoundingClientRect();
        return { name: element.id || element.outerHTML.slice(0, 60), box: bottom, of: element.closest('#lecture, body > footer') || element === document.body ? 'bar' : 'page' };
      });
      if (of === 'bar') break;
      seen.add(name);
      if (box > (await end()) + 1) behind.push(`${name} at ${box}`);
    }
    expect(behind).toEqual([]);
    expect(seen.size).toBeGreaterThan(10);
    // Nor is one card on the other.
    for (let press = 0; press < 60 && !(await page.locator('#notice').isVisible()); press += 1) await page.keyboard.press('PageDown');
    await expect(page.locator('#notice')).toContainText('This was the last preset');
    await expect(answer).toBeVisible();
    await expect.poll(async () => (await bottom(page.locator('#notice'))) <= (await end())).toBe(true);
  });
}


test('a choice has room for its value', async ({ lab, page }) => {
  for (const preset of ['another-rule', 'up-and-down']) {
    await page.setViewportSize({ width: 1024, height: 768 });
    await page.goto(`./?preset=${preset}#theme=projector`);
    await lab.ready();
    const select = page.locator('#related .card select').first();
    await expect(select).toBeVisible();
    for (const box of await page.locator('#related .card select:visible').evaluateAll((all) => all.map((one) => one.clientWidth))) {
      expect(box).toBeGreaterThan(100);
    }
  }
});

test('a load that is refused leaves the question and the address of what is shown', async ({ lab, page }) => {
  const refuse = () => page.evaluate(() => window.proxprop.load('system=nosuch').catch(({ message }) => message));
  const question = page.locator('#lecture-question');
  await page.goto('./?system=auc&preset=shrink');
  await lab.ready();
  await expect(question).toBeVisible();
  await lab.addressHas('preset=shrink');
  const [words, address] = [await question.textContent(), await page.evaluate(() => location.href)];
  expect(await refuse()).toContain('nosuch');
  await expect(question).toHaveText(words);
  await expect(page.locator('#lecture-place')).not.toContainText('changed');
  expect(await page.evaluate(() => location.href)).toBe(address);
  // The page's own run keeps its own, too, behind the cards.
  await page.goto('./?preset=circle');
  await lab.ready();
  expect(await refuse()).toContain('nosuch');
  await expect(page.locator('#related')).toBeVisible();
  await lab.addressHas('preset=circle');
  await page.locator('#tab-train').click();
  await expect(question).toBeVisible();
});
