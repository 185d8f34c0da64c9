// Where things are: nothing overlaps, hangs over the side or is cut off, at any width, in any view and look.
import { flaws } from '../layout.js';
import { SHORT, expect, test } from '../site.js';

/** Screens that lecture halls, desks and pockets have, and every width between them. */
const SCREENS = [[360, 740], [390, 844], [1024, 768], [1280, 720], [1920, 1080]];
const WIDTHS = Array.from({ length: 81 }, (_, i) => [320 + 20 * i, 800]);

for (const view of ['train', 'one-step', 'map', 'flow', 'related']) {
  const runs = view === 'related' ? ['system=auc&steps=300', 'system=auc&preset=how-implicit'] : [SHORT, 'preset=circle'];
  for (const [run, theme] of [[runs[0], 'light'], [runs[1], 'projector']]) {
    test(`all of ${view} is seen whole from 320 to 1920 wide, ${theme}`, async ({ lab, page }) => {
      await lab.open(`${run}#view=${view}&theme=${theme}`);
      await lab.step(15);
      // A map in training has nothing to do with where it stands.
      if (view === 'map') await lab.cancelMap();
      const found = {};
      for (const [width, height] of [...WIDTHS, ...SCREENS]) {
        await page.setViewportSize({ width, height });
        const there = await page.evaluate(flaws);
        if (there.length) found[`${width} × ${height}`] = there;
      }
      expect(found).toEqual({});
    });
  }
}

test('eight layers taken apart, and a card with all that it says, are seen whole at every width', async ({ lab, page }) => {
  await lab.open(`${SHORT}&hidden=4,4,4,4,4,4,4,4#view=one-step`);
  await lab.step(3);
  for (const [width, height] of SCREENS) {
    await page.setViewportSize({ width, height });
    for (const view of ['one-step', 'train']) {
      await page.locator(`#tab-${view}`).click();
      expect(await page.evaluate(flaws), `${view} at ${width}`).toEqual([]);
    }
    for (const status of await page.locator('.card-status').all()) {
      await expect(status).toHaveText(/loss [\d.e-]+, \d+ % right · held out [\d.e-]+, \d+ %/);
      expect(await status.evaluate((e) => e.checkVisibility() && e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight + 3)).toBe(true);
    }
  }
});

test('diverged, with a curve above the chart, all is seen whole at every width', async ({ lab, page }) => {
  await lab.open('data=circle&run=backprop,tau:100&run=prox-exact,tau:1');
  await lab.step(130);
  await expect(page.getByLabel('Whole range').first()).toBeVisible();
  const found = {};
  for (const [width, height] of [...WIDTHS, ...SCREENS]) {
    await page.setViewportSize({ width, height });
    const there = await page.evaluate(flaws);
    if (there.length) found[`${width} × ${height}`] = there;
  }
  expect(found).toEqual({});
});

test('what leads on and plays takes three rows of a narrow screen, and the rest is one tap away', async ({ lab, page }) => {
  for (const width of [360, 390]) {
    await page.setViewportSize({ width, height: 740 });
    await lab.open(SHORT);
    for (const view of ['train', 'one-step', 'map', 'flow']) {
      await page.locator(`#tab-${view}`).click();
      expect(await page.locator('#views').evaluate((views) => views.getBoundingClientRect().top)).toBeLessThan(135);
    }
    await expect(page.locator('#share-open')).toBeHidden();
    await page.locator('#more').click();
    for (const id of ['presets-open', 'tour-open', 'theme', 'projector', 'help']) await expect(page.locator(`#${id}`)).toBeVisible();
    expect(await page.evaluate(flaws)).not.toContainEqual(expect.stringMatching(/cut off|hangs/));
    await page.locator('#share-open').click();
    await expect(page.locator('#share-link')).toBeVisible();
    await expect(page.locator('#page')).toBeHidden();
    await page.keyboard.press('Escape');
    await expect(page.locator('#more')).toBeFocused();
  }
});

test('what overlaps, hangs over the side or is cut off is found', async ({ lab, page }) => {
  await lab.open(SHORT);
  const found = await page.evaluate(`(() => {
    document.getElementById('step').style.marginLeft = '-60px';
    document.getElementById('epoch').style.cssText = 'position: absolute; left: 1270px';
    document.querySelector('.boundary .name').style.maxWidth = '30px';
    return (${flaws})();
  })()`);
  for (const words of [/“Step” and play overlap|step and play overlap/, /the page is \d+ wide in 1280/, /epoch hangs over the side/, /“BackProp” is cut off/]) {
    expect(found.join('\n')).toMatch(words);
  }
});
