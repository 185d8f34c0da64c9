// An address that makes no sense is answered with a sentence and the default run.
import { CANONICAL, expect, test } from '../site.js';

const BAD = [
  ['an unknown key', 'v=1&colour=red', 'colour'],
  ['an unknown name', 'v=1&data=mnist', 'mnist'],
  ['another version', 'v=2', 'v'],
  ['a duplicate', 'v=1&n=20&n=30', 'n'],
  ['NaN', 'v=1&noise=NaN', 'noise'],
  ['a number out of range', 'v=1&run=backprop,tau:1e99', 'tau'],
  ['a huge network', 'v=1&hidden=1000000', 'hidden'],
  ['too many layers', `v=1&hidden=${Array(99).fill(8)}`, 'hidden'],
  ['a broken escape', 'v=1&data=%FF%FE', ''],
  ['a null character', 'v=1&data=circle%00', ''],
  ['a script', 'v=1&data=%3Cscript%3Ewindow.owned=true%3C/script%3E', ''],
  ['an image with a handler', 'v=1&data=%3Cimg%20src=x%20onerror=window.owned=true%3E', ''],
  ['a prototype', 'v=1&__proto__=1', '__proto__'],
  ['a very long value', `v=1&data=${'a'.repeat(5000)}`, ''],
  ['a rule with no number', 'v=1&run=prox-cg', 'prox-cg'],
  ['a negative seed', 'v=1&seed=-1', 'seed'],
];

for (const [name, query, word] of BAD) {
  test(`${name} in the address`, async ({ lab, page }) => {
    await lab.open(query);
    const error = page.getByTestId('error');
    await expect(error).toBeVisible();
    await expect(error).toContainText(word);
    // A sentence, not a page.
    expect((await error.innerText()).length).toBeLessThan(600);
    expect(await page.evaluate(() => window.owned)).toBeUndefined();
    await expect(error.locator('script, img')).toHaveCount(0);

    await expect(page.getByTestId('run-card')).toHaveCount(2);
    await lab.step(5);
    const numbers = await lab.numbers();
    await lab.open(CANONICAL);
    await expect(error).toBeHidden();
    await lab.step(5);
    expect(await lab.numbers()).toEqual(numbers);
  });
}

test('escapes and other writings of the same run are understood', async ({ lab, page }) => {
  await lab.open('v=1&data=moons&hidden=4%2C4&run=prox-cg5%2Ctau%3A1.0');
  await expect(page.getByTestId('error')).toBeHidden();
  await lab.addressHas('hidden=4,4&');
  await lab.addressHas('run=prox-cg5,opt:sgd,tau:1,');
});
