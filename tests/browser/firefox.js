// A subset in Firefox, by WebDriver BiDi, which Playwright's Firefox is not: start, train to the end, a map, a table and a
// reload, a page without a network, and nothing on the console. FIREFOX and XTASK say where the programs are.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';

/** Starts a program and answers with it and with what a pattern finds in what it says. */
const begin = (program, args, pattern) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args);
    let said = '';
    const hear = (text) => {
      said += text;
      const found = pattern.exec(said);
      if (found) resolve([child, found[1]]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', () => reject(new Error(`${program} has ended: ${said}`)));
  });

const profile = mkdtempSync(join(tmpdir(), 'proxprop-firefox-'));
const [server, site] = await begin(process.env.XTASK, ['serve', '--no-build', '--port', '0'], /serving (http:\S+)/);
const [firefox, address] = await begin(
  process.env.FIREFOX,
  ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
  /BiDi listening on (ws:\S+)/,
);
const socket = new WebSocket(`${address}/session`);
await new Promise((resolve) => socket.once('open', resolve));

const console_ = [];
const waiting = new Map();
socket.on('message', (data) => {
  const message = JSON.parse(data);
  if (message.id) waiting.get(message.id)(message);
  else if (['error', 'warn'].includes(message.params?.level)) console_.push(message.params.text);
});
let last = 0;
const call = (method, params) =>
  new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, (answer) => (answer.type === 'error' ? reject(new Error(`${method}: ${answer.message}`)) : resolve(answer.result)));
    socket.send(JSON.stringify({ id: last, method, params }));
  });

await call('session.new', { capabilities: {} });
await call('session.subscribe', { events: ['log.entryAdded'] });
const { contexts } = await call('browsingContext.getTree', {});
const { context } = contexts[0];
const open = (query) => call('browsingContext.navigate', { context, url: site + query, wait: 'complete' });
/** What an asynchronous function answers on the page. */
const there = async (act, ...args) => {
  const expression = `(${act})(...${JSON.stringify(args)}).then((value) => JSON.stringify(value ?? null))`;
  const { type, result, exceptionDetails } = await call('script.evaluate', { expression, target: { context }, awaitPromise: true });
  if (type === 'exception') throw new Error(exceptionDetails.text);
  return JSON.parse(result.value);
};
/** Waits on the page until a function is true. */
const until = (act, ...args) =>
  there(`async (...args) => { while (!(await (${act})(...args))) await new Promise(requestAnimationFrame); }`, ...args);

const checks = {
  'it starts and trains to the end': async () => {
    await open('?v=1&epochs=100&run=backprop,tau:1&run=prox-exact,tau:3');
    const statuses = await there(async () => {
      await proxprop.ready;
      await proxprop.step(1e6);
      return (await proxprop.frame()).members.map(({ status }) => status);
    });
    assert.deepEqual(statuses, ['done', 'done']);
  },
  'it trains a map': async () => {
    await there(async () => (location.hash = 'view=map'));
    await until(async () => {
      const map = await proxprop.map();
      return map && map.cells.every(Boolean);
    });
  },
  'a table is read, and is there after a reload': async () => {
    await there(async () => {
      location.hash = '';
      const rows = Array.from({ length: 20 }, (_, i) => `${(i * 7) % 13},${(i * 5) % 11},${i % 3 ? 'a' : 'b'}`);
      const data = new DataTransfer();
      data.items.add(new File([`x,y,k\n${rows.join('\n')}`], 'points.csv'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await until(async () => document.getElementById('notice-text').textContent.includes('20 rows were read'));
    await there(async () => proxprop.step(12));
    await call('browsingContext.reload', { context, wait: 'complete' });
    await there(async () => proxprop.ready);
    await until(async () => (await proxprop.frame()).step === 12);
    assert.match(await there(async () => location.search), /data=state/);
  },
  'it opens without a network': async () => {
    await there(async () => navigator.serviceWorker.ready.then(() => {}));
    await until(async () => (await caches.keys()).length > 0);
    server.kill();
    await new Promise((resolve) => server.once('close', resolve));
    await open('?v=1&data=moons');
    assert.equal(await there(async () => proxprop.ready.then(() => proxprop.step(3)).then(({ step }) => step)), 3);
  },
  'nothing hangs over, nothing is on the console': async () => {
    assert.ok((await there(async () => document.documentElement.scrollWidth - innerWidth)) <= 0);
    assert.deepEqual(console_, []);
  },
};

const late = setTimeout(() => {
  console.error('Firefox has not finished in two minutes');
  process.exit(1);
}, 120_000);
try {
  for (const [name, check] of Object.entries(checks)) {
    await check();
    console.log(`  ✓ ${name}`);
  }
} finally {
  clearTimeout(late);
  socket.close();
  server.kill();
  firefox.kill();
  await new Promise((resolve) => firefox.once('close', resolve));
  rmSync(profile, { recursive: true, force: true });
}
