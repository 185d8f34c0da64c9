// `node measure.js FOLDER [WORD...]`: bundles the worker into FOLDER (which holds pkg/ already), serves it to headless Chromium
// and prints as JSON when and on what it has measured, and the rows; with words, of what has one of them in its name alone.
// Progress goes to standard error.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, platform } from 'node:os';
import { dirname, extname, join, normalize, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { build } from 'esbuild';
import { MAPS, PLAYED, PLAYERS, TAU } from './workloads.js';

const here = import.meta.dirname;
const folder = resolve(process.argv[2]);
const words = process.argv.slice(3);
const wanted = (name) => words.length === 0 || words.some((word) => name.includes(word));
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

const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };
const packed = new Map();
const gzipped = (file) => {
  if (!packed.has(file)) packed.set(file, gzipSync(readFileSync(file)));
  return packed.get(file);
};
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  try {
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    const content = gzipped(file);
    const headers = { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-encoding': 'gzip', 'content-length': content.length };
    response.writeHead(200, headers).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

/** Lines on which the page is opened for the first time: megabits per second, and milliseconds there and back. */
const LINES = [
  { rate: 1.6, latency: 150 },
  { rate: 10, latency: 0 },
];

/** The finished site in a tab whose animation frames are timed, on a line that is as slow as asked for. */
async function visit(address, line) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  if (line) {
    const { rate, latency } = line;
    const bytes = (rate * 1e6) / 8;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: bytes, uploadThroughput: bytes });
  }
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
  const ready = await page.evaluate(async () => {
    while (!window.proxprop) await new Promise((wait) => setTimeout(wait, 1));
    await window.proxprop.ready;
    return performance.now();
  });
  return { page, ready };
}

const row = (net) => (rule, milliseconds) => {
  console.error(`${net}  ${rule}: ${milliseconds.toPrecision(4)} ms`);
  return { table: 'page', where: 'browser', engine: 'proxprop', rule, net, us_per_step: milliseconds * 1000 };
};

/** Times what a person would feel: the wait, and the main thread's work per frame. */
async function lookAt(address) {
  const { page, ready } = await visit(address);
  const times = await page.evaluate(async () => {
    // The bare address plays by itself; a run of 300 steps at 60 a second fills all curves.
    while ((await window.proxprop.frame()).members.some((member) => member.status === 'training')) {
      await new Promise((wait) => setTimeout(wait, 50));
    }
    return window.frameTimes;
  });
  await page.close();
  times.sort((a, b) => a - b);
  const of = row('the page');
  return [
    of('until interactive', ready),
    of('frame, median', times[times.length >> 1]),
    of('frame, 95th percentile', times[Math.floor(times.length * 0.95)]),
  ];
}

/** What the main thread does of a trace's frames: milliseconds of the script, and of the whole task that it is in; nothing without any. */
function framesOf(trace) {
  const events = JSON.parse(trace.toString()).traceEvents.filter(({ ph }) => ph === 'X');
  const scripts = events.filter(({ name }) => name === 'FireAnimationFrame');
  if (scripts.length === 0) return undefined;
  const [{ pid, tid }] = scripts;
  const tasks = events.filter((event) => event.name === 'RunTask' && event.pid === pid && event.tid === tid).sort((a, b) => a.ts - b.ts);
  const around = ({ ts }) => tasks.findLast((task) => task.ts <= ts);
  const frames = new Set(scripts.map(around).filter(Boolean));
  const milliseconds = (events) => [...events].map(({ dur }) => dur / 1000).sort((a, b) => a - b);
  return { scripts: milliseconds(scripts), tasks: milliseconds(frames) };
}

/** Times the main thread's frames for some seconds of a run that is played at 60 steps a second. */
async function lookAtFrames(address, net) {
  const { page } = await visit(address);
  await page.evaluate(async () => {
    while ((await window.proxprop.frame())?.step === undefined) await new Promise((wait) => setTimeout(wait, 20));
    await window.proxprop.seek(0);
    await window.proxprop.play();
  });
  await page.waitForTimeout(500);
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  await page.waitForTimeout(4000);
  const frames = framesOf(await browser.stopTracing());
  await page.close();
  // Runs that have ended are not drawn again.
  if (!frames) return [];
  const { scripts, tasks } = frames;
  const of = (rule, milliseconds) => ({ ...row(net)(rule, milliseconds), table: 'systems' });
  const late = (values) => values[Math.floor(values.length * 0.95)];
  return [
    of('script', median(scripts)),
    of('script, 95 %', late(scripts)),
    of('whole task', median(tasks)),
    of('whole task, 95 %', late(tasks)),
  ];
}

/** Megabytes in the memory of the tabs' processes, workers included; `null` where no one can say. */
async function resident() {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  try {
    const sizes = processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]));
    return sizes.reduce((sum, size) => sum + size, 0) / 1024;
  } catch {
    return null;
  }
}

/** Plays runs of a related system as fast as possible, one seed after the other, for 100,000 steps or a minute: steps and memory. */
async function lookAtLength(address, net) {
  const { page } = await visit(address);
  await page.getByLabel('Speed').selectOption({ label: 'as fast as possible' });
  await page.evaluate(async () => {
    while ((await window.proxprop.frame())?.step === undefined) await new Promise((wait) => setTimeout(wait, 20));
  });
  const before = await resident();
  const { steps, time } = await page.evaluate(async () => {
    const lab = window.proxprop;
    const begun = performance.now();
    let steps = 0;
    const over = (more) => steps + more >= 100_000 || performance.now() - begun > 60_000;
    for (let seed = 2; ; seed++) {
      await lab.play();
      let frame;
      do {
        await new Promise((wait) => setTimeout(wait, 50));
        frame = await lab.frame();
      } while (!over(frame.step) && frame.columns.some(({ status }) => status === 'training'));
      steps += frame.step;
      if (over(0)) return { steps, time: performance.now() - begun };
      await lab.set('seed', String(seed));
    }
  });
  await page.evaluate(() => window.proxprop.pause());
  const after = await resident();
  await page.close();
  const us = (1000 * time) / steps;
  console.error(`${net}: ${us.toPrecision(4)} µs per step; ${before} MB, after ${steps} steps ${after} MB`);
  const one = { table: 'systems', where: 'browser', engine: 'proxprop', net };
  const memory = (rule, megabytes) => ({ ...one, rule, us_per_step: 0, megabytes });
  return [
    { ...one, rule: 'step', us_per_step: us },
    ...(before === null ? [] : [memory('at first', before), memory(`after ${steps} steps`, after)]),
  ];
}

/** Times the first load on a slow line, gzipped: until there are words, and until the page is interactive. */
async function lookAtLoading(address, line) {
  const { page, ready } = await visit(address, line);
  const words = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
  await page.close();
  const { rate, latency } = line;
  const on = `at ${rate} Mbit/s${latency > 0 ? ` and ${latency} ms` : ''}`;
  const of = row('the page');
  return [of(`until words, ${on}`, words), of(`until interactive, ${on}`, ready)];
}

/** Times a step-size map from the click on its tab to its first cells, a coarse picture, and the whole. */
async function lookAtMap(address, net) {
  const { page } = await visit(address);
  const { first, coarse, whole, longest } = await page.evaluate(async () => {
    const start = performance.now();
    const at = {};
    window.frameTimes = [];
    document.getElementById('tab-map').click();
    for (;;) {
      const cells = (await window.proxprop.map())?.cells ?? [null];
      const known = cells.filter(Boolean).length;
      const now = performance.now() - start;
      if (known > 0) at.first ??= now;
      if (known >= 24) at.coarse ??= now;
      if (known === cells.length) return { ...at, whole: now, longest: Math.max(...window.frameTimes) };
      await new Promise((wait) => setTimeout(wait, 20));
    }
  });
  await page.close();
  const of = row(net);
  return [of('first cell', first), of('coarse picture', coarse), of('whole', whole), of('longest frame', longest)];
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Times the steps of two runs that the page plays as fast as possible, and the same steps alone, in turns. */
async function lookAtPlaying(site, played) {
  const { net, sizes, samples, batch, seconds, rules = PLAYERS, look = '' } = played;
  const epochs = 60_000 / Math.ceil(samples / batch);
  const runs = rules.map((rule) => `run=${rule},tau:${TAU}`).join('&');
  const query = `v=1&data=circle&n=${samples}&hidden=${sizes.slice(1, -1)}&batch=${batch}&epochs=${epochs}&${runs}`;
  const { page } = await visit(`${site}?${query}${look}`);
  await page.getByLabel('Speed').selectOption({ label: 'as fast as possible' });
  /** Microseconds per step from the first picture of a run on the move to its last, over as many runs as there is time for. */
  const play = (seconds) =>
    page.evaluate(
      async ([query, seconds]) => {
        const lab = window.proxprop;
        let [steps, time] = [0, 0];
        while (time < 1000 * seconds) {
          await lab.load(query);
          const seen = [];
          let held;
          const ended = new Promise((resolve) => (held = resolve));
          const ends = [lab.on('pause', held), lab.on('frame', ({ step }) => seen.push([step, performance.now()]))];
          await lab.play();
          await Promise.race([ended, new Promise((late) => setTimeout(late, 1000 * seconds))]);
          const moving = seen.filter(([step]) => step > 0);
          await lab.pause();
          for (const end of ends) end();
          const [first, last] = [moving[0], moving[moving.length - 1]];
          steps += last[0] - first[0];
          time += last[1] - first[1];
        }
        return (1000 * time) / steps;
      },
      [query, seconds],
    );
  await play(1);
  const [live, alone] = [[], []];
  for (let round = 0; round < 3; round++) {
    const rows = await inWorker(browser, { played });
    alone.push(rows.reduce((sum, row) => sum + row.us_per_step, 0));
    live.push(await play(seconds));
  }
  await page.close();
  const rule = new Set(rules).size < rules.length ? `${rules.length} × ${rules[0]}` : rules.join(' + ');
  const of = (engine, us) => {
    console.error(`${net}  ${rule}  ${engine}: ${us.map((us) => us.toPrecision(4)).join(', ')} µs`);
    return { table: 'playing', where: 'browser', engine, rule, net, us_per_step: median(us) };
  };
  return [of('alone', alone), of('proxprop', live)];
}

/** Has the worker measure in a tab of its own. */
async function inWorker(browser, wish) {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(message.text()));
  await page.exposeFunction('progress', (rows) => {
    for (const { engine, rule, net, us_per_step: us } of rows) console.error(`${net}  ${rule}  ${engine}: ${us.toPrecision(4)} µs`);
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const rows = await page.evaluate(
    (wish) =>
      new Promise((resolve, reject) => {
        const all = [];
        const worker = new Worker('worker.js', { type: 'module' });
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = ({ data }) => {
          if (data.error) reject(new Error(data.error));
          if (data.done) resolve(all);
          if (data.rows) {
            all.push(...data.rows);
            window.progress(data.rows.filter(({ us_per_step: us }) => us !== undefined));
          }
        };
        worker.postMessage(wish);
      }),
    wish,
  );
  await page.close();
  return rows;
}

/** The adapter of a browser with WebGPU, in its own words; `null` without one. */
async function adapterOf(browser) {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const name = await page.evaluate(async () => {
    const info = (await navigator.gpu?.requestAdapter())?.info;
    return info ? [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ') || 'unnamed' : null;
  });
  await page.close();
  return name;
}

const launch = (...more) => chromium.launch({ executablePath: process.env.CHROMIUM, args: [...args, ...more] });

/** The machine's own graphics device; one that the browser emulates on the CPU tells nothing. */
async function onGpu() {
  const browser = await launch('--enable-unsafe-webgpu', '--enable-features=Vulkan');
  try {
    const adapter = await adapterOf(browser);
    if (adapter === null || /swiftshader|llvmpipe/i.test(adapter)) return [];
    return await inWorker(browser, { gpu: `proxprop on the GPU (${adapter})` });
  } finally {
    await browser.close();
  }
}

const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await launch();
try {
  const rows = await inWorker(browser, { words });
  if (wanted('gpu')) rows.push(...(await onGpu()));
  const site = `http://127.0.0.1:${server.address().port}/site/`;
  if (wanted('the page')) {
    rows.push(...(await lookAt(site)));
    for (const line of LINES) rows.push(...(await lookAtLoading(site, line)));
  }
  for (const played of PLAYED) if (wanted(`played ${played.net}`)) rows.push(...(await lookAtPlaying(site, played)));
  for (const [net, query] of MAPS) if (wanted(net)) rows.push(...(await lookAtMap(`${site}?${query}`, net)));
  if (wanted('frames of Train')) rows.push(...(await lookAtFrames(`${site}?v=1`, 'Train')));
  for (const { name, query, longest } of await inWorker(browser, { systems: true })) {
    if (wanted(`systems, frames of ${name}`)) rows.push(...(await lookAtFrames(`${site}?${query}`, name)));
    if (wanted(`systems, length of ${name}`)) rows.push(...(await lookAtLength(`${site}?${longest}`, name)));
  }
  const machine = `${cpus()[0]?.model.trim() || 'a processor without a name'}, ${availableParallelism()} cores, ${platform()} ${arch()}`;
  const today = new Date().toISOString().slice(0, 10);
  const measured = `Measured on ${today} in one run: ${machine}, Chromium ${browser.version()}.`;
  console.log(JSON.stringify({ measured, rows }));
} finally {
  await browser.close();
  server.close();
}
