// TensorFlow.js in its two ways: by its automatic derivatives, and by the same formulas written out, which
// spares it the tape. Data stay in its memory; a block of steps ends with one read of the loss.
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { TAU, circle, grid, uniform, weights } from './workloads.js';

export async function start(backend, folder) {
  if (backend === 'wasm') setWasmPaths(folder);
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no backend ${backend}`);
  await tf.ready();
}

/** A function that runs a workload so many times, or null if this peer has no such thing. */
export function prepare(work, byHand) {
  if (work.kind === 'step' && work.rule === 'backprop') return steps(work, byHand, 0);
  if (work.kind === 'epoch') return steps(work, byHand, work.batch);
  if (byHand) return null;
  if (work.kind === 'field') return field(work);
  return work.kind === 'tanh' ? tanh(work) : null;
}

function network(sizes) {
  const thetas = weights(sizes).map((values, l) => [
    tf.variable(tf.tensor2d(values, [sizes[l], sizes[l + 1]])),
    tf.variable(tf.zeros([sizes[l + 1]])),
  ]);
  const forward = (x) => {
    const activations = [x];
    thetas.forEach(([weight, bias], l) => {
      const z = tf.fused.matMul({ a: activations[l], b: weight, bias });
      activations.push(l + 1 < thetas.length ? tf.tanh(z) : z);
    });
    return activations;
  };
  return { thetas, forward };
}

function steps({ sizes, samples }, byHand, batch) {
  const { thetas, forward } = network(sizes);
  const data = circle(samples);
  const x = tf.tensor2d(data.x, [samples, 2]);
  const y = tf.tensor2d(data.y, [samples, 2]);
  const loss = (x, y) => tf.losses.softmaxCrossEntropy(y, forward(x).at(-1));

  const optimizer = tf.train.sgd(TAU);
  const derived = (x, y) => optimizer.minimize(() => loss(x, y));
  const written = (x, y) =>
    tf.tidy(() => {
      const activations = forward(x);
      let g = tf.div(tf.sub(tf.softmax(activations.at(-1)), y), x.shape[0]);
      for (let l = thetas.length - 1; l >= 0; l--) {
        const [weight, bias] = thetas[l];
        const a = activations[l];
        const below = l > 0 ? tf.mul(tf.matMul(g, weight, false, true), tf.sub(1, tf.square(a))) : null;
        weight.assign(tf.sub(weight, tf.mul(tf.matMul(a, g, true), TAU)));
        bias.assign(tf.sub(bias, tf.mul(tf.sum(g, 0), TAU)));
        g = below;
      }
    });
  const step = byHand ? written : derived;

  const starts = [];
  for (let i = 0; batch > 0 && i < samples; i += batch) starts.push(i);
  const order = Int32Array.from({ length: samples }, (_, i) => i);
  const epoch = () => {
    for (const start of starts) {
      tf.tidy(() => {
        const at = tf.tensor1d(order.subarray(start, start + batch), 'int32');
        step(tf.gather(x, at), tf.gather(y, at));
      });
    }
  };
  return {
    run(count) {
      for (let i = 0; i < count; i++) batch > 0 ? epoch() : step(x, y);
      return tf.tidy(() => loss(x, y).dataSync()[0]);
    },
    free() {
      tf.dispose([thetas, x, y]);
      optimizer.dispose();
    },
  };
}

function field({ sizes, side }) {
  const { thetas, forward } = network(sizes);
  const points = tf.tensor2d(grid(side), [side * side, 2]);
  return {
    run(count) {
      let values;
      for (let i = 0; i < count; i++) values = tf.tidy(() => tf.softmax(forward(points).at(-1)).dataSync());
      return values[0];
    },
    free: () => tf.dispose([thetas, points]),
  };
}

function tanh({ count: length }) {
  const numbers = tf.tensor1d(new Float32Array(length).map(uniform(3)));
  return {
    run(count) {
      for (let i = 0; i < count; i++) tf.tanh(numbers).dispose();
      return tf.tidy(() => tf.tanh(numbers).slice(0, 1).dataSync()[0]);
    },
    free: () => numbers.dispose(),
  };
}
