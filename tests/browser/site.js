// What every test starts from: the site, and the rule that nothing complains and nothing leaves its folder.
import { test as base, expect } from '@playwright/test';

export { expect };

export const CANONICAL =
  'v=1&data=circle&n=200&noise=0.1&seed=1&hidden=8,8&act=tanh&batch=200&epochs=300' +
  '&run=backprop,opt:sgd,tau:10&run=prox-exact,opt:sgd,tau:10,tau_theta:1';

/** A short run of both rules that stays put. */
export const SHORT =
  'v=1&data=moons&n=60&epochs=20&batch=60&run=backprop,tau:0.3&run=prox-exact,tau:1';

/** What must never be more than text, wherever it comes from. */
export const HOSTILE = [
  '<img src=x onerror=window.owned=1>',
  '"><script>window.owned=1</script>',
  'javascript:window.owned=1',
  "'-alert(1)-'",
  '${window.owned=1}',
  '{{constructor.constructor("window.owned=1")()}}',
  '\u202E\u0000\uFFFF',
];

/** Has the page's workers begin with a function of ours: the page makes them of a blob. */
export async function workersBeginWith(page, begin) {
  await page.addInitScript((begin) => {
    window.Blob = class extends Blob {
      constructor(parts, options) {
        super(options?.type === 'text/javascript' ? [`(${begin})();\n`, ...parts] : parts, options);
      }
    };
  }, `${begin}`);
}

export const test = base.extend({
  /** Complaints that a test provokes on purpose. */
  provoked: [/^$/, { option: true }],

  baseURL: async ({}, use) => use(process.env.PROXPROP_SITE),

  page: async ({ page, baseURL, provoked }, use) => {
    const complaints = [];
    const complain = (text) => {
      // The test runner's own word for `serviceWorkers: 'block'`.
      if (text.endsWith('Service Worker registration blocked by Playwright')) return;
      if (!provoked.test(text)) complaints.push(text);
    };
    page.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) complain(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => complain(`error: ${error.message}`));
    page.context().on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(baseURL) && !/^(data|blob):/.test(url)) complain(`request outside the site: ${url}`);
    });
    page.context().on('requestfailed', (request) => {
      // Loaded again, a page drops the icon and the worker that are still on their way; what is missing has a status.
      if (/(\/icon[^/]*\.svg$)|^blob:/.test(request.url()) && request.failure()?.errorText === 'net::ERR_ABORTED') return;
      complain(`request failed: ${request.url()} ${request.failure()?.errorText}`);
    });
    page.context().on('response', (response) => {
      if (response.status() >= 400) complain(`status ${response.status()}: ${response.url()}`);
    });
    await use(page);
    expect(complaints, 'the browser has nothing to complain about').toEqual([]);
  },

  /** The page as a user of `window.proxprop` sees it. */
  lab: async ({ page }, use) => use(new Lab(page)),
});

export class Lab {
  constructor(page) {
    this.page = page;
  }

  /** Opens the page on a run, or untouched; the untouched page plays by itself and is brought back to its start. */
  async open(query = '') {
    await this.page.goto(query ? `./?${query}` : './');
    await this.ready();
    if (query) return;
    await this.page.evaluate(() => window.proxprop.pause());
    await this.page.getByTestId('reset').click();
    await this.at(0);
  }

  async ready() {
    // Not waitForFunction: it evaluates text, which the page's content security policy forbids.
    await expect.poll(() => this.page.evaluate(() => typeof window.proxprop)).toBe('object');
    await this.page.evaluate(async () => {
      await window.proxprop.ready;
    });
  }

  frame() {
    return this.page.evaluate(() => window.proxprop.frame());
  }

  /** The numbers of a frame that do not depend on how fast this computer is, nor on whether it has answered yet what engines it has. */
  async numbers() {
    const frame = await this.frame();
    delete frame.engine;
    for (const member of frame.members) {
      delete member.seconds_per_step;
      delete member.seconds_error;
    }
    return frame;
  }

  set(key, value) {
    return this.page.evaluate(([key, value]) => window.proxprop.set(key, value), [key, value]);
  }

  /** Makes exactly so many steps from a paused run. */
  async step(count) {
    const { step } = await this.frame();
    await this.page.evaluate((count) => window.proxprop.step(count), count);
    await this.at(step + count);
  }

  /** Has the map's training cancelled, if it has not come to its end by itself. */
  async cancelMap() {
    await this.page.locator('#map-cancel').evaluate((button) => button.checkVisibility() && button.click());
  }

  async at(step) {
    await expect.poll(async () => (await this.frame()).step).toBe(step);
  }

  /** Plays as fast as possible until all members are done or diverged. */
  async playToTheEnd() {
    await this.fast();
    await this.page.getByTestId('play').click();
    await this.ended();
  }

  /** As fast as this computer can. */
  async fast() {
    const speed = this.page.getByTestId('speed');
    await speed.selectOption({ index: (await speed.locator('option').count()) - 1 });
  }

  async ended() {
    const statuses = async () => (await this.frame()).members.map((member) => member.status);
    await expect.poll(async () => (await statuses()).includes('training'), { timeout: 45_000 }).toBe(false);
  }

  /** The run in the address bar. From the page itself: `page.url()` lags behind `history.replaceState`. */
  address() {
    return this.page.evaluate(() => decodeURIComponent(location.search.slice(1)));
  }

  async addressHas(text) {
    await expect.poll(() => this.address()).toContain(text);
  }

  /** A control of the data, network and training form. */
  setup(key) {
    return this.page.locator(`#setup [data-key="${key}"]`);
  }

  /** A control of a run's card. */
  run(index, key) {
    return this.page.getByTestId('run-card').nth(index).locator(`[data-key="${key}"]`);
  }

  /** Unfolds whatever a control lies in, then fills or chooses. */
  async change(control, value) {
    await control.evaluate((element) => {
      for (let at = element; at; at = at.parentElement?.closest('details')) {
        if (at instanceof HTMLDetailsElement) at.open = true;
      }
    });
    const kind = await control.evaluate((element) => element.tagName);
    if (kind === 'SELECT') return control.selectOption(value);
    await control.fill(value);
    await control.press('Enter');
  }
}
