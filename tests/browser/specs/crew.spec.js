// Runs of wide networks train on workers of their own, and come to what they come to alone.
import { SHORT, expect, test, workersBeginWith } from '../site.js';
import { finalLosses } from '../native.js';

const QUERY =
  'v=1&data=circle&n=400&seed=4&hidden=128,128&batch=400&epochs=240&run=backprop,tau:0.05&run=prox-exact,tau:0.05';

/** The run's losses at its end, and who computed. */
async function played(lab) {
  await lab.open(QUERY);
  await lab.playToTheEnd();
  const { step, members, engine } = await lab.frame();
  expect(step).toBe(240);
  return { losses: members.map((member) => member.loss), reason: engine.reason };
}

/** As on the command line: the machines' logarithms may differ in the last bits. */
function expectNative(losses) {
  for (const [i, native] of finalLosses(QUERY).entries()) expect(Math.abs(losses[i] / native - 1)).toBeLessThan(1e-4);
}

test('side by side, two runs come to the numbers of the command line, and that is said', async ({ lab }) => {
  const { losses, reason } = await played(lab);
  expectNative(losses);
  expect(reason).toContain('2 workers train the runs side by side.');
});

test('a worker that is lost on the way costs no step', async ({ lab, page }) => {
  await workersBeginWith(page, () => {
    const Real = self.Worker;
    self.Worker = class extends Real {
      postMessage(...message) {
        super.postMessage(...message);
        this.messages = (this.messages ?? 0) + 1;
        // The module, and then steps.
        const lost = () => this.dispatchEvent(new ErrorEvent('error', { cancelable: true, message: 'lost' }));
        if (this.messages === 4) setTimeout(lost);
      }
    };
  });
  const { losses, reason } = await played(lab);
  expectNative(losses);
  expect(reason).not.toContain('side by side');
});

test('a run of small networks that is begun next lets them go, though it stands still', async ({ lab, page }) => {
  await lab.open(QUERY);
  await page.evaluate(() => window.proxprop.play());
  await expect.poll(() => page.workers().length).toBeGreaterThan(1);
  await page.evaluate((run) => window.proxprop.load(run), SHORT);
  await lab.step(10);
  await expect.poll(() => page.workers().length).toBe(1);
});
