// The browser's numbers are the command line's.
import { expect, test } from '../site.js';
import { finalLosses } from '../native.js';

for (const act of ['tanh', 'relu', 'sigmoid']) {
  test(`after 100 steps of each rule the losses agree, ${act}`, async ({ lab }) => {
    const runs = ['backprop', 'prox-exact', 'prox-cg3'].map((rule) => `&run=${rule},opt:sgd,tau:0.3,tau_theta:1`);
    const query = `v=1&data=moons&n=200&noise=0.1&seed=3&hidden=8,8&act=${act}&batch=200&epochs=100${runs.join('')}`;
    await lab.open(query);
    await lab.step(100);
    const { members } = await lab.frame();
    const native = finalLosses(query);
    expect(native).toHaveLength(members.length);
    for (const [i, member] of members.entries()) {
      expect(member.loss, `${member.rule}: ${member.loss}, native ${native[i]}`).toBeGreaterThan(0);
      expect(Math.abs(member.loss / native[i] - 1), `${member.rule}: ${member.loss}, native ${native[i]}`).toBeLessThan(1e-4);
    }
  });
}

test('minibatches and optimizers agree as well', async ({ lab }) => {
  const query =
    'v=1&data=circle&n=100&seed=2&hidden=8,8&batch=30&epochs=10' +
    '&run=backprop,opt:adam,tau:0.01&run=prox-exact,opt:nesterov,tau:0.05&run=prox-cg5,opt:momentum,tau:0.05';
  await lab.open(query);
  await lab.step(40);
  const { members } = await lab.frame();
  const native = finalLosses(query);
  for (const [i, member] of members.entries()) {
    expect(Math.abs(member.loss / native[i] - 1), `${member.rule}: ${member.loss}, native ${native[i]}`).toBeLessThan(1e-4);
  }
});
