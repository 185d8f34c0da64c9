// Nothing that comes from outside becomes more than text, and nothing goes out or is kept.
import { HOSTILE, SHORT, expect, test } from '../site.js';

const KEYS = [
  'v', 'preset', 'data', 'points', 'task', 'n', 'noise', 'valid', 'seed', 'features', 'hidden', 'act', 'init', 'scale', 'batch', 'epochs',
  'stop', 'run', 'change', 'map', 'engine', '__proto__',
];

/** Nothing ran, nothing was made of it. */
async function harmless(page) {
  expect(await page.evaluate(() => window.owned)).toBeUndefined();
  expect(await page.locator('img[src="x"], [onerror], body script, iframe, object, a[href^="javascript:"]').count()).toBe(0);
}

test('hostile texts in every key of the query', async ({ lab, page }) => {
  await lab.open(SHORT);
  for (const key of KEYS) {
    for (const text of HOSTILE) {
      // As a whole address once per key, through the same parser for the rest.
      const refused = await page.evaluate(([key, text]) => window.proxprop.load(`${key}=${encodeURIComponent(text)}`).catch((error) => error.message), [key, text]);
      expect(typeof refused, `${key}=${text}`).toBe('string');
      const set = await page.evaluate(([key, text]) => window.proxprop.set(key, text).catch((error) => error.message), [key, text]);
      expect(typeof set, `set ${key} ${text}`).toBe('string');
    }
    await harmless(page);
  }
  for (const key of ['rule', 'opt', 'tau', 'tau_theta', 'momentum', 'cg_tol', 'decay', 'l1', 'l1_step']) {
    for (const text of HOSTILE) {
      const set = await page.evaluate(([key, text]) => window.proxprop.set(`run1.${key}`, text).catch((error) => error.message), [key, text]);
      expect(typeof set, `run1.${key} ${text}`).toBe('string');
    }
  }
  await harmless(page);
});

for (const [i, text] of HOSTILE.entries()) {
  test(`hostile text ${i + 1} in the address itself, before and behind #`, async ({ lab, page }) => {
    const escaped = encodeURIComponent(text);
    await page.goto(`./?data=${escaped}&${escaped}=1#view=${escaped}&flow=${escaped}&lesson=${escaped}&${escaped}`);
    await lab.ready();
    await expect(page.getByTestId('error')).toBeVisible();
    await harmless(page);
    await page.goto(`./?${SHORT}#view=flow&flow=${escaped}`);
    await lab.ready();
    await expect(page.getByTestId('error')).toBeVisible();
    await harmless(page);
    await page.locator('#share-open').click();
    await harmless(page);
  });
}

test('hostile cells of a table are text', async ({ lab, page }) => {
  await lab.open(SHORT);
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const drop = (name, text) =>
    page.evaluate(
      ([name, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [name, text],
    );
  const rows = HOSTILE.flatMap((text, i) => [`${i / 10},0,${quoted(text)}`, `${i / 10},1,${quoted(text)}`]);
  await drop(`${HOSTILE[0]}.csv`, [`${quoted(HOSTILE[0])},y,${quoted(HOSTILE[1])}`, ...rows].join('\n'));
  await expect(page.getByTestId('notice')).toContainText('<img src=x onerror=window.owned=1>');
  await harmless(page);
  await lab.step(2);
  for (const text of HOSTILE) {
    await drop('cells.csv', `1,2,a\n${quoted(text)},4,b\n`);
    await expect(page.getByTestId('error')).toContainText('cells.csv: line 2:');
    await harmless(page);
  }
});

test('hostile fields of a state file are refused as text', async ({ lab, page }) => {
  await lab.open(SHORT);
  await lab.step(2);
  const state = await page.evaluate(() => window.proxprop.state());
  const before = await lab.numbers();
  // Every field of the file, one at a time.
  const paths = [];
  const walk = (value, path) => {
    if (value === null || typeof value !== 'object') return paths.push(path);
    for (const key of Object.keys(value).slice(0, 2)) walk(value[key], [...path, key]);
    if (!Array.isArray(value)) for (const key of Object.keys(value).slice(2)) walk(value[key], [...path, key]);
  };
  walk(state, []);
  expect(paths.length).toBeGreaterThan(15);
  for (const [i, path] of paths.entries()) {
    const copy = structuredClone(state);
    const last = path.at(-1);
    path.slice(0, -1).reduce((at, key) => at[key], copy)[last] = HOSTILE[i % HOSTILE.length];
    const refused = await page.evaluate((copy) => window.proxprop.load(copy).then(() => 'loaded', (error) => error.message), copy);
    expect(refused, path.join('.')).not.toBe('loaded');
    expect(await lab.numbers(), path.join('.')).toEqual(before);
  }
  for (const text of HOSTILE) {
    const refused = await page.evaluate((copy) => window.proxprop.load(copy).catch((error) => error.message), { ...state, [text]: text });
    expect(typeof refused).toBe('string');
  }
  await harmless(page);
});

test.describe('on purpose', () => {
  test.use({ provoked: /Content Security Policy|example\.com/ });
  test('the policy allows no script of the page’s own making, no eval, no style, no request elsewhere', async ({ page }) => {
    await page.goto('./');
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/);
    const blocked = await page.evaluate(async () => {
      const violations = [];
      document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
      const outcomes = {};
      // Later, because what a test evaluates is let through.
      outcomes.eval = await new Promise((tell) => {
        setTimeout(() => {
          try {
            tell((0, eval)('1'));
          } catch {
            tell('blocked');
          }
        });
      });
      const script = document.createElement('script');
      script.textContent = 'window.owned = 1';
      document.head.append(script);
      outcomes.fetch = await fetch('https://example.com/').then(() => 'sent', () => 'blocked');
      outcomes.owned = window.owned;
      return outcomes;
    });
    expect(blocked).toEqual({ eval: 'blocked', fetch: 'blocked', owned: undefined });
  });

  test('the same holds in its workers', async ({ lab, page }) => {
    await lab.open(SHORT);
    const [worker] = page.workers();
    expect(worker.url()).toMatch(/^blob:/);
    const blocked = await worker.evaluate(async () => {
      const attempt = (act) => new Promise((tell) => setTimeout(() => Promise.resolve().then(act).then(() => 'done', () => 'blocked').then(tell)));
      return {
        eval: await attempt(() => (0, eval)('1')),
        function: await attempt(() => new Function('return 1')()),
        fetch: await attempt(() => fetch('https://example.com/')),
        script: await attempt(() => importScripts('https://example.com/a.js')),
        data: await attempt(() => importScripts('data:text/javascript,1')),
      };
    });
    expect(blocked).toEqual({ eval: 'blocked', function: 'blocked', fetch: 'blocked', script: 'blocked', data: 'blocked' });
  });
});

test('only theme and tour are kept, and only once they were chosen', async ({ lab, page, context }) => {
  const kept = () =>
    page.evaluate(async () => ({
      local: Object.keys(localStorage).sort(),
      session: Object.keys(sessionStorage),
      cookies: document.cookie,
      databases: (await indexedDB.databases()).length,
    }));
  await lab.open(SHORT);
  await lab.step(3);
  for (const view of ['one-step', 'map', 'flow', 'train']) await page.locator(`#tab-${view}`).click();
  await page.locator('#draw-open').click();
  expect(await kept()).toEqual({ local: [], session: [], cookies: '', databases: 0 });
  await page.locator('#theme').click();
  await page.locator('#tour-open').click();
  await page.locator('#tour-end').click();
  expect(await kept()).toEqual({ local: ['theme', 'tour'], session: [], cookies: '', databases: 0 });
  expect(await page.evaluate(() => ({ ...localStorage }))).toEqual({ theme: 'dark', tour: 'seen' });
  expect(await context.cookies()).toEqual([]);
});
