// Wherever the page cannot start it says why, in words that stand in index.html or in its one script.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Host, build } from '../sites.js';
import { SHORT, expect, test } from '../site.js';

const dist = join(import.meta.dirname, '../../../dist');
const FILES = build();

test.use({ provoked: /./ });

let host, address;
test.beforeEach(async () => {
  host = new Host(FILES);
  host.headers = { 'x-content-type-options': 'nosniff' };
  address = await host.listen();
});
test.afterEach(() => host.close());

const sentence = (page) => page.locator('#unstarted');
/** Waits no longer than the style sheet says. */
const late = (page) => page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));

/** Serves these files otherwise. */
function otherwise(pattern, answer) {
  host.answer = (name, response) => (pattern.test(name) ? answer(name, response) : host.usual(name, response));
}

for (const [what, pattern, answer] of [
  ['scripts of a wrong type', /\.js$/, (name, response) => response.writeHead(200, { 'content-type': 'text/plain', ...host.headers }).end(FILES.get(name))],
  ['scripts that are not there', /\.js$/, (_, response) => response.writeHead(404).end()],
  ['scripts that never come', /\.js$/, () => {}],
  ['a script that an old browser cannot read', /main/, (name, response) => host.usual(name, response, 'what ??= is. this')],
]) {
  test(`${what}: after some seconds the style sheet shows a sentence`, async ({ page }) => {
    otherwise(pattern, answer);
    await page.goto(address, { waitUntil: 'commit' });
    await expect(sentence(page)).toBeAttached();
    await expect(sentence(page)).toBeHidden();
    await late(page);
    await expect(sentence(page)).toBeVisible();
    await expect(sentence(page)).toContainText('The lab has not started.');
    await expect(sentence(page)).toBeInViewport({ ratio: 1 });
  });
}

test('at a path without its slash the sentence is there at once', async ({ page }) => {
  await page.goto(address.slice(0, -1));
  await expect(sentence(page)).toBeVisible();
  await expect(sentence(page)).toBeInViewport();
  await expect(sentence(page)).toContainText('ends with a slash');
});

test('without the wasm’s own script the page says so at once', async ({ page }) => {
  otherwise(/pkg\/.*\.js$/, (_, response) => response.writeHead(404).end());
  await page.goto(address);
  await expect(page.getByTestId('error')).toContainText('could not start');
  await expect(sentence(page)).toBeHidden();
});

test('a page that runs takes the sentence away', async ({ page, lab }) => {
  await page.goto(`${address}?${SHORT}`);
  await lab.ready();
  await late(page);
  await expect(sentence(page)).toBeHidden();
});

test('from a disk it names the file that opens there', async ({ page }) => {
  await page.goto(pathToFileURL(join(dist, 'index.html')).href);
  await expect(page.getByTestId('error').or(sentence(page)).filter({ visible: true })).toContainText('proxprop.html');
});

test('without SIMD it says what is needed', async ({ page }) => {
  await page.addInitScript(() => (WebAssembly.validate = () => false));
  await page.goto(address);
  await expect(page.getByTestId('error')).toContainText('SIMD');
});

/** A page of another origin with the lab in a sandboxed frame. */
async function sandboxed(page, src) {
  const deck = new Host(new Map([['index.html', `<!doctype html><iframe sandbox="allow-scripts" width="1000" height="600" src="${src}"></iframe>`]]));
  await page.goto(await deck.listen());
  return { frame: page.frameLocator('iframe'), close: () => deck.close() };
}

test('in a sandboxed frame it says what is missing, and starts where every origin may read its files', async ({ page }) => {
  const closed = await sandboxed(page, `${address}?${SHORT}`);
  await expect(closed.frame.getByTestId('error')).toContainText('sandboxed without allow-same-origin');
  closed.close();
  host.headers = { 'access-control-allow-origin': '*' };
  const open = await sandboxed(page, `${address}?${SHORT}`);
  await expect(open.frame.getByTestId('status')).toHaveText('Ready');
  await open.frame.getByTestId('step').click();
  await expect(open.frame.getByTestId('status')).toHaveText('Paused at step 1');
  open.close();
});

test('as one file it starts in a sandboxed frame from any server', async ({ page }) => {
  host.files = new Map([['proxprop.html', readFileSync(join(dist, 'proxprop.html'))]]);
  const { frame, close } = await sandboxed(page, `${address}proxprop.html?${SHORT}`);
  await expect(frame.getByTestId('status')).toHaveText('Ready');
  await frame.getByTestId('step').click();
  await expect(frame.getByTestId('status')).toHaveText('Paused at step 1');
  close();
});
