// Somebody's own points: drawn, pasted, dropped.
import { CANONICAL, Lab, SHORT, expect, test } from '../site.js';

const FEW = 'v=1&data=points&points=0:-0.5,0;-0.4,0.3/1:0.5,0;0.4,0.3&epochs=20&hidden=4&run=backprop,tau:0.3&run=prox-exact,tau:1';

/** The drawn points of the address: class and place. */
async function points(lab) {
  const text = new URLSearchParams(await lab.address()).get('points') ?? '';
  return text.split('/').flatMap((group) => {
    const [kind, places] = group.split(':');
    return places.split(';').map((place) => [kind, ...place.split(',').map(Number)]);
  });
}

/** A place on the first panel, in CSS pixels, of coordinates in a square of this half side. */
async function on(page, x, y, half = 1.5) {
  const box = await page.getByTestId('boundary').locator('.field').first().boundingBox();
  return [box.x + ((x + half) / (2 * half)) * box.width, box.y + ((half - y) / (2 * half)) * box.height];
}

function drop(page, name, text) {
  return page.evaluate(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [name, text],
  );
}

function paste(page, text) {
  return page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

test.describe('drawing', () => {
  test.beforeEach(async ({ lab, page }) => {
    await lab.open(FEW);
    await page.locator('#draw-open').click();
    await expect(page.locator('#draw-bar')).toBeVisible();
  });

  test('a click places a point of the chosen class, and the link has it', async ({ lab, page }) => {
    await page.locator('#draw-classes label').nth(2).click();
    await page.mouse.click(...(await on(page, 0.6, -0.9)));
    await expect.poll(async () => (await points(lab)).length).toBe(5);
    const [kind, x, y] = (await points(lab)).at(-1);
    expect(kind).toBe('2');
    expect(Math.abs(x - 0.6)).toBeLessThan(0.03);
    expect(Math.abs(y + 0.9)).toBeLessThan(0.03);
    await expect(page.locator('#draw-said')).toContainText('Class 3 at (');
    await lab.at(0);
    const address = await lab.address();
    await lab.step(3);
    const numbers = await lab.numbers();
    await lab.open(address);
    await lab.step(3);
    expect(await lab.numbers(), 'the link replays the drawing').toEqual(numbers);
  });

  test('a stroke places a row of points, which one undo takes back', async ({ lab, page }) => {
    await page.mouse.move(...(await on(page, -1, -1)));
    await page.mouse.down();
    await page.mouse.move(...(await on(page, 1, -1)), { steps: 12 });
    await page.mouse.up();
    await expect.poll(async () => (await points(lab)).length).toBeGreaterThan(8);
    const many = await points(lab);
    await page.locator('#draw-undo').click();
    await expect.poll(async () => (await points(lab)).length).toBe(4);
    await page.locator('#draw-redo').click();
    await expect.poll(() => points(lab)).toEqual(many);
  });

  test('points are erased and dragged', async ({ lab, page }) => {
    await page.getByText('Drag', { exact: true }).click();
    await page.mouse.move(...(await on(page, 0.5, 0)));
    await page.mouse.down();
    await page.mouse.move(...(await on(page, 1.2, 1)), { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => (await points(lab))[2][1]).toBeGreaterThan(1.1);
    await page.getByText('Erase', { exact: true }).click();
    await page.mouse.click(...(await on(page, -0.5, 0)));
    await expect.poll(async () => (await points(lab)).length).toBe(3);
    await expect(page.locator('#draw-said')).toContainText('Erased the point at (-0.5, 0)');
  });

  test('all of it works by keys', async ({ lab, page }) => {
    await page.getByTestId('boundary').locator('.field').first().focus();
    await page.keyboard.press('3');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await points(lab)).at(-1)[0]).toBe('2');
    const [, x, y] = (await points(lab)).at(-1);
    await page.locator('#draw-tool-drag').check();
    await page.getByTestId('boundary').locator('.field').first().focus();
    await page.keyboard.press('Enter');
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await points(lab)).at(-1)[1]).toBeGreaterThan(x + 0.2);
    expect((await points(lab)).at(-1)[2]).toBeCloseTo(y, 1);
    await page.keyboard.press('Delete');
    await expect.poll(async () => (await points(lab)).length).toBe(4);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await points(lab)).length).toBe(5);
    await page.keyboard.press('u');
    await page.keyboard.press('u');
    await expect.poll(async () => (await points(lab)).length).toBe(4);
    await page.keyboard.press('Escape');
    await expect(page.locator('#draw-bar')).toBeHidden();
  });

  test('an empty plane waits for two points and loses nothing', async ({ lab, page }) => {
    await page.locator('#draw-clear').click();
    await expect(page.locator('#draw-said')).toContainText('wait for at least two');
    expect((await points(lab)).length, 'the run is still there').toBe(4);
    await page.mouse.click(...(await on(page, 0.5, 0.5)));
    await page.locator('#draw-classes label').nth(1).click();
    await page.mouse.click(...(await on(page, -0.5, -0.5)));
    await expect.poll(async () => (await points(lab)).length).toBe(2);
    for (let i = 0; i < 3; i++) await page.locator('#draw-undo').click();
    await expect.poll(async () => (await points(lab)).length).toBe(4);
  });

  test('while playing, every stroke starts the runs again and they play on', async ({ lab, page }) => {
    await page.getByTestId('speed').selectOption('5');
    await page.getByTestId('play').click();
    await page.mouse.click(...(await on(page, 0, 1)));
    await expect.poll(async () => (await points(lab)).length).toBe(5);
    await expect(page.getByTestId('status')).toHaveText('Playing');
  });
});

for (const [width, height] of [
  [1920, 1080],
  [1280, 720],
  [1024, 768],
  [390, 844],
  [360, 640],
]) {
  test(`nothing moves under the pen, ${width} × ${height}`, async ({ lab, page }) => {
    await page.setViewportSize({ width, height });
    await lab.open(CANONICAL);
    const boxes = (...places) =>
      page.evaluate(
        (places) =>
          places.map((place) => {
            const { x, y, width, height } = document.querySelector(place).getBoundingClientRect();
            return [place, x + scrollX, y + scrollY, width, height];
          }),
        places,
      );
    // The words above change with the first change of any kind.
    const first = await boxes('.boundary .field');
    await lab.change(lab.run(0, 'tau'), '5');
    await expect(page.locator('#try')).toHaveText('First example');
    expect(await boxes('.boundary .field')).toEqual(first);
    await page.locator('#try').click();
    await expect(page.locator('#try')).toHaveText('Now try τ = 0.3');
    await page.evaluate(() => window.proxprop.pause());

    await page.locator('#draw-open').click();
    await expect(page.locator('#draw-bar')).toBeVisible();
    const before = await boxes('.boundary .field', '#draw-bar', '#draw-open', '#draw-undo', '#loss-panel summary');
    await page.locator('.boundary .field').first().scrollIntoViewIfNeeded();
    await page.mouse.click(...(await on(page, 0.6, -0.9)));
    await lab.addressHas('data=points');
    await expect(page.locator('#draw-said')).toContainText('Class 1 at (');
    expect(await boxes('.boundary .field', '#draw-bar', '#draw-open', '#draw-undo', '#loss-panel summary')).toEqual(before);
  });
}

test('drawing begins with the points shown, and a curve is drawn over one input', async ({ lab, page }) => {
  await lab.open('v=1&data=sine1d&n=30&noise=0&epochs=20&hidden=4&run=prox-exact,tau:1');
  await page.locator('#draw-open').click();
  await expect(page.locator('#draw-classes')).toBeHidden();
  await page.mouse.click(...(await on(page, 0, 0)));
  await lab.addressHas('data=points&points=curve:');
  expect((await points(lab)).length).toBe(31);
  await lab.step(2);
});

test('what cannot be drawn says so and begins empty', async ({ lab, page }) => {
  await lab.open('v=1&data=plane&run=backprop,tau:0.1');
  await page.locator('#draw-open').click();
  await expect(page.locator('#draw-said')).toContainText('Draw on an empty plane: these points have no place in the plane');
  await lab.open(`${SHORT}&noise=0.2`.replace('n=60', 'n=600'));
  await page.locator('#draw-open').click();
  await expect(page.locator('#draw-said')).toContainText('600 points are too many to draw; allowed: at most 500');
});

test('choosing “points” as the data makes those shown one’s own', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.change(lab.setup('data'), 'points');
  await lab.addressHas('data=points&points=');
  expect((await points(lab)).length).toBe(60);
  await expect(page.locator('#setup [data-entry=noise]')).toBeHidden();
});

test('a choice that is refused goes back to what holds', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.change(lab.setup('data'), 'state');
  await expect(page.getByTestId('error')).toContainText('data=state: the points are those of a state file or a CSV file');
  await expect(lab.setup('data')).toHaveValue('moons');
});

test('points are drawn by touch', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await page.goto(`${process.env.PROXPROP_SITE}?${FEW}`);
  await new Lab(page).ready();
  await page.locator('#draw-open').tap();
  await expect(page.locator('#draw-bar')).toBeVisible();
  await page.touchscreen.tap(...(await on(page, 0.3, 1)));
  await expect.poll(() => page.evaluate(() => decodeURIComponent(location.search).split(/[;/]/).length)).toBe(5);
  await context.close();
});

const ROWS = Array.from({ length: 60 }, (_, i) => [Math.cos(i), Math.sin(i), i % 3 ? 'outer' : 'inner']);
const table = (separator, decimal, header) =>
  (header ? ['x', 'y', 'kind'].join(separator) + '\n' : '') +
  ROWS.map(([x, y, kind]) => [x, y].map((v) => v.toFixed(6).replace('.', decimal)).concat(kind).join(separator)).join('\n');

for (const [name, text] of [
  ['commas with a header', table(',', '.', true)],
  ['semicolons with decimal commas', table(';', ',', true)],
  ['tabs without a header', table('\t', '.', false)],
]) {
  test(`a table is pasted and dropped: ${name}`, async ({ lab, page }) => {
    for (const act of [(text) => paste(page, text), (text) => drop(page, 'kinds.csv', text)]) {
      await lab.open(SHORT);
      await act(text);
      await expect(page.getByTestId('notice')).toContainText('40 training points and 20 held back for validation; classes 1 = inner, 2 = outer');
      await expect(page.getByTestId('notice')).toContainText('A link cannot hold these points');
      await lab.addressHas('data=state');
      await lab.step(5);
      expect((await lab.frame()).members.every((member) => member.loss > 0)).toBe(true);
      await expect(page.getByTestId('error')).toBeHidden();
      await page.locator('#share-open').click();
      await expect(page.locator('#share-copy')).toBeDisabled();
      await expect(page.locator('#share-code')).toBeHidden();
    }
  });
}

test('a mistake in a table names its line, and nothing is lost', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(4);
  const before = await lab.numbers();
  for (const [text, words] of [
    ['x,y,kind\n1,2,a\n3,four,b\n', 'points.csv: line 3: "four" is not a number.'],
    ['1,2,a\n3,4\n', 'points.csv: line 2: 2 columns where the first row has 3.'],
    ['NaN,2,a\n3,4,b\n', 'points.csv: line 1: "NaN" is not a number.'],
    ['9,1e300;2;a\n3;4;b\n', 'points.csv: line 1: "9,1e300" is not a number.'],
    ['hello', 'points.csv: line 1: 1 column; allowed: two columns and a label, or x and y, separated by commas, semicolons or tabs.'],
  ]) {
    await drop(page, 'points.csv', text);
    await expect(page.getByTestId('error')).toHaveText(words);
    expect(await lab.numbers()).toEqual(before);
  }
  // One sentence, not three: the engine that was fetched for it is here, and other columns would not help.
  await drop(page, 'points.csv', 'x,y,kind\n1,2,a\n3,four,b\n');
  await expect(page.getByTestId('error')).toContainText('line 3');
  await expect(page.getByTestId('notice')).toBeHidden();
  await expect(page.locator('#columns')).toBeHidden();
  const many = '0.1,0.2,a\n'.repeat(100_001);
  await drop(page, 'points.csv', many);
  await expect(page.getByTestId('error')).toContainText('line 100001: too many rows; allowed: at most 100000');
});

test('a hundred thousand rows are taken, and what is pasted into a field stays there', async ({ lab, page }) => {
  await lab.open(SHORT);
  const rows = Array.from({ length: 100_000 }, (_, i) => `${Math.cos(i)},${Math.sin(i * 1.7)},${i % 2}`).join('\n');
  await drop(page, 'large.csv', rows);
  await expect(page.getByTestId('notice')).toContainText('66667 training points and 33333 held back');
  await lab.step(1);
  await page.locator('#setup summary').click();
  await lab.setup('seed').focus();
  await lab.setup('seed').evaluate((field) => {
    const data = new DataTransfer();
    data.setData('text', '7');
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(page.getByTestId('error')).toBeHidden();
});

const IRIS =
  'sepal_length,sepal_width,petal_length,petal_width,species\n' +
  Array.from({ length: 30 }, (_, i) => [5 + (i % 3), 3, 1 + (i % 3) * 2, 0.2 + (i % 3), ['setosa', 'versicolor', 'virginica'][i % 3]].join(',')).join('\n');

test('among many columns a person chooses three', async ({ lab, page }) => {
  await lab.open(SHORT);
  await drop(page, 'iris.csv', IRIS);
  await expect(page.locator('#columns')).toContainText('iris.csv has 5 columns. Which are x, y and the label?');
  await expect(page.getByTestId('error')).toBeHidden();
  await expect(page.locator('#columns-label')).toHaveValue('#5');
  await page.locator('#columns-x').selectOption({ label: 'petal_length' });
  await page.locator('#columns-y').selectOption({ label: 'petal_width' });
  await page.locator('#columns-read').click();
  await expect(page.getByTestId('error')).toBeHidden();
  await expect(page.getByTestId('notice')).toContainText('classes 1 = setosa, 2 = versicolor, 3 = virginica, of 10, 10, 10 rows. 30 rows were read, none left out');
  await expect(page.getByTestId('notice')).toContainText('x, y and the label are column 3 (petal_length), column 4 (petal_width), column 5 (species)');
  await expect(page.getByTestId('notice')).toContainText('Its columns are scaled to −1 … 1, from 1 … 5, 0.2 … 2.2.');
  await page.locator('#columns-label').selectOption({ label: 'none' });
  await page.locator('#columns-read').click();
  await expect(page.getByTestId('notice')).toContainText('with values to regress');
});

test('the points of a table go into the link at once', async ({ lab, page }) => {
  await lab.open(SHORT);
  await drop(page, 'kinds.csv', table(',', '.', true));
  await expect(page.getByTestId('notice')).toContainText('60 rows were read');
  // Where the link is made, too.
  await page.locator('#notice-close').click();
  await page.locator('#share-open').click();
  await page.locator('#share-into-link').click();
  await expect(page.locator('#share-link')).toHaveValue(/data=points/);
  await expect(page.locator('#share-into-link')).toBeHidden();
  await page.keyboard.press('Escape');
  await lab.addressHas('data=points&points=');
  await expect(page.getByTestId('notice')).toContainText('The points are part of the run’s address now');
  expect((await points(lab)).length).toBe(60);
  await expect(page.locator('#columns')).toBeHidden();
  await lab.step(3);
  const numbers = await lab.numbers();
  await lab.open(await lab.address());
  await lab.step(3);
  expect(await lab.numbers()).toEqual(numbers);
});

test('encodings are said, and what is no table is named', async ({ lab, page }) => {
  await lab.open(SHORT);
  const bytes = (name, list) =>
    page.evaluate(
      ([name, list]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(list)], name));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [name, [...list]],
    );
  await bytes('latin1.csv', Buffer.from('0;0;Bär\n1;1;Bör\n', 'latin1'));
  await expect(page.getByTestId('notice')).toContainText('classes 1 = Bär, 2 = Bör');
  await expect(page.getByTestId('notice')).toContainText('It is not UTF-8 and was read as Windows-1252');
  await bytes('unicode.txt', Buffer.from('\ufeff0\t0\tär\n1\t1\tör\n', 'utf16le'));
  await expect(page.getByTestId('notice')).toContainText('classes 1 = är, 2 = ör');
  await bytes('sheet.xlsx', Buffer.from('PK\u0003\u0004'));
  await expect(page.getByTestId('error')).toHaveText('sheet.xlsx: this is a workbook (or another packed document); save the sheet as CSV and open that.');
});

test('sizes are checked before anything is read, and one file is taken at a time', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.evaluate(() => {
    window.reads = 0;
    for (const way of ['text', 'arrayBuffer']) {
      const own = Blob.prototype[way];
      Blob.prototype[way] = function () {
        window.reads += 1;
        return own.call(this);
      };
    }
  });
  const large =
    'large.csv has 10.5 MB and was not opened; allowed: at most 10 MB for a table, 64 MB for a state file (.json), and a file of CIFAR-10 (data_batch_1.bin).';
  await drop(page, 'large.csv', ' '.repeat(10_500_000));
  await expect(page.getByTestId('error')).toHaveText(large);
  await page.evaluate(() => window.proxprop.step(1));
  await drop(page, 'points.csv', '1,2\n');
  await expect(page.getByTestId('error')).toContainText('a single point is too few');
  // Chosen instead of dropped.
  await page.locator('#share-open').click();
  await page.locator('#share-file').setInputFiles({ name: 'large.csv', mimeType: 'text/csv', buffer: Buffer.alloc(10_500_000, ' ') });
  await expect(page.getByTestId('error')).toHaveText(large);
  expect(await page.evaluate(() => window.reads)).toBe(1);
  await page.evaluate(() => {
    const data = new DataTransfer();
    for (const name of ['a.csv', 'b.csv']) data.items.add(new File(['1,2,a\n3,4,b\n'], name));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await expect(page.getByTestId('error')).toHaveText('2 files were dropped and none was opened; allowed: one at a time.');
});

test('one class alone is said to be nothing to learn', async ({ lab, page }) => {
  await lab.open('v=1&data=points&points=0:0,0;0.5,0&epochs=20&hidden=4&run=backprop,tau:0.3');
  await expect(page.getByTestId('notice')).toContainText('There is only one class among the points');
  await page.locator('#draw-open').click();
  await page.mouse.click(...(await on(page, 0.6, -0.9)));
  await expect(page.locator('#draw-said')).toContainText('There is only one class so far');
});
