// `node measure.js FOLDER [only-peers]`: bundles the worker into FOLDER (which holds pkg/ already), serves it to
// headless Chromium and prints the rows as JSON; progress goes to standard error.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'esbuild';

const here = import.meta.dirname;
const folder = resolve(process.argv[2]);
const require = createRequire(import.meta.url);

mkdirSync(folder, { recursive: true });
await build({
  entryPoints: [join(here, 'worker.js')],
  outfile: join(folder, 'worker.js'),
  bundle: true,
  format: 'esm',
  minify: true,
  logLevel: 'error',
});
const wasm = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'));
for (const kind of ['', '-simd', '-threaded-simd']) {
  cpSync(join(wasm, `tfjs-backend-wasm${kind}.wasm`), join(folder, 'tfjs', `tfjs-backend-wasm${kind}.wasm`));
}
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>bench</title><link rel="icon" href="data:,">');

const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  try {
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

/** Opens the finished site and times what a person would feel: the wait, and the main thread's work per frame. */
async function lookAt(address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.addInitScript(() => {
    const ask = window.requestAnimationFrame.bind(window);
    window.frameTimes = [];
    window.requestAnimationFrame = (draw) =>
      ask((now) => {
        const start = performance.now();
        draw(now);
        window.frameTimes.push(performance.now() - start);
      });
  });
  await page.goto(address);
  const { ready, times } = await page.evaluate(async () => {
    while (!window.proxprop) await new Promise((wait) => setTimeout(wait, 1));
    await window.proxprop.ready;
    const ready = performance.now();
    // The bare address plays by itself; a run of 300 steps at 60 a second fills all curves.
    while ((await window.proxprop.frame()).members.some((member) => member.status === 'training')) {
      await new Promise((wait) => setTimeout(wait, 50));
    }
    return { ready, times: window.frameTimes };
  });
  times.sort((a, b) => a - b);
  const row = (rule, milliseconds) => ({ where: 'browser', engine: 'proxprop', rule, net: 'the page', us_per_step: milliseconds * 1000 });
  return [
    row('until interactive', ready),
    row('frame, median', times[times.length >> 1]),
    row('frame, 95th percentile', times[Math.floor(times.length * 0.95)]),
  ];
}

const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(message.text()));
  await page.exposeFunction('progress', (rows) => {
    for (const { engine, rule, net, us_per_step: us } of rows) console.error(`${net}  ${rule}  ${engine}: ${us.toPrecision(4)} µs`);
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const without = process.argv[3] === 'only-peers' ? ['proxprop'] : [];
  const rows = await page.evaluate(
    (without) =>
      new Promise((resolve, reject) => {
        const all = [];
        const worker = new Worker('worker.js', { type: 'module' });
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = ({ data }) => {
          if (data.error) reject(new Error(data.error));
          if (data.done) resolve(all);
          if (data.rows) {
            all.push(...data.rows);
            window.progress(data.rows);
          }
        };
        worker.postMessage(without);
      }),
    without,
  );
  rows.push(...(await lookAt(`http://127.0.0.1:${server.address().port}/site/`)));
  console.log(JSON.stringify(rows, null, 1));
} finally {
  await browser.close();
  server.close();
}
