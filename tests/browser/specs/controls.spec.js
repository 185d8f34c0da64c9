// Every control changes the address, and what it holds is what runs.
import { SHORT, expect, test } from '../site.js';

const SETUP = [
  ['data', 'spiral'],
  ['n', '80'],
  ['noise', '0.25'],
  ['valid', '0.2'],
  ['seed', '7'],
  ['features', 'x,yy'],
  ['hidden', '5,4'],
  ['act', 'relu'],
  ['init', 'he'],
  ['scale', '0.5'],
  ['batch', '20'],
  ['epochs', '33'],
];

for (const [key, value] of SETUP) {
  test(`the control of ${key} restarts the run with it`, async ({ lab, page }) => {
    await lab.open(SHORT);
    await lab.step(3);
    await lab.change(lab.setup(key), value);
    await lab.addressHas(`&${key}=${value}`);
    await lab.at(0);
    await expect(page.getByTestId('error')).toBeHidden();
    await lab.step(1);
  });
}

const RUN = [
  ['tau', '0.05', 'backprop,opt:sgd'],
  ['decay', '0.001', 'backprop,opt:sgd'],
  ['l1', '0.01', 'backprop,opt:sgd'],
  ['l1_step', 'explicit', 'backprop,l1:0.01'],
  ['tau_theta', '0.5', 'prox-exact,opt:sgd'],
  ['cg_tol', '0.1', 'prox-cg4,opt:sgd'],
  ['momentum', '0.5', 'backprop,opt:nesterov'],
];

for (const [key, value, run] of RUN) {
  test(`the control of ${key} acts in the middle of a run`, async ({ lab }) => {
    await lab.open(`v=1&data=moons&n=60&epochs=20&run=${run},tau:0.1`);
    await lab.step(4);
    await lab.change(lab.run(0, key), value);
    await lab.addressHas(`change=4,1,${key}:${value}`);
    expect((await lab.frame()).step).toBe(4);
    await lab.step(1);
  });

  test(`before the first step the control of ${key} edits the run`, async ({ lab }) => {
    await lab.open(`v=1&data=moons&n=60&epochs=20&run=${run},tau:0.1`);
    await lab.change(lab.run(0, key), value);
    await lab.addressHas(`${key}:${value}`);
    expect(await lab.address()).not.toContain('change=');
  });
}

for (const [key, value, expected] of [
  ['rule', 'prox-exact', 'run=prox-exact,'],
  ['rule', 'prox-cg', 'run=prox-cg3,'],
  ['rule', 'prox-point', 'run=prox-point,'],
  ['opt', 'adam', 'run=backprop,opt:adam'],
]) {
  test(`choosing the ${key} ${value}`, async ({ lab }) => {
    await lab.open('v=1&data=moons&n=60&epochs=20&run=backprop,tau:0.1');
    await lab.change(lab.run(0, key), value);
    await lab.addressHas(expected);
    await lab.step(1);
  });
}

test('the slider moves the step size', async ({ lab, page }) => {
  await lab.open(SHORT);
  const slider = page.getByTestId('run-card').first().getByRole('slider').first();
  // Also where the next number has more digits.
  for (const before of ['0.3', '10']) {
    await lab.change(lab.run(0, 'tau'), before);
    await lab.addressHas(`run=backprop,opt:sgd,tau:${before},`);
    await slider.focus();
    await slider.press('ArrowRight');
    await expect(lab.run(0, 'tau')).not.toHaveValue(before);
    const after = await lab.run(0, 'tau').inputValue();
    expect(Number(after)).toBeGreaterThan(Number(before));
    await lab.addressHas(`run=backprop,opt:sgd,tau:${after},`);
  }
});

test('every key press on a slider of whole numbers gives the next one, where they are small', async ({ lab, page }) => {
  await lab.open('v=1&data=moons&n=14&batch=6');
  await page.locator('#setup').evaluate((setup) => (setup.open = true));
  for (const [key, numbers] of [['n', ['13', '12', '11', '10']], ['batch', ['5', '4', '3', '2', '1']]]) {
    const slider = page.locator(`#setup [data-slider="${key}"]`);
    await slider.focus();
    for (const number of numbers) {
      await slider.press('ArrowLeft');
      await lab.addressHas(`&${key}=${number}&`);
    }
  }
});

test('runs are added, duplicated and removed', async ({ lab, page }) => {
  await lab.open(SHORT);
  const cards = page.getByTestId('run-card');
  await page.getByRole('button', { name: 'Add run' }).click();
  await expect(cards).toHaveCount(3);
  await expect.poll(async () => (await lab.address()).split('run=').length - 1).toBe(3);
  await cards.first().getByRole('button', { name: /duplicate/i }).click();
  await expect(cards).toHaveCount(4);
  await cards.first().getByRole('button', { name: /remove/i }).click();
  await expect(cards).toHaveCount(3);
  await expect.poll(async () => (await lab.frame()).members.length).toBe(3);
});

test('there are six runs at most and one at least', async ({ lab, page }) => {
  await lab.open(SHORT);
  const cards = page.getByTestId('run-card');
  const add = page.getByRole('button', { name: 'Add run' });
  for (let count = 3; count <= 6; count++) {
    await add.click();
    await expect(cards).toHaveCount(count);
  }
  await expect(add).toBeDisabled();
  for (let count = 5; count >= 1; count--) {
    await cards.last().getByRole('button', { name: /remove/i }).click();
    await expect(cards).toHaveCount(count);
  }
  await expect(cards.first().getByRole('button', { name: /remove/i })).toBeDisabled();
});

test('a value out of range is refused in words and changes nothing', async ({ lab, page }) => {
  await lab.open(SHORT);
  const address = await lab.address();
  for (const value of ['-1', 'NaN', '1e99', 'ten', '']) {
    await lab.change(lab.run(0, 'tau'), value);
    await expect(page.getByTestId('error').or(lab.run(0, 'tau').locator('xpath=self::*[@aria-invalid="true"]')).first()).toBeVisible();
    expect(await lab.address()).toBe(address);
  }
  await lab.step(1);
});

test('the interface refuses what the form refuses', async ({ lab }) => {
  await lab.open(SHORT);
  const address = await lab.address();
  for (const [key, value] of [['run1.tau', '0'], ['n', '1'], ['hidden', ''], ['nothing', '1'], ['run9.tau', '1']]) {
    await expect(lab.set(key, value), `${key}=${value}`).rejects.toThrow();
  }
  expect(await lab.address()).toBe(address);
});

test('what the document calls while the page is being changed is done right after', async ({ lab, page }) => {
  await lab.open(SHORT);
  await page.evaluate(() => {
    const { showModal } = HTMLDialogElement.prototype;
    HTMLDialogElement.prototype.showModal = function () {
      document.getElementById('step').click();
      showModal.call(this);
    };
  });
  await page.locator('#share-open').click();
  await lab.at(1);
});
