// The first screen, and the network as the interface.
import { SHORT, expect, test } from '../site.js';

const hash = (page) => page.evaluate(() => location.hash);

test('the first screen has one chart, opens the rest, and the address remembers', async ({ lab, page }) => {
  await lab.open();
  await expect(page.getByTestId('chart-loss')).toBeVisible();
  await expect(page.getByTestId('network')).toBeVisible();
  for (const id of ['chart-steps', 'energy']) await expect(page.locator(`#${id}`)).toBeHidden();
  for (const key of ['rule', 'tau_theta']) await expect(lab.run(1, key)).toBeHidden();
  await expect.poll(() => hash(page)).toBe('#charts=few');

  await page.getByRole('button', { name: 'More charts' }).click();
  await expect(page.getByTestId('chart-steps')).toBeVisible();
  await expect(lab.run(1, 'tau_theta')).toBeVisible();
  await expect.poll(() => hash(page)).toBe('#charts=all');
  await page.reload();
  await lab.ready();
  await expect(page.getByTestId('chart-steps')).toBeVisible();
  await expect(page.locator('#network')).toBeVisible();

  // A link that does not say shows the curves, as ever.
  await lab.open(`${SHORT}#theme=light`);
  await expect(page.getByTestId('chart-steps')).toBeVisible();
  await expect(page.locator('#network')).toBeHidden();
  expect(await hash(page)).toBe('#theme=light');
});

test('a neuron is read, opened large for both runs, and closed by keys', async ({ lab, page }) => {
  await lab.open(`${SHORT}&hidden=3,2#charts=all`);
  await lab.step(5);
  const network = page.locator('#network');
  const said = page.locator('#network-said');
  await network.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  await expect(said).toHaveText(/^BackProp, hidden layer 1, neuron 3 of 3: x −?\d.*, y −?\d.*, bias −?\d/);
  await page.keyboard.press('Enter');
  const neuron = page.locator('#neuron');
  await expect(neuron).toBeVisible();
  await expect(page.locator('#neuron-title')).toHaveText('hidden layer 1, neuron 3 of 3');
  await expect(neuron.locator('.field')).toHaveCount(2);
  await expect(neuron.locator('tr')).toHaveCount(4);
  // The numbers move with the run, which is the only one of both that stepped so far.
  const weight = neuron.locator('tr').nth(1).locator('td').first();
  const before = await weight.textContent();
  await page.evaluate(() => window.proxprop.step(10));
  await expect(weight).not.toHaveText(before);
  await neuron.locator('.field').first().hover({ position: { x: 20, y: 20 } });
  await expect(neuron.locator('.answer').first()).toHaveText(/answers −?-?\d/);
  await neuron.locator('.field').first().focus();
  await page.keyboard.press('Escape');
  await expect(neuron).toBeHidden();
  await expect(network).toBeFocused();
});

test('layers, neurons and inputs are changed on the graph', async ({ lab, page }) => {
  await lab.open(`${SHORT}&hidden=3,2#charts=all`);
  await page.getByRole('button', { name: 'One neuron more in hidden layer 2' }).click();
  await lab.addressHas('hidden=3,3');
  await page.getByRole('button', { name: 'One hidden layer more' }).click();
  await lab.addressHas('hidden=3,3,3');
  await page.getByRole('button', { name: 'One hidden layer less' }).click();
  await page.getByRole('button', { name: 'One neuron less in hidden layer 1' }).click();
  await lab.addressHas('hidden=2,3&');
  await page.getByRole('button', { name: 'x²' }).click();
  await lab.addressHas('features=x,y,xx');
  for (const name of ['x', 'y']) await page.getByRole('button', { name, exact: true }).click();
  await lab.addressHas('features=xx&');
  await expect(page.getByRole('button', { name: 'x²' })).toBeDisabled();
  await page.locator('#network').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#network-said')).toHaveText(/: x² −?\d/);
});

test('data sets are chosen by their pictures, and what they are made of by sliders', async ({ lab, page }) => {
  await lab.open();
  const circle = page.locator('[data-set="circle"]');
  await expect(circle).toHaveAttribute('aria-pressed', 'true');
  await page.locator('[data-set="xor"]').click();
  await lab.addressHas('data=xor');
  await expect(circle).toHaveAttribute('aria-pressed', 'false');
  const slide = (key, value) =>
    page.locator(`#setup [data-slider="${key}"]`).evaluate((slider, value) => {
      slider.value = value;
      for (const name of ['input', 'change']) slider.dispatchEvent(new Event(name, { bubbles: true }));
    }, value);
  await slide('noise', 25);
  await lab.addressHas('noise=0.25');
  await slide('n', 80);
  await lab.addressHas('n=100&');
  // Exact entry beyond the slider's end.
  await lab.change(lab.setup('n'), '3000');
  await lab.addressHas('n=3000&');
});
