// A new build on the server, bad networks, and a damaged cache: the page is always whole.
import { Host, build, headersOf } from '../sites.js';
import { Lab, SHORT, expect, test } from '../site.js';

const FIRST = build();
// An element that the wasm asks for by its name: a page with files of both builds cannot start.
const SECOND = build(['one-where', 'two-where']);

test.use({
  serviceWorkers: 'allow',
  provoked: /died on purpose|Content Security Policy|request outside the site|status (404|503)|Failed to load resource|net::ERR_|preload/,
});

let host, address;
test.beforeEach(async () => {
  host = new Host(FIRST);
  address = await host.listen();
});
test.afterEach(() => host.close());

const open = async (page, where = `${address}?${SHORT}`) => {
  await page.goto(where);
  const lab = new Lab(page);
  await lab.ready();
  await lab.step(2);
  return lab;
};
const buildOf = (page) => page.evaluate(() => document.documentElement.dataset.build);
const nameOf = (files) => / data-build="([^"]*)"/.exec(files.get('index.html').toString('latin1'))[1];

/** Files of a build that the page has kept, by name. */
const kept = (page) =>
  page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname.slice(5));
    }
    return found.sort();
  });
const namesOf = (files) => ['', ...files.keys()].filter((name) => !['index.html', 'offline.js', 'licences.html'].includes(name)).sort();
const isKept = (page, files) => expect.poll(() => kept(page)).toEqual(expect.arrayContaining(namesOf(files)));
/** The kept index is that of these files, which are kept before it. */
const isOpened = (page, files) =>
  expect
    .poll(() => page.evaluate(async () => (await (await caches.match('./'))?.text())?.match(/ data-build="([^"]*)"/)[1]))
    .toBe(nameOf(files));

/** What needs more of the site than was needed to start: workers, elements of the other views. */
async function does(page) {
  await page.locator('#tab-map').click();
  await expect(page.locator('#map-said')).toContainText('ProxProp: ', { timeout: 30_000 });
  await page.locator('#tab-one-step').click();
  await expect(page.getByText(/sub-step \d/i).first()).toBeVisible();
}

test('no two files of different builds have one name', () => {
  const shared = [...FIRST.keys()].filter((name) => SECOND.has(name));
  for (const name of shared.filter((name) => !['index.html', 'offline.js'].includes(name))) {
    expect(FIRST.get(name).equals(SECOND.get(name)), name).toBe(true);
  }
  expect(shared.filter((name) => /proxprop_bg|licences-/.test(name))).toHaveLength(1);
});

for (const [order, before, after] of [
  ['to a new build', FIRST, SECOND],
  ['back to an old build', SECOND, FIRST],
]) {
  test(`a deploy, ${order}, leaves open pages as they are and gives the next visit the whole other one`, async ({ page, context }) => {
    host.files = before;
    await open(page);
    await isKept(page, before);
    const filled = host.requests.filter(({ name, headers }) => name.endsWith('.wasm') && headers['cache-control'] === 'no-cache');
    expect(filled, 'the cache is filled from the network, with the modules that come later too').toHaveLength(3);

    host.files = after;
    const other = await context.newPage();
    await open(other);
    expect(await buildOf(other)).toBe(nameOf(after));
    await does(other);
    await other.close();

    // The page that was open hires workers, also another for one that died.
    await expect(page.locator('#renewed')).toBeVisible();
    await does(page);
    await page.locator('#renewed').getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => buildOf(page)).toBe(nameOf(after));
    await expect(page.locator('#renewed')).toBeHidden();
    await new Lab(page).ready();
  });
}

test.describe('where nothing is kept but the browser’s own cache', () => {
  test.use({ serviceWorkers: 'block' });
  test('an index without its files says so, and is not met again', async ({ page }) => {
    host.answer = (name, response) => {
      host.headers = { 'cache-control': name === 'index.html' ? 'max-age=600' : 'no-store' };
      host.usual(name, response);
    };
    await open(page);
    const lab = new Lab(page);
    // Another tab's worth: the index comes from the cache, its files are gone. The script may still be there.
    const main = [...FIRST.keys()].find((name) => name.startsWith('www/main'));
    host.files = new Map([...SECOND, [main, FIRST.get(main)]]);
    await page.goto('about:blank');
    await page.goto(`${address}?${SHORT}`);
    await expect(page.getByTestId('error')).toContainText('could not start');
    await page.locator('#renewed').getByRole('button', { name: 'Reload' }).click();
    await lab.ready();
    expect(await buildOf(page)).toBe(nameOf(SECOND));
    await lab.step(2);
  });

  test('an old tab restarts its worker and finds the notices although its build is gone', async ({ page }) => {
    const lab = await open(page);
    host.files = SECOND;
    for (const worker of page.workers()) await worker.evaluate(() => reportError(new Error('died on purpose')));
    await page.locator('#restart').click();
    await lab.ready();
    await lab.step(2);
    expect(await buildOf(page)).toBe(nameOf(FIRST));
    await page.locator('footer a').click();
    await expect(page.getByRole('heading', { name: 'Licences' })).toBeVisible();
  });
});

test('with the headers that the site asks for it starts, works, is kept, and asks again for what may change alone', async ({ page, context }) => {
  host.answer = (name, response) => {
    const path = `/${name}`.replace(/^\/index\.html$/, '/');
    host.headers = headersOf(path);
    host.usual(name, response);
  };
  await open(page);
  await isOpened(page, FIRST);
  await does(page);
  // The service worker comes from an address, and so has the policy of its own headers alone.
  const [worker] = context.serviceWorkers();
  const refused = await worker.evaluate(
    (elsewhere) =>
      // What is evaluated for a test may evaluate more; what a timer calls may not.
      new Promise((resolve) => {
        setTimeout(async () => {
          const errors = [];
          try {
            eval('1');
          } catch (error) {
            errors.push(error.name);
          }
          await fetch(elsewhere, { mode: 'no-cors' }).catch((error) => errors.push(error.name));
          resolve(errors);
        });
      }),
    process.env.PROXPROP_SITE,
  );
  expect(refused).toEqual(['EvalError', 'TypeError']);
  await page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  });
  host.requests.length = 0;
  await page.goto(`${address}?${SHORT}`);
  await new Lab(page).ready();
  const asked = new Set(host.requests.map(({ name }) => name));
  expect([...asked].filter((name) => /^(pkg|www)\//.test(name) && name.endsWith('.js'))).toEqual([]);
  expect(asked).toContain('index.html');
});

for (const bad of ['silent', 'broken', 'captive']) {
  test(`on a network that is ${bad} the kept page opens within seconds`, async ({ page }) => {
    await open(page);
    await isOpened(page, FIRST);
    host.answer = host[bad];
    await page.goto(`${address}?${SHORT}&seed=5`);
    const opened = await page.evaluate(() => performance.getEntriesByType('navigation')[0].responseStart);
    expect(opened).toBeLessThan(3000);
    const lab = new Lab(page);
    await lab.ready();
    await lab.step(2);
    await lab.addressHas('seed=5');
    await expect(page.locator('#kept')).toContainText(/the copy that the browser kept on \w+ \d+, \d{4}/);
    await does(page);
    // The notices are a page of their own, kept as well.
    await page.locator('footer a').click();
    await expect(page.getByRole('heading', { name: 'Licences' })).toBeVisible();
  });
}

test('a site that has moved away opens as it was kept, says so, and is itself again when it is back', async ({ page }) => {
  await open(page);
  await isOpened(page, FIRST);
  await expect(page.locator('#kept')).toBeHidden();
  host.answer = (name, response) => response.writeHead(301, { location: 'http://127.0.0.1:9/moved/' }).end();
  await open(page);
  await expect(page.locator('#kept')).toBeVisible();
  host.answer = host.usual;
  await page.locator('#kept').getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('#kept')).toBeHidden();
  await new Lab(page).ready();
});

test('a new build that does not arrive leaves the kept one, and is offered when it is whole', async ({ page }) => {
  await open(page);
  await isOpened(page, FIRST);
  const late = [];
  host.files = SECOND;
  host.answer = (name, response) => {
    if (name.endsWith('.wasm')) late.push(() => host.usual(name, response));
    else host.usual(name, response);
  };
  await open(page);
  expect(await buildOf(page)).toBe(nameOf(FIRST));
  await expect(page.locator('#renewed')).toBeHidden();
  await expect.poll(() => late.length).toBeGreaterThan(0);
  host.answer = host.usual;
  for (const answer of late) answer();
  await expect(page.locator('#renewed')).toBeVisible();
  await page.locator('#renewed').getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => buildOf(page)).toBe(nameOf(SECOND));
});

test('a cache that was emptied or damaged is whole again after the next visit', async ({ page, context }) => {
  await open(page);
  await isOpened(page, FIRST);
  for (const harm of [
    async () => Promise.all((await caches.keys()).map((name) => caches.delete(name))),
    async () => {
      const cache = await caches.open((await caches.keys())[0]);
      for (const request of await cache.keys()) {
        if (request.url.endsWith('.wasm')) await cache.put(request, new Response('half of it', { headers: { 'content-type': 'application/wasm' } }));
        if (request.url.endsWith('.css')) await cache.delete(request);
      }
    },
  ]) {
    await page.evaluate(harm);
    await open(page);
    await isKept(page, FIRST);
    await isOpened(page, FIRST);
    await context.setOffline(true);
    await open(page);
    await context.setOffline(false);
  }
});
