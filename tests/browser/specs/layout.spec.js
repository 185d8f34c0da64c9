// Where things are: nothing overlaps, hangs over the side or is cut off, at any width, in any view and look.
import { flaws } from '../layout.js';
import { SHORT, expect, test } from '../site.js';

/** Screens that lecture halls, desks and pockets have, and every width between them. */
const SCREENS = [[360, 740], [390, 844], [1024, 768], [1280, 720], [1920, 1080]];
const WIDTHS = Array.from({ length: 81 }, (_, i) => [320 + 20 * i, 800]);

/** What is wrong at any width, by the size of the window. */
async function flawsAtAnyWidth(page) {
  const found = {};
  for (const [width, height] of [...WIDTHS, ...SCREENS]) {
    await page.setViewportSize({ width, height });
    const there = await page.evaluate(flaws);
    if (there.length) found[`${width} × ${height}`] = there;
  }
  return found;
}

for (const view of ['train', 'one-step', 'map', 'flow', 'related']) {
  const runs = view === 'related' ? ['system=auc&steps=300', 'system=auc&preset=how-implicit'] : [SHORT, 'preset=circle'];
  for (const [run, theme] of [[runs[0], 'light'], [runs[1], 'projector']]) {
    test(`all of ${view} is seen whole from 320 to 1920 wide, ${theme}`, async ({ lab, page }) => {
      await lab.open(`${run}#view=${view}&theme=${theme}`);
      await lab.step(15);
      // A map in training has nothing to do with where it stands.
      if (view === 'map') await lab.cancelMap();
      expect(await flawsAtAnyWidth(page)).toEqual({});
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

for (const theme of ['light', 'projector']) {
  test(`diverged, with a curve above the chart, all is seen whole at every width, ${theme}`, async ({ lab, page }) => {
    await lab.open(`data=circle&run=backprop,tau:100&run=prox-exact,tau:1#theme=${theme}`);
    await lab.step(130);
    await expect(page.getByLabel('Whole range').first()).toBeVisible();
    expect(await flawsAtAnyWidth(page)).toEqual({});
  });
}

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

/** Where the pictures and charts of a system stand on the page, by their names; of a chart below its legend where it ends. */
const pictured = (page) =>
  page.locator('#related .looks :is(.field, .chart)').evaluateAll((all) =>
    Object.fromEntries(all.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const begins = element.parentElement.querySelector('.legend') ? bottom : top;
      return [element.id, [left + scrollX, right + scrollX, begins + scrollY, bottom + scrollY].map(Math.round)];
    })),
  );

for (const [preset, press] of [['zeros'], ['five-steps'], ['who-was-repaired', 'probability'], ['fifty-points', 'plane'], ['who-waits']]) {
  for (const [width, height, theme] of [[1280, 720, 'light'], [1024, 768, 'projector'], [390, 844, 'light']]) {
    test(`neither play nor press nor answer moves a picture of ${preset}, ${width} wide, ${theme}`, async ({ lab, page }) => {
      await page.setViewportSize({ width, height });
      await lab.open(`preset=${preset}#view=related&theme=${theme}`);
      await expect.poll(async () => (await lab.frame())?.step, { timeout: 30_000 }).toBe(0);
      await expect(page.locator('#lecture-question')).toBeVisible();
      const stood = await pictured(page);
      const still = async (what) => {
        const now = await pictured(page);
        for (const [name, place] of Object.entries(stood)) expect(now[name], `${name} after ${what}`).toEqual(place);
      };
      await lab.step(12);
      await still('steps');
      await page.locator('#lecture-answer summary').click();
      await expect(page.locator('#lecture-answer-text')).toBeInViewport({ ratio: 1 });
      await still('the answer');
      await page.locator('#lecture-answer summary').click();
      if (!press) return;
      const plane = page.locator(`#related-plane-${press}-1`);
      await plane.scrollIntoViewIfNeeded();
      const box = await plane.boundingBox();
      await plane.click({ position: { x: 0.8 * box.width, y: 0.3 * box.height } });
      await expect(page.locator('#lecture-place')).toContainText('changed');
      // What is asked for may be pictures more, behind those that were there.
      const own = Object.keys(stood).filter((name) => new RegExp(`^related-plane-${press}-\\d$`).test(name));
      const now = await pictured(page);
      for (const name of own) expect(now[name], `${name} after a press`).toEqual(stood[name]);
    });
  }
}

test('what has happened stands where the usual words stood, and moves nothing', async ({ lab, page }) => {
  await lab.open('system=auc&steps=2000&run=prox&stop=auc:0.8#view=related');
  const stood = await pictured(page);
  await page.evaluate(() => window.proxprop.step(2000));
  await expect(page.locator('#related-go-on')).toBeVisible();
  expect(await pictured(page)).toEqual(stood);
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
