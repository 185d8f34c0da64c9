// Somebody who understands nothing and presses everything: clicks, keys, sliders, touches, sizes, nonsense, the way back, in
// every view and look. Every run says its seed; FUZZ_SEED plays it again, FUZZ_MINUTES=60 has it go on for an hour.
import { availableParallelism } from 'node:os';
import { SHORT, expect, test, workersBeginWith } from '../site.js';

const PLACES = [
  ['train', SHORT, ''],
  ['one step', SHORT, 'view=one-step'],
  ['map', `${SHORT}&map=2,tau:0.1..10*5,tau_theta:0.1..10*5`, 'view=map'],
  ['flow', SHORT, 'view=flow'],
  ['related systems', 'v=1&system=auc&data=islands&steps=300&features=rbf&side=4&run=explicit,eta0:2&run=prox,eta0:2', ''],
  ['drawn points', 'v=1&data=points&points=0:-0.5,0;-0.4,0.3/1:0.5,0;0.4,0.3&epochs=50&hidden=4&run=backprop,tau:10', ''],
  ['lesson, projector', '', 'lesson=circle;spiral;?data=moons&theme=projector&predict=1'],
  ['embedded, crew', 'v=1&data=moons&n=200&epochs=500&hidden=96,96&batch=200&run=backprop,tau:0.1&run=prox-exact,tau:0.1', 'embed=1&theme=light'],
];
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const SECONDS = process.env.FUZZ_MINUTES ? (60 * Number(process.env.FUZZ_MINUTES)) / PLACES.length : 2.5;
/**
 * What the page may grow by, once what nobody holds is collected: bytes of its own heap and what that holds besides, nodes,
 * listeners; the memory of its wasm and of the largest of its workers, which never shrinks and holds a timeline of 64 MiB; and
 * the workers that it has: a run's, one for related systems, one for the device, and one per core for a crew and for a map.
 */
const MOST = { bytes: 30e6, nodes: 10_000, listeners: 300, page: 64e6, worker: 128e6, workers: 4 + 2 * availableParallelism() };

const KEYS = [...'sernptgca+-uz123=?', ' ', 'Enter', 'Escape', 'Tab', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', 'Delete'];
const TEXTS = ['0', '1', '-1', '0.1', '3,7', '1e9', '1e-9', '1e400', 'NaN', 'x', '', '  ', '8', '4,4', '100', '0,,1', '٣', 'null', '½', '\u202e1\u0000', '9'.repeat(500), 'x²,y'];
const PASTED = ['x,y,k\n0,1,a\n1,0,b\n0.5,0.5,a\n', 'x;y\n1,5;2\n3;4,25\n', 'x,y,k\n0,1,"a\n', 'https://example.org/?run=1', '\u0000\uffff', '{"version":1}', ''];
const SIZES = [[1280, 720], [390, 844], [320, 256], [768, 1024], [1920, 1080], [844, 390]];

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What can be pressed and lies in the window: the middle of each, and what kind it is. Nothing that leads away. */
const targets = () => {
  const root = document.querySelector('dialog[open]') ?? document;
  const all = root.querySelectorAll('button, a[href^="#"], summary, select, input, [tabindex="0"], canvas');
  return [...all].flatMap((element) => {
    if (element.closest('#reset-everything, #fault, [data-out]') || element.type === 'file' || element.disabled) return [];
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!(box.width > 0 && x > 0 && y > 0 && x < innerWidth && y < innerHeight)) return [];
    const name = element.id || element.dataset.key || element.textContent.trim().slice(0, 20);
    return [{ x, y, width: box.width, height: box.height, kind: element.tagName, type: element.type, name }];
  });
};

/** Tells what the wasm of a page or worker has of memory. Runs before anything else does. */
const weighed = () => {
  const channel = new BroadcastChannel('weights');
  let memory;
  let told = 0;
  const tell = () => {
    const bytes = memory?.buffer.byteLength ?? 0;
    if (bytes > told) channel.postMessage((told = bytes));
  };
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...what) => {
    const made = await instantiate(...what);
    ({ memory } = (made.instance ?? made).exports);
    return made;
  };
  if (self.window) {
    // By keys a link can be followed that leads out of the lab.
    addEventListener('click', (event) => event.target.closest?.('a:not([href^="#"])') && event.preventDefault(), true);
    window.weights = { worker: 0, pictures: 0, page: () => memory?.buffer.byteLength ?? 0 };
    // Chromium keeps the document of every picture that was drawn from an address: an element, and what it says.
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src');
    const drawn = function (address) {
      window.weights.pictures += 2 * (decodeURIComponent(address).match(/<\w/g) ?? []).length;
      set.call(this, address);
    };
    Object.defineProperty(HTMLImageElement.prototype, 'src', { get, set: drawn });
    channel.onmessage = ({ data }) => (window.weights.worker = Math.max(window.weights.worker, data));
  } else {
    const post = self.postMessage.bind(self);
    self.postMessage = (...message) => (post(...message), tell());
  }
};

/** What must never be seen, whatever was done. */
const faults = () => {
  const found = [];
  const raw = /undefined|\[object|JsValue|panicked|ha(s|ve) stopped:/;
  const broken = new RegExp(`${raw.source}|\\b(NaN|null|Infinity|inf)\\b`);
  for (const id of ['fault', 'crash']) {
    const place = document.getElementById(id);
    if (place && !place.hidden) found.push(`#${id}: ${place.textContent}`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest('template, script')) continue;
    // Refusals repeat what was typed.
    const repeats = node.parentElement.closest('[role="alert"], .refusal, #voice, #share-said');
    if ((repeats ? raw : broken).test(node.data)) found.push(`"${node.data}" in ${node.parentElement.outerHTML.slice(0, 120)}`);
  }
  // What is read aloud, shown under the pointer, or makes a drawing.
  for (const name of ['title', 'aria-label', 'aria-valuetext', 'alt', 'style', 'd', 'points', 'href', 'max']) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      const text = element.getAttribute(name);
      if (broken.test(text) && !element.closest('#share')) found.push(`${name}="${text.slice(0, 120)}" of ${element.tagName} #${element.id}`);
    }
  }
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) found.push(`the page hangs over by ${over} px at ${innerWidth} × ${innerHeight}`);
  for (const element of document.body.querySelectorAll('button, select, input, .chart, .field, .notice, .panel, dialog[open]')) {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || (box.left >= -1 && box.right <= innerWidth + 1) || !element.checkVisibility({ visibilityProperty: true })) continue;
    const scrolls = (at) => at && at !== document.body && (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX) || scrolls(at.parentElement));
    if (!scrolls(element.parentElement)) found.push(`${element.id || element.outerHTML.slice(0, 80)} hangs over: ${box.left} to ${box.right} of ${innerWidth}`);
  }
  for (const canvas of document.querySelectorAll('canvas')) {
    if (canvas.width * canvas.height > 33e6) found.push(`a canvas of ${canvas.width} × ${canvas.height}`);
  }
  if (document.documentElement.scrollHeight > 20_000) found.push(`a page ${document.documentElement.scrollHeight} px high`);
  return found;
};

test.use({ hasTouch: true });

for (const [at, [name, query, hash]] of PLACES.entries()) {
  test(`whatever is pressed, nothing breaks: ${name}`, async ({ lab, page }) => {
    test.setTimeout(SECONDS * 1200 + 60_000);
    const roll = dice(SEED * 10 + at);
    const among = (list) => list[Math.floor(roll() * list.length)];
    const done = [];
    page.on('dialog', (dialog) => dialog.accept());
    await page.addInitScript(weighed);
    await workersBeginWith(page, weighed);
    await page.goto(`./${query && `?${query}`}#${hash}`);
    await lab.ready();
    const session = await page.context().newCDPSession(page);
    const weight = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
      const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters');
      const { wasm, worker, pictures } = await page.evaluate(() => ({ ...window.weights, wasm: window.weights.page() }));
      return { bytes: usedSize + backingStorageSize, nodes: nodes - pictures, listeners, page: wasm, worker, workers: page.workers().length };
    };

    const acts = {
      click: async (target) => page.mouse.click(target.x, target.y),
      drag: async (target) => {
        await page.mouse.move(target.x, target.y);
        await page.mouse.down();
        await page.mouse.move(target.x + (roll() - 0.5) * target.width, target.y + (roll() - 0.5) * target.height, { steps: 3 });
        await page.mouse.up();
      },
      tap: async (target) => page.touchscreen.tap(target.x, target.y),
      key: async () => page.keyboard.press(among(KEYS)),
      text: async (target) => {
        await page.mouse.click(target.x, target.y, { clickCount: 3 });
        await page.keyboard.insertText(among(TEXTS));
        await page.keyboard.press(among(['Enter', 'Tab', 'Escape']));
      },
      choose: async (target) => {
        await page.evaluate(
          ([x, y, share]) => {
            const select = document.elementFromPoint(x, y)?.closest('select');
            if (!select) return;
            select.selectedIndex = Math.floor(share * select.options.length);
            select.dispatchEvent(new Event('change', { bubbles: true }));
          },
          [target.x, target.y, roll()],
        );
      },
      size: async () => {
        const [width, height] = among(SIZES);
        await page.setViewportSize({ width, height });
      },
      scroll: async () => page.mouse.wheel(0, (roll() - 0.5) * 2000),
      // Not out of the lab.
      back: async () => page.evaluate(() => navigation.canGoBack && history.back()),
      paste: async () => {
        await page.evaluate((text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text', text);
          (document.activeElement ?? document.body).dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        }, among(PASTED));
      },
    };

    const one = async () => {
      const list = await page.evaluate(targets);
      const target = list.length ? among(list) : { x: 10, y: 10, width: 1, height: 1, kind: 'nothing', name: '' };
      const lucky = roll();
      let act = among(['click', 'click', 'click', 'drag', 'tap', 'key', 'key']);
      if (target.kind === 'SELECT') act = 'choose';
      if (target.kind === 'INPUT' && target.type === 'text') act = among(['text', 'click']);
      if (target.kind === 'INPUT' && target.type === 'range' || target.kind === 'CANVAS') act = among(['drag', 'click', 'tap']);
      if (lucky < 0.04) act = 'size';
      else if (lucky < 0.1) act = 'scroll';
      else if (lucky < 0.11) act = 'back';
      else if (lucky < 0.115) act = 'paste';
      done.push(`${act} ${target.kind} ${target.name}`);
      await acts[act](target);
    };

    const story = () => `seed ${SEED}, after ${done.length} acts, the last of them ${done.slice(-12).join('; ')}`;
    const check = async () => {
      expect(await page.evaluate(faults), story()).toEqual([]);
      // A worker that is dead without a word answers nothing.
      const answer = () => Promise.race([window.proxprop.state().then(() => 'an answer'), new Promise((late) => setTimeout(late, 9000, 'nothing'))]);
      expect(await page.evaluate(answer), story()).toBe('an answer');
    };
    const weigh = async () => {
      const now = await weight();
      const grown = { bytes: now.bytes - before.bytes, nodes: now.nodes - before.nodes, listeners: now.listeners - before.listeners };
      for (const [what, most] of Object.entries(MOST)) expect(grown[what] ?? now[what], `${what}, ${story()}`).toBeLessThan(most);
      return { ...now, ...grown };
    };

    for (let i = 0; i < 10; i += 1) await one();
    await check();
    const before = await weight();
    let checks = 0;
    const until = Date.now() + SECONDS * 1000;
    while (Date.now() < until) {
      for (let i = 0; i < 8; i += 1) await one();
      // Back to where it began, now and then.
      if (roll() < 0.05) await page.evaluate((hash) => (location.hash = hash), hash);
      await check();
      checks += 1;
      if (checks % 50 === 0) await weigh();
    }
    // It still trains, and none of those who had helped stay where nothing is left to do.
    await page.keyboard.press('Escape');
    await page.evaluate(() => (location.hash = 'view=train'));
    await page.evaluate(async (run) => {
      await window.proxprop.load(run);
      // What was pressed last may have moved this run.
      await window.proxprop.pause();
      await window.proxprop.seek(0);
    }, SHORT);
    await lab.at(0);
    await lab.step(10);
    await check();
    await expect.poll(() => page.workers().length, { message: `workers, ${story()}`, timeout: 20_000 }).toBeLessThanOrEqual(2);
    console.log(`${name}: ${done.length} acts with seed ${SEED}; ${JSON.stringify(await weigh())}`);
  });
}
