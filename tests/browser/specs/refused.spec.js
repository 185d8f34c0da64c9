// What is refused: a sentence at the top and one beside the field that has caused it, and a way to close each.
import { SHORT, expect, test } from '../site.js';

const note = (field) => field.locator('xpath=following::*[@class="refusal"][1]');

test('what is refused is said beside its field and at the top, and both are closed', async ({ lab, page }) => {
  await lab.open(`${SHORT}&map=2,tau:0.1..10*5#view=train`);
  const top = page.getByTestId('error');
  // At the top as people know the setting, and beside it without its name.
  const said = async (field, name, words) => {
    await expect(top).toContainText(`${name}: ${words}`);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(note(field)).toContainText(words);
    await expect(note(field)).not.toContainText(name);
    const described = await field.getAttribute('aria-describedby');
    await expect(page.locator(`[id="${described}"]`)).toContainText(words);
    // Close to its field, seen whole, and one of it.
    await expect(page.locator('.refusal')).toHaveCount(1);
    const [at, words_at] = [await field.boundingBox(), await note(field).boundingBox()];
    expect(words_at.y - at.y - at.height).toBeLessThan(60);
  };

  const tau = lab.run(0, 'tau');
  await lab.change(tau, '-1');
  await said(tau, 'Step size τ of run 1 (run1.tau)', '"-1" is out of range');
  await page.locator('#error-close').click();
  await expect(top).toBeHidden();
  await expect(note(tau)).toBeVisible();
  await note(tau).getByRole('button', { name: 'Close' }).click();
  await expect(page.locator('.refusal')).toHaveCount(0);
  await expect(tau).toHaveValue('0.3');

  // A good value takes the words away, too.
  const hidden = lab.setup('hidden');
  await lab.change(hidden, '0');
  await said(hidden, '(hidden)', '"0" ');
  await lab.change(hidden, '4');
  await lab.addressHas('hidden=4');
  await expect(page.locator('.refusal')).toHaveCount(0);
  await expect(top).toBeHidden();

  // A choice goes back to what holds, and the words stay beside it.
  const task = lab.setup('task');
  await lab.change(lab.setup('data'), 'plane');
  await lab.addressHas('data=plane');
  await lab.change(task, 'classify');
  await said(task, '(task)', '"classify" ');
  await expect(task).toHaveValue('auto');

  await page.evaluate(() => {
    window.told = [];
    window.proxprop.on('error', (words) => window.told.push(words));
  });
  await page.locator('#tab-map').click();
  const from = page.locator('#map-x-from');
  await page.locator('#error-close').click();
  await lab.change(from, '-1');
  await expect(top).toContainText('map.tau: "-1" is out of range');
  await expect(note(from)).toContainText('map.tau: "-1" is out of range');
  await note(from).getByRole('button').click();
  await expect(from).toHaveValue('0.1');

  await page.locator('#tab-flow').click();
  const step = page.locator('#flow-tau');
  const holds = await step.inputValue();
  await lab.change(step, '-3');
  await expect(top).toContainText('tau: -3 is out of range');
  await expect(note(step)).toContainText('tau: -3 is out of range');
  await note(step).getByRole('button').click();
  await expect(step).toHaveValue(holds);
  await expect(top).toBeHidden();
  // Whoever listens was told of both.
  const told = await page.evaluate(() => window.told);
  expect(told.map((words) => /^[a-z.]+/.exec(words)[0])).toEqual(['map.tau', 'tau']);
});

test('an address that is refused can be mended in its field, or closed', async ({ lab, page }) => {
  await page.goto('./?colour=red');
  await lab.ready();
  await expect(page.getByTestId('error')).toContainText('colour');
  await expect(page.getByTestId('refused')).toBeVisible();
  await page.locator('#refused-close').click();
  await expect(page.getByTestId('refused')).toBeHidden();
  await page.locator('#error-close').click();
  await expect(page.getByTestId('error')).toBeHidden();
});
