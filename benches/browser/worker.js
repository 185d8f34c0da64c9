// Runs in a module worker of the browser, as the lab does: all engines take turns, block by block.
import { WORKLOADS, uniform } from './workloads.js';
import * as jax from './jax.js';
import * as tfjs from './tfjs.js';

/** Milliseconds of a block: long against the clock's coarseness, short against the machine's moods. */
const BLOCK = 60;
const ROUNDS = 9;
/** An engine that needs seconds for a step is measured fewer times. */
const PATIENCE = 6000;

const proxprop = async () => {
  const address = new URL('pkg/proxprop.js', self.location.href).href;
  const { default: init, Workload } = await import(address);
  await init();
  return {
    name: 'proxprop',
    prepare({ kind, rule, sizes = [2, 8], samples = 200, batch = samples, side, count: length }) {
      const numbers = new Float32Array(length ?? 0).map(uniform(3));
      const known = kind === 'step' ? rule : 'backprop';
      const workload = new Workload(known, sizes[1], samples, batch, numbers);
      const field = (times) => {
        let values;
        for (let i = 0; i < times; i++) values = workload.field(side);
        return values[0];
      };
      const run = {
        step: (times) => workload.steps(times),
        epoch: (times) => workload.epochs(times),
        field,
        tanh: (times) => workload.tanh(times),
      }[kind];
      return { run, free: () => workload.free() };
    },
  };
};

const folder = new URL('tfjs/', self.location.href).href;

/** Engines of the same name are two ways to the same end; the faster one counts. */
const ENGINES = [
  proxprop,
  async () => (await jax.start(), { name: 'jax-js wasm', prepare: jax.prepare }),
  ...['wasm', 'cpu'].flatMap((backend) =>
    [false, true].map((byHand) => async () => ({
      name: `tfjs ${backend}`,
      enter: () => tfjs.start(backend, folder),
      prepare: (work) => tfjs.prepare(work, byHand),
    })),
  ),
];

async function time(job, count) {
  const start = performance.now();
  const value = await job.run(count);
  const elapsed = performance.now() - start;
  if (!Number.isFinite(value)) throw new Error(`${job.engine} computed ${value}`);
  return elapsed;
}

/** Warms a job up and sets how many times it runs per block. */
async function calibrate(job) {
  let count = 1;
  let elapsed = await time(job, 1);
  if (elapsed < PATIENCE / 2) elapsed = await time(job, 1);
  while (elapsed < BLOCK) {
    count = Math.ceil(count * Math.min(10, Math.max(1.5, (1.1 * BLOCK) / Math.max(elapsed, 0.1))));
    elapsed = await time(job, count);
  }
  job.count = count;
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

async function measure(engines, work) {
  const jobs = [];
  for (const engine of engines) {
    await engine.enter?.();
    const job = engine.prepare(work);
    if (job === null) continue;
    Object.assign(job, { engine: engine.name, enter: engine.enter, times: [], spent: 0 });
    jobs.push(job);
    await calibrate(job);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const job of jobs) {
      if (job.spent > PATIENCE && round >= 1) continue;
      await job.enter?.();
      const elapsed = await time(job, job.count);
      job.spent += elapsed;
      job.times.push((1000 * elapsed) / job.count);
    }
  }
  const best = new Map();
  for (const job of jobs) {
    await job.enter?.();
    job.free();
    const us = median(job.times);
    if (!(best.get(job.engine) <= us)) best.set(job.engine, us);
  }
  const { rule, net } = work;
  return [...best].map(([engine, us]) => ({ where: 'browser', engine, rule, net, us_per_step: us }));
}

self.onmessage = async ({ data: without }) => {
  try {
    const engines = [];
    for (const start of ENGINES.slice(without.includes('proxprop') ? 1 : 0)) engines.push(await start());
    for (const work of WORKLOADS) {
      const rows = await measure(engines, work);
      if (rows.length > 0) self.postMessage({ rows });
    }
    self.postMessage({ done: true });
  } catch (error) {
    self.postMessage({ error: `${error.message}\n${error.stack}` });
  }
};
