// Somebody who understands nothing and presses everything: clicks, keys, sliders, touches, sizes, in every view and look.
// Every run says its seed; FUZZ_SEED plays it again, FUZZ_MINUTES=60 has it go on for an hour.
import { SHORT, expect, test } from '../site.js';

const PLACES = [
  ['train', SHORT, ''],
  ['one step', SHORT, 'view=one-step'],
  ['map', `${SHORT}&map=2,tau:0.1..10*5,tau_theta:0.1..10*5`, 'view=map'],
  ['flow', SHORT, 'view=flow'],
  ['drawn points', 'v=1&data=points&points=0:-0.5,0;-0.4,0.3/1:0.5,0;0.4,0.3&epochs=50&hidden=4&run=backprop,tau:10', ''],
  ['lesson, projector', '', 'lesson=circle;spiral;?data=moons&theme=projector&predict=1'],
];
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const SECONDS = process.env.FUZZ_MINUTES ? (60 * Number(process.env.FUZZ_MINUTES)) / PLACES.length : 2.5;
/** Bytes that the page's own heap may grow by, and nodes that its document may. */
const [MOST_BYTES, MOST_NODES] = [100e6, 30_000];

const KEYS = [...'sernptgca+-uz123=?', ' ', 'Enter', 'Escape', 'Tab', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', 'Delete'];
const TEXTS = ['0', '1', '-1', '0.1', '3,7', '1e9', '1e-9', '1e400', 'NaN', 'x', '', '  ', '8', '4,4', '100', '0,,1', '٣'];
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

/** What must never be seen, whatever was done. */
const faults = () => {
  const found = [];
  for (const id of ['fault', 'crash']) {
    const place = document.getElementById(id);
    if (place && !place.hidden) found.push(`#${id}: ${place.textContent}`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    // Refusals repeat what was typed.
    if (node.parentElement.closest('template, script, #error, #voice, #share-said')) continue;
    if (/\bNaN\b|undefined|\[object|\bInfinity\b|\binf\b|JsValue|panicked/.test(node.data)) found.push(`"${node.data}" in ${node.parentElement.outerHTML.slice(0, 120)}`);
  }
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) found.push(`the page hangs over by ${over} px at ${innerWidth} × ${innerHeight}`);
  for (const canvas of document.querySelectorAll('canvas')) {
    if (canvas.width * canvas.height > 33e6) found.push(`a canvas of ${canvas.width} × ${canvas.height}`);
  }
  if (document.documentElement.scrollHeight > 20_000) found.push(`a page ${document.documentElement.scrollHeight} px high`);
  return found;
};

test.use({ hasTouch: true });

for (const [at, [name, query, hash]] of PLACES.entries()) {
  test(`whatever is pressed, nothing breaks: ${name}`, async ({ lab, page }) => {
    test.setTimeout(SECONDS * 1000 + 60_000);
    const roll = dice(SEED * 10 + at);
    const among = (list) => list[Math.floor(roll() * list.length)];
    const done = [];
    page.on('dialog', (dialog) => dialog.accept());
    await page.goto(`./${query && `?${query}`}#${hash}`);
    await lab.ready();
    const session = await page.context().newCDPSession(page);
    const weight = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      const { nodes } = await session.send('Memory.getDOMCounters');
      return { bytes: usedSize, nodes };
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
      done.push(`${act} ${target.kind} ${target.name}`);
      await acts[act](target);
    };

    const check = async () => {
      const found = await page.evaluate(faults);
      expect(found, `seed ${SEED}, after ${done.length} acts, the last of them ${done.slice(-12).join('; ')}`).toEqual([]);
    };

    for (let i = 0; i < 10; i += 1) await one();
    await check();
    const before = await weight();
    const until = Date.now() + SECONDS * 1000;
    while (Date.now() < until) {
      for (let i = 0; i < 8; i += 1) await one();
      // Back to where it began, now and then.
      if (roll() < 0.05) await page.evaluate((hash) => (location.hash = hash), hash);
      await check();
    }
    console.log(`${name}: ${done.length} acts with seed ${SEED}`);
    // It still trains.
    await page.keyboard.press('Escape');
    await page.evaluate((run) => window.proxprop.load(run), SHORT);
    await lab.step(2);
    await check();
    const after = await weight();
    expect(after.bytes - before.bytes, `seed ${SEED}`).toBeLessThan(MOST_BYTES);
    expect(after.nodes - before.nodes, `seed ${SEED}`).toBeLessThan(MOST_NODES);
  });
}
