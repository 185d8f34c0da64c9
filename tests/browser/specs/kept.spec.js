// What survives the page, and what it asks or says where something cannot.
import { expect, test } from '../site.js';

const QUERY = 'v=1&hidden=6,5&epochs=60&batch=8&run=backprop,tau:0.5&run=prox-exact,tau:1';
const TABLE = `x,y,kind\n${Array.from({ length: 24 }, (_, i) => `${(i * 7) % 13},${(i * 5) % 11},${i % 3 ? 'a' : 'b'}`).join('\n')}\n`;

const drop = (page, text) =>
  page.evaluate((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'points.csv'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, text);

const numbers = async (lab) => {
  const { step, members } = await lab.numbers();
  return { step, losses: members.map((member) => member.loss) };
};

test('a run on a table is there again after a reload, at its step, with its changes', async ({ lab, page }) => {
  await lab.open(QUERY);
  await drop(page, TABLE);
  await expect(page.locator('#notice-text')).toContainText('points.csv');
  await lab.step(20);
  await lab.set('run1.tau', '0.25');
  await lab.step(13);
  const before = await numbers(lab);
  const address = await lab.address();
  expect(address).toContain('change=20,1,tau:0.25');

  await page.reload();
  await lab.ready();
  await lab.at(33);
  expect(await numbers(lab)).toEqual(before);
  expect(await lab.address()).toBe(address);
  await expect(page.locator('#notice-text')).toContainText('computed again as far as it had come');
  // It is kept on: the way back is there, and a second reload is as good.
  await page.evaluate(() => window.proxprop.seek(7));
  await page.reload();
  await lab.ready();
  await lab.at(33);

  await page.keyboard.press('?');
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Reset everything' }).click()]);
  await lab.ready();
  expect(await lab.address()).not.toContain('data=state');
  expect(await page.evaluate(() => [Object.keys(sessionStorage), Object.keys(localStorage)])).toEqual([[], []]);
});

test('a link to a run on a table keeps rules and network', async ({ lab, page }) => {
  await page.goto('./?v=1&data=state&n=24&hidden=6,5&run=backprop,tau:0.5&run=prox-cg3,tau:2');
  await lab.ready();
  await expect(page.locator('#notice-text')).toContainText('its rules and its network are here');
  await expect(page.getByTestId('error')).toBeHidden();
  await lab.addressHas('data=circle');
  for (const part of ['hidden=6,5', 'run=backprop,opt:sgd,tau:0.5', 'run=prox-cg3']) await lab.addressHas(part);
  await drop(page, TABLE);
  await lab.addressHas('data=state&task=auto&n=16');
  await lab.addressHas('hidden=6,5');
});

test('what a tab cannot keep is asked about before it is lost', async ({ lab, page }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await lab.open(QUERY);
  const asked = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    return dialog.accept();
  });
  // Browsers ask only where somebody has done something.
  await page.locator('#run1-tau, #setup').first().click();
  await page.reload();
  await lab.ready();
  expect(asked).toEqual([]);
  await drop(page, TABLE);
  await expect(page.locator('#notice-text')).toContainText('points.csv');
  await lab.step(1);
  await page.locator('#setup').click();
  await page.reload();
  await expect.poll(() => asked).toEqual(['beforeunload']);
  await lab.ready();
});
