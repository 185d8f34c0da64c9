// Points of one's own in the view of related systems: drawn on its pictures, pasted, dropped; and how its runs end.
import { trained } from '../native.js';
import { expect, test } from '../site.js';

const SYSTEMS = {
  auc: 'system=auc&steps=200&run=explicit&run=prox',
  'wgan-prox': 'system=wgan-prox&steps=100&run=explicit&run=prox',
  flat: 'system=flat&steps=50&run=plain',
  vsml: 'system=vsml&scene=rule&samples=50&run=sgd',
};

/** The points of the address: class and place. */
async function points(lab) {
  const text = new URLSearchParams(await lab.address()).get('points') ?? '';
  if (!text) return [];
  return text.split('/').flatMap((group) => {
    const [kind, places] = group.split(':');
    return places.split(';').map((place) => [kind, ...place.split(',').map(Number)]);
  });
}

/** A place on a panel, in CSS pixels, of coordinates in the square that is drawn on. */
async function on(page, x, y, panel = 0) {
  const field = page.locator('#related-boundaries .field').nth(panel);
  await field.scrollIntoViewIfNeeded();
  const box = await field.boundingBox();
  return [box.x + ((x + 1.5) / 3) * box.width, box.y + ((1.5 - y) / 3) * box.height];
}

async function give(page, kind, text, name = 'points.csv') {
  await page.evaluate(
    ([kind, text, name]) => {
      const data = new DataTransfer();
      if (kind === 'paste') data.setData('text', text);
      else data.items.add(new File([text], name));
      const event =
        kind === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
    },
    [kind, text, name],
  );
}

const TABLE = ['x,y,kind', ...Array.from({ length: 40 }, (_, i) => `${Math.cos(i).toFixed(3)},${Math.sin(i).toFixed(3)},${i % 4 ? 'many' : 'few'}`)].join('\n');

for (const [system, query] of Object.entries(SYSTEMS)) {
  test(`points are drawn on the pictures of ${system}, and the link has them`, async ({ lab, page }) => {
    await page.goto(`./?${query}`);
    await lab.ready();
    await page.locator('#related-draw-open').click();
    await expect(page.locator('#related-draw-bar')).toBeVisible();
    await page.mouse.click(...(await on(page, -0.9, 0.3)));
    await page.mouse.click(...(await on(page, -0.6, -0.3)));
    if (system === 'wgan-prox') {
      // The class of a target point is nothing to it.
      await expect(page.locator('#related-draw-classes')).toBeHidden();
    } else {
      await page.locator('#related-draw-classes label').nth(1).click();
    }
    await page.mouse.click(...(await on(page, 0.6, -0.9)));
    await expect.poll(async () => (await points(lab)).length).toBe(3);
    const [kind, x, y] = (await points(lab)).at(-1);
    expect(kind).toBe(system === 'wgan-prox' ? '0' : '1');
    expect(Math.abs(x - 0.6)).toBeLessThan(0.03);
    expect(Math.abs(y + 0.9)).toBeLessThan(0.03);
    await page.locator('#related-draw-undo').click();
    // A margin is between two classes, and so is a rank: the run waits, and says for what.
    const waits = { flat: 'points of class 1 (0:) and of class 2 (1:)', auc: 'some points of class 2 (rare=1, 1:) and some of others' }[system];
    if (waits) {
      await expect(page.locator('#related-draw-said')).toContainText(waits);
    } else {
      await expect.poll(async () => (await points(lab)).length).toBe(2);
    }
    await page.locator('#related-draw-redo').click();
    await expect.poll(async () => (await points(lab)).length).toBe(3);
    await page.locator('#related-draw-done').click();
    await expect(page.locator('#related-draw-bar')).toBeHidden();
    const address = await lab.address();
    const drawn = await page.evaluate(() => window.proxprop.step(20));
    await page.goto(`./?${address}`);
    await lab.ready();
    expect(await page.evaluate(() => window.proxprop.step(20)), 'the link replays the drawing').toEqual(drawn);
  });
}

test('points are drawn by keys, and no key of the page gets in the way', async ({ lab, page }) => {
  await page.goto(`./?${SYSTEMS.auc}&data=points&points=0:-0.5,0;-0.4,0.3/1:0.5,0`);
  await lab.ready();
  await page.locator('#related-draw-open').click();
  const field = page.locator('#related-boundaries .field').first();
  await field.focus();
  await page.keyboard.press('2');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await points(lab)).length).toBe(4);
  expect((await points(lab)).at(-1)[0]).toBe('1');
  await page.keyboard.press(' ');
  await expect.poll(async () => (await points(lab)).length).toBe(5);
  expect((await lab.frame()).step, 'the space bar draws and does not play').toBe(0);
  await page.keyboard.press('Delete');
  await expect.poll(async () => (await points(lab)).length).toBe(4);
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await points(lab)).length).toBe(5);
  // What is picked up goes along with the mark.
  await page.locator('#related-draw-tool-drag').check();
  await field.focus();
  const before = (await points(lab)).at(-1);
  await page.keyboard.press('Enter');
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await points(lab)).at(-1)[1]).toBeGreaterThan(before[1] + 0.2);
  await page.keyboard.press('Escape');
  await expect(page.locator('#related-draw-bar')).toBeHidden();
});

test('a system that takes no points has nothing to draw with', async ({ lab, page }) => {
  await page.goto('./?system=interlocking');
  await lab.ready();
  await expect(page.locator('#related-draw-open')).toBeHidden();
  await give(page, 'drop', TABLE);
  await expect(page.locator('#error')).toContainText('takes no points of one');
  expect(await lab.address()).toContain('system=interlocking');
});

test('a table that is pasted or dropped becomes the points of the system in front', async ({ lab, page }) => {
  for (const [query, kind, told] of [
    [SYSTEMS.auc, 'paste', '40 points; classes 1 = few, 2 = many, of 10, 30 rows'],
    // A class is nothing to its target.
    [SYSTEMS['wgan-prox'], 'drop', 'What column 3 (kind) says is nothing to this system.'],
  ]) {
    await page.goto(`./?${query}`);
    await lab.ready();
    await give(page, kind, TABLE);
    await expect(page.getByTestId('notice')).toContainText(told);
    await expect.poll(async () => (await points(lab)).length).toBe(40);
    expect(await lab.address()).toContain(`system=${query.match(/system=([a-z-]+)/)[1]}`);
    await give(page, kind, 'x,y,kind\n1,2,a\n3,oops,b\n4,5,c\n');
    await expect(page.locator('#error')).toContainText('line 3');
    expect((await points(lab)).length, 'nothing is lost').toBe(40);
  }
});

test('columns that are not obvious are asked for, and chosen for the system in front', async ({ lab, page }) => {
  await page.goto(`./?${SYSTEMS.auc}`);
  await lab.ready();
  const rows = Array.from({ length: 40 }, (_, i) => `9,${Math.cos(i).toFixed(3)},${Math.sin(i).toFixed(3)},${i % 4 ? 'many' : 'few'},${i}`);
  await give(page, 'drop', ['p,q,r,kind,n', ...rows].join('\n'));
  const chooser = page.locator('#columns');
  await expect(chooser).toContainText('has 5 columns. Which are x, y and the label?');
  await expect(page.locator('#error')).toBeHidden();
  await page.locator('#columns-x').selectOption('#2');
  await page.locator('#columns-y').selectOption('#3');
  await page.locator('#columns-label').selectOption('#4');
  await page.locator('#columns-read').click();
  await expect(page.getByTestId('notice')).toContainText('40 points; classes 1 = few, 2 = many, of 10, 30 rows');
  await expect.poll(async () => (await points(lab)).length).toBe(40);
  expect(await lab.address()).toContain('system=auc');
  // Another run has other points.
  await page.evaluate(() => window.proxprop.load('system=auc'));
  await expect(chooser).toBeHidden();
});

test('a stop rule ends the runs, says why, and they go on', async ({ lab, page }) => {
  await page.goto('./?system=auc&steps=2000&run=prox&stop=auc:0.8');
  await lab.ready();
  await lab.fast();
  await page.locator('#play').click();
  const story = page.locator('#related .story');
  await expect(story).toContainText(/Stopped at step \d+: AUC on the hold-out has come to 0.8/);
  const { step, stopped } = await lab.frame();
  expect(step).toBeLessThan(2000);
  expect(stopped).toContain(`Stopped at step ${step}`);
  await expect(page.locator('#status')).toHaveText('Finished');
  await page.locator('#related-go-on').click();
  await expect.poll(async () => (await lab.frame()).step).toBe(2000);
  expect((await lab.frame()).stopped).toBe(null);
  await expect(page.locator('#related-go-on')).toBeHidden();
  expect(await lab.address()).not.toContain('stop=');
  // By the form, too; what is no rule is refused beside it.
  await page.locator('#related summary', { hasText: 'Shared by all runs' }).click();
  await page.locator('#related-stop').fill('auc:good');
  await page.keyboard.press('Enter');
  await expect(page.locator('#related .refusal')).toContainText('has a value that is no number');
  await page.locator('#related-stop').fill('auc:0.8');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await lab.frame()).step, 'it ends where it would have').toBe(step);
});

test('runs of which none is left do not offer to go on', async ({ lab, page }) => {
  await page.goto('./?system=auc&steps=200&run=explicit,sched:const,eta0:1000&stop=divergence');
  await lab.ready();
  await lab.fast();
  await page.locator('#play').click();
  const story = page.locator('#related .story').first();
  await expect(story).toContainText('Stopped at step 6: run 1 has diverged. No run is left that could go on.');
  await expect(page.locator('#related-go-on')).toBeHidden();
  await expect(page.locator('#related .card-status')).toContainText(
    'Diverged at step 6: a weight has grown beyond 1e12. Try a smaller step size',
  );
  await expect(page.locator('#related .card-status')).toContainText('Its numbers are those after that step; its curves end before it.');
  // Of two runs the other one goes on.
  await page.evaluate(() => window.proxprop.load('system=auc&steps=60&run=explicit,sched:const,eta0:1000&run=prox&stop=divergence'));
  await page.locator('#play').click();
  await page.locator('#related-go-on').click();
  await expect.poll(async () => (await lab.frame()).step).toBe(60);
});

test('no stroke lands in a system that was opened meanwhile', async ({ lab, page }) => {
  await page.goto(`./?${SYSTEMS.auc}&data=points&points=0:-0.5,0;-0.4,0.3/1:0.5,0`);
  await lab.ready();
  await page.locator('#related-draw-open').click();
  const from = await on(page, -0.9, 0.3);
  // One stroke of many points, of which the worker is told the first before another run is asked for.
  await page.evaluate(async ([x, y]) => {
    const field = document.querySelector('#related-boundaries .field');
    const send = (name, at, buttons) =>
      field.dispatchEvent(
        new PointerEvent(name, { bubbles: true, isPrimary: true, pointerId: 1, button: 0, buttons, clientX: x + at, clientY: y }),
      );
    send('pointerdown', 0, 1);
    for (let at = 20; at <= 80; at += 20) send('pointermove', at, 1);
    await window.proxprop.load('system=vsml&scene=rule&samples=50&run=sgd&data=points&points=0:-0.5,0/1:0.5,0');
  }, from);
  await page.evaluate(() => window.proxprop.step(1));
  expect(await lab.address()).toContain('system=vsml');
  expect(await points(lab)).toEqual([['0', -0.5, 0], ['1', 0.5, 0]]);
});

test('a map that is refused shows what is refused, and what is trained stays', async ({ lab, page }) => {
  await page.goto('./?system=auc&steps=60&run=prox,sched:const&map=1,eta0:0.1..10*4');
  await lab.ready();
  await expect(page.locator('#related-map-count')).toHaveText('4 of 4 cells');
  const map = await page.evaluate(() => window.proxprop.map());
  expect(map).toMatchObject({ rule: 'prox', seeds: 1, number: { key: 'auc' } });
  expect(map.cells.filter(Boolean).length).toBe(4);
  // What was measured has its own name.
  for (const cell of map.cells) expect(cell.auc).toBe(cell.loss);
  // By the form: beside the field, and nothing is lost.
  await page.locator('#related-map-x-from').fill('-1');
  await page.keyboard.press('Enter');
  await expect(page.locator('#related-map .refusal')).toContainText('map.eta0: "-1" is out of range');
  await expect(page.locator('#related-map-x-from')).toHaveValue('-1');
  await expect(page.locator('#related-map-count')).toHaveText('4 of 4 cells');
  expect((await page.evaluate(() => window.proxprop.map())).cells).toEqual(map.cells);
  expect(await lab.address()).toContain('map=1,eta0:0.1..10*4');
  // By a script, too.
  const refused = await page.evaluate(() => window.proxprop.set('map', '1,mu:0.1..1*4').catch(({ message }) => message));
  expect(refused).toContain('map.mu: does nothing in run 1');
  expect((await page.evaluate(() => window.proxprop.map())).cells).toEqual(map.cells);
  expect(await lab.address()).toContain('map=1,eta0:0.1..10*4');
  // In a link: mu does nothing beside this schedule, and the form says so with it.
  await page.goto('./?system=auc&steps=60&run=prox,sched:const&map=1,mu:0.1..1*4');
  await lab.ready();
  await expect(page.locator('#related-map-error')).toContainText('map.mu: does nothing in run 1');
  await expect(page.locator('#related-map-x')).toHaveValue('mu');
  await expect(page.locator('#related-map-x-from')).toHaveValue('0.1');
  expect(await page.evaluate(() => window.proxprop.map())).toBe(null);
});

test('a drawing that is refused is said to be, shows no numbers of other points, and is good again once it is mended', async ({ lab, page }) => {
  for (const query of [SYSTEMS.flat, SYSTEMS.auc]) {
    await page.goto(`./?${query}`);
    await lab.ready();
    await page.locator('#related-draw-open').click();
    const said = page.locator('#related-draw-said');
    const numbers = page.locator('#related table.numbers td').first();
    await page.mouse.click(...(await on(page, -0.9, 0.3)));
    await page.mouse.click(...(await on(page, -0.6, -0.3)));
    await expect(said).toHaveAttribute('role', 'alert');
    await expect(said).toHaveClass('refusal');
    await expect(numbers).toBeHidden();
    await expect(page.locator('#related .boundary .figures').first()).toBeHidden();
    // Another view waits for nothing.
    await page.locator('#tab-train').click();
    await expect(page.locator('#where')).toBeVisible();
    await expect(page.locator('html')).not.toHaveAttribute('data-waits', 'true');
    await page.locator('#tab-related').click();
    await expect(numbers).toBeHidden();
    await page.locator('#related-draw-classes label').nth(1).click();
    await page.mouse.click(...(await on(page, 0.6, -0.9)));
    await page.mouse.click(...(await on(page, 0.9, -0.6)));
    await expect.poll(async () => (await points(lab)).length).toBe(4);
    await expect(said).toHaveAttribute('role', 'status');
    await expect(said).not.toContainText('points:');
    await expect(said).toContainText('4 of at most');
    await expect(numbers).toBeVisible();
    await page.locator('#play').click();
    await expect.poll(async () => (await lab.frame()).step).toBeGreaterThan(0);
    await expect(said).not.toContainText('points:');
  }
});

test('what a file opens is said, and what was said of the run before it is not', async ({ lab, page }) => {
  await page.goto(`./?${SYSTEMS.auc}`);
  await lab.ready();
  await give(page, 'drop', TABLE);
  await expect(page.getByTestId('notice')).toContainText('40 points');
  const cell = trained('clone', '--seed', '5', '--limit', '50');
  await give(page, 'drop', cell, 'cell.json');
  await lab.addressHas('system=vsml');
  await expect(page.getByTestId('notice')).toContainText('cell.json was opened');
  await expect(page.getByTestId('notice')).not.toContainText('40 points');
  await page.locator('#related-systems').click();
  await expect(page.getByTestId('notice')).toBeHidden();
});

test('what is refused in one field of a map is not said of another', async ({ lab, page }) => {
  await page.goto('./?system=auc&steps=60&run=prox,sched:const&map=1,eta0:0.1..10*4');
  await lab.ready();
  await expect(page.locator('#related-map-count')).toHaveText('4 of 4 cells');
  const enter = async (name, text) => {
    await page.locator(`#related-map-${name}`).fill(text);
    await page.keyboard.press('Enter');
  };
  const why = (name) => page.locator(`#related-map-${name}-refused`);
  await enter('x-from', '-1');
  await expect(why('x-from')).toContainText('"-1"');
  await enter('x-count', 'many');
  await expect(why('x-count')).toContainText('many');
  await expect(why('x-count')).not.toContainText('"-1"');
  await enter('seeds', '-3');
  await expect(why('seeds')).toContainText('-3');
  await expect(why('seeds')).not.toContainText('"-1"');
  // What is right is taken, whatever is to be mended elsewhere.
  await enter('x-to', '5');
  await lab.addressHas('map=1,eta0:0.1..5*4');
  for (const [name, text] of [['x-from', '-1'], ['x-count', 'many'], ['seeds', '-3']]) {
    await expect(why(name)).toBeVisible();
    await expect(page.locator(`#related-map-${name}`)).toHaveValue(text);
  }
  await enter('x-from', '0.2');
  await lab.addressHas('map=1,eta0:0.2..5*4');
  await expect(why('x-from')).toHaveCount(0);
  // Another map leaves nothing to be mended.
  await page.locator('#related-map-usual').click();
  await expect(page.locator('#related-map .refusal')).toHaveCount(0);
  await expect(page.locator('#related-map-seeds')).toHaveValue('1');
});

test('points that are left as they were refused are said to be, and whoever draws goes on with them', async ({ lab, page }) => {
  await page.goto(`./?${SYSTEMS.flat}`);
  await lab.ready();
  const said = page.locator('#related-draw-said');
  await page.locator('#related-draw-open').click();
  await page.mouse.click(...(await on(page, -0.9, 0.3)));
  await page.mouse.click(...(await on(page, -0.6, -0.3)));
  await expect(said).toContainText('not of exactly two classes');
  await page.locator('#related-draw-done').click();
  await expect(page.locator('#notice')).toContainText('The points that you drew were refused and are not used');
  // Looked at and left again they are still there.
  for (let look = 0; look < 2; look += 1) {
    await page.locator('#related-draw-open').click();
    await expect(said).toContainText('2 of at most');
    await page.locator('#related-draw-done').click();
  }
  await page.locator('#related-draw-open').click();
  await page.locator('#related-draw-classes label').nth(1).click();
  await page.mouse.click(...(await on(page, 0.6, -0.9)));
  await expect.poll(async () => (await points(lab)).length).toBe(3);
});
