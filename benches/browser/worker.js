// Runs in a module worker of the browser, as the lab does: all engines take turns, block by block.
import { GPU_WORKLOADS, PLAYERS, WORKLOADS, uniform } from './workloads.js';
import * as jax from './jax.js';
import * as tfjs from './tfjs.js';

/** Milliseconds of a block: long against the clock's coarseness, short against the machine's moods. */
const BLOCK = 60;
const ROUNDS = 9;
/** An engine that needs seconds for a step is measured fewer times. */
const PATIENCE = 6000;

const wasm = async () => {
  const glue = await import(new URL('pkg/proxprop.js', self.location.href).href);
  await glue.default();
  return glue;
};

/** Our engine, or the usual step that it makes beside every state of a network. */
const proxprop = async (name = 'proxprop') => {
  const { Workload } = await wasm();
  const usual = name === 'usual';
  return {
    name,
    prepare({ kind, rule, sizes = [2, 8], samples = 200, batch = samples, members = 1, length, side, count = 0, net }) {
      if (usual && kind !== 'state') return null;
      const numbers = new Float32Array(count).map(uniform(3));
      const known = ['step', 'ensemble', 'epoch'].includes(kind) ? rule : 'backprop';
      const workload = kind === 'state' ? Workload.in_state(net, rule, usual) : new Workload(known, members, sizes[1], samples, batch, numbers);
      const field = (times) => {
        let values;
        for (let i = 0; i < times; i++) values = workload.field(side);
        return values[0];
      };
      const run = {
        step: (times) => workload.steps(times),
        ensemble: (times) => workload.steps(times * length),
        state: (times) => workload.follow(times),
        epoch: (times) => workload.epochs(times),
        field,
        tanh: (times) => workload.tanh(times),
      }[kind];
      return { run, free: () => workload.free() };
    },
  };
};

/** The same on the graphics device. */
const onGpu = async (name) => {
  const { GpuWorkload } = await wasm();
  return {
    name,
    async prepare({ rule, sizes, samples, members = 1, length = 1 }) {
      const workload = await GpuWorkload.put(rule, members, sizes[1], samples);
      return { run: (times) => workload.steps(times * length), free: () => workload.free() };
    },
  };
};

/** The steps of a run that the page plays, rule by rule. */
const playedAlone = ({ batch, samples, rules = PLAYERS, ...shape }) =>
  rules.map((rule) => ({ kind: batch < samples ? 'epoch' : 'step', rule, samples, batch, length: Math.ceil(samples / batch), ...shape }));

const folder = new URL('tfjs/', self.location.href).href;

/** Engines of the same name are two ways to the same end; the faster one counts. */
const ENGINES = [
  () => proxprop(),
  () => proxprop('usual'),
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

/** Warms a job up and sets how many times it runs per block; where once takes a minute, that is the measurement. */
async function calibrate(job) {
  let count = 1;
  let elapsed = await time(job, 1);
  if (elapsed > 10 * PATIENCE) {
    job.count = 1;
    keep(job, elapsed);
    return;
  }
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

function keep(job, elapsed) {
  job.spent += elapsed;
  job.times.push((1000 * elapsed) / (job.count * job.per));
}

async function measure(engines, work) {
  const jobs = [];
  for (const engine of engines) {
    await engine.enter?.();
    const job = await engine.prepare(work);
    if (job === null) continue;
    Object.assign(job, { engine: engine.name, enter: engine.enter, times: [], spent: 0 });
    job.per = (work.members ?? 1) * (work.length ?? 1);
    jobs.push(job);
    await calibrate(job);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const job of jobs) {
      if (job.spent > PATIENCE) continue;
      await job.enter?.();
      const elapsed = await time(job, job.count);
      keep(job, elapsed);
    }
  }
  const best = new Map();
  for (const job of jobs) {
    await job.enter?.();
    job.free();
    const us = median(job.times);
    if (!(best.get(job.engine) <= us)) best.set(job.engine, us);
  }
  const { kind, rule, net } = work;
  const table = { state: 'states', member: 'members', grid: 'members' }[kind] ?? 'steps';
  return [...best].map(([engine, us]) => ({ table, where: 'browser', engine, rule, net, us_per_step: us }));
}

/** Three by three, or two by two, as they come from our module. */
const groups = (texts, keys) =>
  Array.from({ length: texts.length / keys.length }, (_, i) => Object.fromEntries(keys.map((key, k) => [key, texts[i * keys.length + k]])));

const systems = async () => groups((await wasm()).SystemWorkload.usual(), ['name', 'query', 'longest']);

/** Each run of every related system alone, and a check of points' boxes. */
async function related() {
  const { SystemWorkload } = await wasm();
  const members = (await systems()).flatMap(({ name, query }) =>
    groups(SystemWorkload.alone(query), ['rule', 'query']).map((member) => ({ kind: 'member', net: name, ...member })),
  );
  return [...members, { kind: 'grid', net: 'flat', rule: 'grid check' }];
}

const prepareRelated = ({ SystemWorkload, GridWorkload }) => ({
  name: 'proxprop',
  prepare({ kind, query }) {
    const workload = kind === 'grid' ? new GridWorkload() : new SystemWorkload(query);
    return { run: (times) => (kind === 'grid' ? workload.check(times) : workload.steps(times)), free: () => workload.free() };
  },
});

/**
 * `gpu` names the graphics device that alone is measured, if one is; of what is `played` our engine alone; with `words`, what has one of
 * them in its name; the `systems` are only named.
 */
self.onmessage = async ({ data: { words = [], gpu, played, systems: named } }) => {
  const wanted = ({ kind, rule, net, of = '' }) =>
    words.length === 0 || words.some((word) => `${of} ${kind} ${net} ${rule}`.includes(word));
  const all = async (starts, works) => {
    if (works.length === 0) return;
    const engines = [];
    for (const start of starts) engines.push(await start());
    for (const work of works) {
      const rows = await measure(engines, work);
      if (rows.length > 0) self.postMessage({ rows });
    }
  };
  try {
    if (named) self.postMessage({ rows: await systems() });
    else if (gpu) await all([() => onGpu(gpu)], GPU_WORKLOADS);
    else if (played) await all([() => proxprop()], playedAlone(played));
    else {
      await all(ENGINES, WORKLOADS.filter(wanted));
      const works = (await related()).map((work) => ({ of: 'systems', ...work }));
      await all([async () => prepareRelated(await wasm())], works.filter(wanted));
    }
    self.postMessage({ done: true });
  } catch (error) {
    self.postMessage({ error: `${error.message ?? error}\n${error.stack ?? ''}` });
  }
};
