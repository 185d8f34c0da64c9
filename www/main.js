// Starts the page, or says in a sentence why it cannot. A script of the old kind: those run from a disk, in a frame without
// an origin, and with almost any type a server gives them.
(() => {
  const by = (id) => document.getElementById(id);
  // From here on this script says what is the matter.
  by('unstarted').hidden = true;

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

  const bar = by('loading');
  const say = (sentence) => {
    failed(new Error(sentence));
    bar.remove();
    by('error').textContent = sentence;
    by('error').hidden = false;
    by('status').textContent = 'Not running';
  };

  // A module with one vector instruction; valid only where WebAssembly SIMD is known.
  const simd = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ]);

  const [glue, wasm] = [by('glue'), by('wasm')];
  // `cargo xtask bundle` puts both into the page itself.
  const carried = !glue.src;
  const sandboxed = self.origin === 'null' && location.protocol !== 'file:';

  /** A file as it comes; a server that falls silent is not waited for. */
  const load = async (address, tell = () => {}) => {
    const stop = new AbortController();
    const why = (error) => (stop.signal.aborted ? 'nothing has come for 20 seconds' : error.message);
    const sentence = (error) => new Error(`${new URL(address).pathname.split('/').pop()} could not be loaded (${why(error)})`);
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => stop.abort(), 20_000);
    };
    heard();
    try {
      const response = await fetch(address, { signal: stop.signal });
      if (!response.ok) throw new Error(`the server answers ${response.status}`);
      const reader = response.body.getReader();
      const pull = async (out) => {
        try {
          const { done, value } = await reader.read();
          heard();
          if (done) {
            clearTimeout(silence);
            return out.close();
          }
          out.enqueue(value);
          tell(value.length);
        } catch (error) {
          clearTimeout(silence);
          out.error(sentence(error));
        }
      };
      // Whatever type the server gives it, WebAssembly is compiled while it arrives.
      return new Response(new ReadableStream({ pull }), { headers: { 'content-type': 'application/wasm' } });
    } catch (error) {
      clearTimeout(silence);
      throw sentence(error);
    }
  };

  const parts = async () => {
    if (carried) {
      const code = Uint8Array.from(atob(wasm.textContent), (c) => c.charCodeAt(0));
      return [glue.textContent, await WebAssembly.compile(code)];
    }
    bar.max = wasm.dataset.bytes;
    bar.value = 0;
    const text = load(glue.src).then((response) => response.text());
    return Promise.all([text, WebAssembly.compileStreaming(load(wasm.href, (more) => (bar.value += more)))]);
  };

  const start = async () => {
    const [text, module] = await parts();
    if (typeof wasm_bindgen !== 'function') throw new Error('the script that belongs to its WebAssembly did not run');
    await wasm_bindgen({ module_or_path: module });
    // Workers are made of what is held here. Whatever becomes of the server, another can be hired, and it has the content
    // security policy of the page, which one loaded from an address has not.
    const begin = 'wasm_bindgen({ module_or_path: data }).then(() => wasm_bindgen.start_worker()).catch(reportError)';
    const script = URL.createObjectURL(new Blob([text, `\nself.onmessage = ({ data }) => ${begin};`], { type: 'text/javascript' }));
    const hire = () => {
      const worker = new Worker(script);
      worker.postMessage(module);
      return worker;
    };
    wasm_bindgen.start_page(hire, proxprop, began);
    bar.remove();
  };

  const { build } = document.documentElement.dataset;
  const offer = (other) => (by('renewed').hidden = other === build);
  by('reload').addEventListener('click', () => location.reload());

  /** What was seen once is there without a network, where the browser and its address allow that. */
  const keep = () => {
    if (carried || sandboxed || !window.isSecureContext || !navigator.serviceWorker) return;
    navigator.serviceWorker.addEventListener('message', ({ data }) => offer(data.build));
    navigator.serviceWorker.register('offline.js').catch(() => {});
  };

  /** A page from the browser's cache may name files that are not on the server any more. */
  const look = async () => {
    const response = await fetch('./', { cache: 'reload' });
    const [, other = build] = / data-build="([^"]*)"/.exec(await response.text()) ?? [];
    offer(other);
  };

  const broken = (error) => {
    if (sandboxed && !carried) {
      return say('This frame is sandboxed without allow-same-origin. There the lab starts only from a server that lets every origin read its files, or as proxprop.html.');
    }
    say(`The page could not start: ${error.message ?? error}.`);
    if (!carried) look().catch(() => {});
  };

  if (!carried && location.protocol === 'file:') {
    say('From a disk, browsers let this page load nothing. Open proxprop.html instead, which is the whole page in one file.');
  } else if (typeof WebAssembly !== 'object' || !WebAssembly.validate(simd)) {
    say('This page computes with WebAssembly and its SIMD instructions, which this browser does not offer. Any browser since 2023 does.');
  } else if (typeof Worker !== 'function') {
    say('This page trains networks in a Web Worker, which this browser does not offer.');
  } else {
    start().then(keep, broken);
  }
})();
