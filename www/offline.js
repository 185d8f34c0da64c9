// Keeps the site for when there is no network. It knows no build: index.html names its files, and each of their names has a
// digest of its content, so that no file can be taken for another build's. The network comes first as long as it answers;
// what is handed out is always whole.
const CACHE = `proxprop ${self.registration.scope}`;
const HOME = self.registration.scope;
/** Milliseconds that the network may take where there is a kept copy. */
const PATIENCE = 2500;

const buildOf = (html) => / data-build="([^"]*)"/.exec(html)?.[1];
/** The files that an index names, each with its digest. */
const filesOf = (html) => [...html.matchAll(/ (?:href|src)="([\w./-]+-([0-9a-f]{16})\.\w+)"/g)].map(([, name, digest]) => ({ name, digest }));

const isWhole = async (response, digest) => {
  if (!response?.ok) return false;
  const hash = await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer());
  const hex = Array.from(new Uint8Array(hash, 0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return hex.join('') === digest;
};

/** Has every file of an index kept, anew where it is missing or damaged. */
const keep = (cache, html) =>
  Promise.all(
    filesOf(html).map(async ({ name, digest }) => {
      if (await isWhole(await cache.match(name), digest)) return;
      const response = await fetch(name, { cache: 'reload' });
      if (!(await isWhole(response, digest))) throw new Error(`${name} is not what the page asks for`);
      await cache.put(name, response);
    }),
  );

/** The site as the network has it now: its index, once all of its files are kept. */
const renew = async (cache) => {
  const response = await fetch(HOME, { cache: 'no-cache', redirect: 'error' });
  const html = await response.clone().text();
  // Anything else that answers in the site's place, a log-in page say, names no build.
  if (!response.ok || !buildOf(html)) throw new Error('this is another page');
  const before = await cache.match(HOME);
  try {
    await keep(cache, html);
    await cache.put(HOME, response.clone());
  } catch (error) {
    // A full disk must not hold back a new build.
    if (error instanceof DOMException) return response;
    throw error;
  }
  // Pages of the build before may still be loading.
  const old = before ? await before.text() : '';
  if (old !== html) await tidy(cache, [html, old]);
  for (const page of await self.clients.matchAll({ includeUncontrolled: true })) page.postMessage({ build: buildOf(html) });
  return response;
};

/** Drops all but the files of these indices. */
const tidy = async (cache, indices) => {
  const wanted = new Set([HOME, ...indices.flatMap(filesOf).map(({ name }) => new URL(name, HOME).href)]);
  const unwanted = (await cache.keys()).filter(({ url }) => !wanted.has(url));
  await Promise.all(unwanted.map((request) => cache.delete(request)));
};

/** The page: as the network has it if that answers in time, else as it was kept. */
const open = async (event) => {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(HOME);
  const renewed = renew(cache);
  event.waitUntil(renewed.catch(() => {}));
  if (!kept) return fetch(event.request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return (await Promise.race([renewed, late]).catch(() => {})) ?? dated(kept);
};

/** A kept page that says of itself when it came: a site may have moved away, or be gone. */
const dated = async (kept) => {
  const headers = new Headers(kept.headers);
  // Of the text as it came.
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  const html = await kept.text();
  return new Response(html.replace('<html ', `<html data-kept="${headers.get('date') ?? ''}" `), { headers });
};

/** The kept notices: their address is that of every build, for pages whose own is gone from the server. */
const notices = async () => {
  const cache = await caches.open(CACHE);
  const { name } = filesOf(await (await cache.match(HOME)).text()).find(({ name }) => name.startsWith('licences-'));
  return cache.match(name);
};

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then(renew));
  self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  // What earlier versions of this script have kept, by build.
  const earlier = async () => (await caches.keys()).filter((name) => name.startsWith('proxprop-'));
  const forget = async () => Promise.all((await earlier()).map((name) => caches.delete(name)));
  event.waitUntil(forget().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const home = new URL(HOME);
  if (request.method !== 'GET' || origin !== home.origin) return;
  // What is cannot be kept, or not found, is left to the network.
  const network = () => fetch(request);
  if ([home.pathname, `${home.pathname}index.html`].includes(pathname)) {
    // The query is the run, not another page.
    event.respondWith(open(event).catch(network));
  } else if (pathname === `${home.pathname}licences.html`) {
    event.respondWith(notices().then((found) => found ?? network(), network));
  } else if (/-[0-9a-f]{16}\.\w+$/.test(pathname)) {
    const kept = async () => (await caches.open(CACHE)).match(request, { ignoreVary: true });
    event.respondWith(kept().then((found) => found ?? network(), network));
  }
});
