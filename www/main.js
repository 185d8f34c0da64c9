// Starts the page, or says in a sentence why it cannot.

// Scripts find it at the page's `load` event, and wait for `ready`: the lab puts its calls beside that.
let began;
let failed;
const proxprop = {
  ready: new Promise((resolve, reject) => {
    [began, failed] = [resolve, reject];
  }),
};
// Where nobody waits, the sentence on the page is enough.
proxprop.ready.catch(() => {});
window.proxprop = proxprop;

const loaded = () => document.getElementById('loading')?.remove();
const say = (sentence) => {
  loaded();
  failed(new Error(sentence));
  const error = document.getElementById('error');
  error.textContent = sentence;
  error.hidden = false;
  document.getElementById('status').textContent = 'Not running';
};

// A module with one vector instruction; valid only where WebAssembly SIMD is known.
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

// Where the parts are. `cargo xtask bundle` puts those it carries in place of this block.
// <parts>
const parts = async () => {
  const glue = import('../pkg/proxprop.js');
  const response = await fetch(new URL('../pkg/proxprop_bg.wasm', import.meta.url));
  if (!response.ok) throw new Error(`proxprop_bg.wasm could not be loaded (${response.status})`);
  // Some servers know no type for wasm, and without one it cannot be compiled while it arrives.
  const streams = response.headers.get('content-type') === 'application/wasm';
  const module = await (streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer()));
  const { default: init, start_page } = await glue;
  await init({ module_or_path: module });
  const hire = () => {
    const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
    worker.postMessage(module);
    return worker;
  };
  return { start_page, hire };
};
// What was seen once is there without a network, where the browser and its address allow that.
if (window.isSecureContext) navigator.serviceWorker?.register(new URL('../offline.js', import.meta.url)).catch(() => {});
// </parts>

if (typeof WebAssembly !== 'object' || !WebAssembly.validate(simd)) {
  say('This page computes with WebAssembly and its SIMD instructions, which this browser does not offer. Any browser since 2023 does.');
} else if (typeof Worker !== 'function') {
  say('This page trains networks in a Web Worker, which this browser does not offer.');
} else {
  parts()
    .then(({ start_page, hire }) => {
      start_page(hire, proxprop, began);
      loaded();
    })
    .catch((error) => say(`The page could not start: ${error.message ?? error}.`));
}
