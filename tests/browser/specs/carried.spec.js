// Without a network: one file opened from disk, and the site after the first visit.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Lab, SHORT, expect, test } from '../site.js';

test('one file from disk does everything', async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  const file = pathToFileURL(join(import.meta.dirname, '../../../dist/proxprop.html'));
  await page.goto(`${file}?${SHORT}`);
  const lab = new Lab(page);
  await lab.ready();
  await lab.step(10);
  const frame = await lab.frame();
  expect(frame.members.map((member) => member.rule)).toEqual(['backprop', 'prox-exact']);
  expect(frame.total_steps).toBe(20);
  // What is changed stands in the address, and the address replays it.
  await lab.set('seed', '9');
  await lab.addressHas('seed=9');
  await lab.step(4);
  const numbers = await lab.numbers();
  await page.reload();
  await lab.ready();
  await lab.addressHas('seed=9');
  await lab.step(4);
  expect(await lab.numbers()).toEqual(numbers);
  await page.getByTestId('reset').click();
  await lab.at(0);
  await lab.step(5);
  // The map hires workers of its own.
  await page.locator('#tab-map').click();
  await expect(page.locator('#map-said')).toContainText('ProxProp: ', { timeout: 30_000 });
  expect((await page.evaluate(() => window.proxprop.map())).cells.every(Boolean)).toBe(true);

  for (const view of ['one-step', 'map', 'flow', 'train']) {
    await page.locator(`#tab-${view}`).click();
    await expect(page.locator(`#${view}`)).toBeVisible();
  }
  await page.locator('#tab-one-step').click();
  await expect(page.locator('#one-where')).toContainText('sub-step');
  await page.locator('#tab-train').click();

  await page.locator('#share-open').click();
  await expect(page.locator('#share-hint')).toContainText('This page is a file, so the link works on this computer only');
  await expect(page.locator('#share-code')).toBeHidden();
  const link = await page.locator('#share-link').inputValue();
  expect(link).toMatch(/^file:.*proxprop\.html\?.*seed=9/);
  for (const [button, name] of [
    ['share-csv', 'proxprop-curves.csv'],
    ['share-state', 'proxprop-state.json'],
    ['share-svg', 'proxprop-view.svg'],
    ['share-png', 'proxprop-view.png'],
  ]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`#${button}`).click()]);
    expect(download.suggestedFilename()).toBe(name);
  }
  await page.keyboard.press('Escape');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text', '0,0,a\n0.1,0.5,b\n0.5,0.5,b\n-0.4,0.2,a\n');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(page.getByTestId('notice')).toContainText('The pasted text: 3 training points and 1 held back');
  await page.goto(link);
  await lab.ready();
  await lab.addressHas('seed=9');
  // A worker hires others, for the runs of wide networks.
  const wide = 'v=1&n=400&hidden=128,128&batch=400&epochs=9000&run=backprop,tau:0.01&run=backprop,tau:0.01';
  await page.evaluate((query) => window.proxprop.load(query), wide);
  await page.getByLabel('Speed').selectOption({ label: 'as fast as possible' });
  await page.evaluate(() => window.proxprop.play());
  await expect.poll(async () => (await lab.frame()).engine.reason).toContain('2 workers train the runs side by side.');
  // It carries the whole engine too.
  await page.evaluate(() => window.proxprop.load('v=1&data=digits&n=100&epochs=2&hidden=c3x4,max2&run=prox-exact,tau:1'));
  await page.evaluate(() => window.proxprop.step(2));
  await lab.at(2);
  expect(complaints).toEqual([]);
  await context.close();
});

test.describe('after the first visit', () => {
  // Leaving a page while its icon is still loading ends that request.
  test.use({
    serviceWorkers: 'allow',
    provoked: /net::ERR_INTERNET_DISCONNECTED|Failed to load resource|icon\.svg net::ERR_ABORTED/,
  });
  test('the site works without a network', async ({ lab, page, context }) => {
    await lab.open(SHORT);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await context.setOffline(true);
    await page.goto(`./?${SHORT}&seed=5`);
    await lab.ready();
    await lab.step(3);
    await lab.addressHas('seed=5');
    for (const view of ['one-step', 'map', 'flow']) {
      await page.locator(`#tab-${view}`).click();
      await expect(page.locator(`#${view}`)).toBeVisible();
    }
    await page.locator('#tab-one-step').click();
    await expect(page.locator('#one-where')).toContainText('sub-step');
    await lab.set('data', 'digits');
    await lab.addressHas('data=digits');
    await context.setOffline(false);
  });
});
