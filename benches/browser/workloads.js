// What is measured. `net` and `rule` name a row; all is float32 and tanh, plain gradient descent.
const net = (hidden, samples) => ({ sizes: [2, hidden, hidden, 2], samples });

const RULES = ['backprop', 'prox-exact', 'prox-cg3'];

const steps = [net(8, 200), net(32, 512), net(128, 512), net(512, 512)].flatMap((shape) =>
  RULES.map((rule) => ({ kind: 'step', rule, net: `${shape.sizes.join('-')}/${shape.samples}`, ...shape })),
);

// As a map's cells are trained; a time is that of a step of one of them.
const ensembles = RULES.map((rule) => ({
  kind: 'ensemble', rule, net: '2-8-8-2/200, one of 1024 for 100 steps', members: 1024, length: 100, ...net(8, 200),
}));

// States that may take longer than the usual step, under their rules; steps from their beginning.
const STATES = [
  ['saturated tanh', 'backprop'],
  ...RULES.map((rule) => ['saturated sigmoid', rule]),
  ['dead relu', 'backprop'],
  ['decaying weights', 'backprop'],
  ['vanishing gradients, Adam', 'backprop'],
];
const states = STATES.map(([net, rule]) => ({ kind: 'state', rule, net, length: 300 }));

/** What is measured on a graphics device. */
export const GPU_WORKLOADS = [...steps, ...ensembles];

export const WORKLOADS = [
  ...steps,
  ...ensembles,
  ...states,
  { kind: 'epoch', rule: 'backprop', net: '2-8-8-2/200, epoch of 20 minibatches', ...net(8, 200), batch: 10 },
  { kind: 'field', rule: 'forward', net: '2-8-8-2, field 100x100', ...net(8, 200), side: 100 },
  { kind: 'tanh', rule: 'tanh', net: '65536 numbers', count: 65536 },
];

const alike = (runs) => Array.from({ length: runs }, () => 'backprop');
const HIDDEN = '#hide=story,boundaries,loss,steps,runs,setup';

/**
 * What the page plays as fast as possible, for so many seconds: runs under `PLAYERS` or other rules, in minibatches of so many
 * points, all panels open or some hidden. All make 60,000 steps at most, so that every hundredth is a point of the curves.
 * Runs of wide networks train on workers of their own: the engine that they are compared with is one worker's.
 */
export const PLAYED = [
  { net: '2-8-8-2/200', ...net(8, 200), batch: 200, seconds: 3 },
  { net: '2-8-8-2/200, minibatches of 10', ...net(8, 200), batch: 10, seconds: 3 },
  { net: '2-32-32-2/512', ...net(32, 512), batch: 512, seconds: 3 },
  { net: '2-128-128-2/512', ...net(128, 512), batch: 512, seconds: 6 },
  { net: '2-128-128-2/512, panels hidden', ...net(128, 512), batch: 512, seconds: 6, rules: alike(2), look: HIDDEN },
  { net: '2-128-128-2/512, panels hidden', ...net(128, 512), batch: 512, seconds: 6, rules: alike(6), look: HIDDEN },
  { net: '2-512-512-2/512', ...net(512, 512), batch: 512, seconds: 10 },
];

/** The rules of the two runs. */
export const PLAYERS = ['backprop', 'prox-exact'];

// Small enough for every rule to stay put however long it runs.
export const TAU = 0.01;

/** Numbers in [-1, 1), the same at every call. */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Points and one-hot labels, flat: inside a circle or not. */
export function circle(samples) {
  const next = uniform(1);
  const x = new Float32Array(samples * 2).map(next);
  const y = new Float32Array(samples * 2);
  for (let i = 0; i < samples; i++) y[2 * i + (Math.hypot(x[2 * i], x[2 * i + 1]) < 0.7 ? 1 : 0)] = 1;
  return { x, y };
}

/** First weights of every layer, flat, input by input. */
export function weights(sizes) {
  const next = uniform(2);
  return sizes.slice(1).map((outputs, l) => {
    const range = Math.sqrt(6 / (sizes[l] + outputs));
    return new Float32Array(sizes[l] * outputs).map(() => range * next());
  });
}

/** Cell centres of a square grid over [-1, 1]². */
export function grid(side) {
  const at = (i) => (2 * i + 1) / side - 1;
  return Float32Array.from({ length: side * side * 2 }, (_, i) =>
    i % 2 === 0 ? at((i >> 1) % side) : at(Math.floor((i >> 1) / side)),
  );
}

/** The maps that are waited for, and their queries. */
export const MAPS = [
  ['map 32x32 of the default run', 'v=1'],
  ['map 64x64, 50 epochs', 'epochs=50&map=2,tau:0.1..1000*64,tau_theta:0.01..100*64'],
];
