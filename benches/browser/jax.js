// jax-js: the whole step is one compiled function. Arrays are consumed where they are passed, hence `.ref`.
import { blockUntilReady, defaultDevice, grad, init, jit, nn, numpy as np, tree } from '@jax-js/jax';
import { TAU, circle, grid, uniform, weights } from './workloads.js';

export async function start() {
  await init('wasm');
  defaultDevice('wasm');
}

/** A function that runs a workload so many times, or null if this peer has no such thing. */
export function prepare(work) {
  if (work.kind === 'step' && work.rule === 'backprop') return steps(work, 0);
  if (work.kind === 'epoch') return steps(work, work.batch);
  if (work.kind === 'field') return field(work);
  return work.kind === 'tanh' ? tanh(work) : null;
}

const matrix = (values, columns) => np.array(values).reshape([values.length / columns, columns]);

const network = (sizes) =>
  weights(sizes).map((values, l) => ({ weight: matrix(values, sizes[l + 1]), bias: np.zeros([sizes[l + 1]]) }));

function forward(thetas, x) {
  let a = x;
  thetas.forEach(({ weight, bias }, l) => {
    const z = np.matmul(a, weight).add(bias);
    a = l + 1 < thetas.length ? np.tanh(z) : z;
  });
  return a;
}

const mean = (thetas, x, y) => {
  const samples = y.shape[0];
  return nn.logSoftmax(forward(thetas, x)).mul(y).sum().mul(-1 / samples);
};

function steps({ sizes, samples }, batch) {
  const data = circle(samples);
  const x = matrix(data.x, 2);
  const y = matrix(data.y, 2);
  let thetas = network(sizes);
  const update = jit((thetas, x, y) => {
    const gradient = grad(mean)(tree.ref(thetas), x, y);
    return tree.map((theta, g) => theta.sub(g.mul(TAU)), thetas, gradient);
  });
  const loss = jit(mean);
  const step = (x, y) => {
    thetas = update(thetas, x, y);
  };
  const order = Int32Array.from({ length: samples }, (_, i) => i);
  const epoch = () => {
    for (let start = 0; start < samples; start += batch) {
      // The minibatch is laid anew from JavaScript: its points are two numbers each.
      const rows = order.subarray(start, start + batch);
      const part = (flat) => matrix(Float32Array.from({ length: 2 * batch }, (_, i) => flat[2 * rows[i >> 1] + (i & 1)]), 2);
      step(part(data.x), part(data.y));
    }
  };
  return {
    async run(count) {
      for (let i = 0; i < count; i++) batch > 0 ? epoch() : step(x.ref, y.ref);
      await blockUntilReady(thetas);
      return (await loss(tree.ref(thetas), x.ref, y.ref).data())[0];
    },
    free: () => tree.dispose([thetas, x, y]),
  };
}

function field({ sizes, side }) {
  const thetas = network(sizes);
  const points = matrix(grid(side), 2);
  const answer = jit((thetas, points) => nn.softmax(forward(thetas, points)));
  return {
    async run(count) {
      let values;
      for (let i = 0; i < count; i++) values = await answer(tree.ref(thetas), points.ref).data();
      return values[0];
    },
    free: () => tree.dispose([thetas, points]),
  };
}

function tanh({ count: length }) {
  const numbers = np.array(new Float32Array(length).map(uniform(3)));
  const apply = jit((x) => np.tanh(x));
  return {
    async run(count) {
      for (let i = 1; i < count; i++) {
        const result = apply(numbers.ref);
        await blockUntilReady(result);
        result.dispose();
      }
      return (await apply(numbers.ref).data())[0];
    },
    free: () => numbers.dispose(),
  };
}
