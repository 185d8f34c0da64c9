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
  await page.getByTestId('reset').click();
  await lab.at(0);
  // The map hires workers of its own.
  await page.locator('#tab-map').click();
  await expect(page.locator('#map-said')).toContainText('ProxProp: ', { timeout: 30_000 });
  expect((await page.evaluate(() => window.proxprop.map())).cells.every(Boolean)).toBe(true);
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
    await context.setOffline(false);
  });
});
