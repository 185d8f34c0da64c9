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
  const say = (sentence, instead) => {
    failed(new Error(instead ? `${sentence}${instead}` : sentence));
    bar.remove();
    by('error').textContent = sentence;
    if (instead) by('error').append(Object.assign(document.createElement('a'), { href: instead + location.search + location.hash, textContent: instead }));
    by('error').hidden = false;
    by('status').textContent = 'Not running';
  };

  // A module with one vector instruction; valid only where WebAssembly SIMD is known.
  const simd = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ]);

  /** Milliseconds of silence after which a server is given up. */
  const PATIENCE = 20_000;
  const wasm = by('wasm');
  // `cargo xtask bundle` puts it into the page itself.
  const carried = !wasm.href;
  const sandboxed = self.origin === 'null' && location.protocol !== 'file:';

  const compiled = async (response) => {
    if (!response.ok) throw new Error(response.status);
    // Some servers know no type for wasm, and without one it cannot be compiled while it arrives.
    const streams = response.headers.get('content-type') === 'application/wasm';
    return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  };

  const decoded = (element) => WebAssembly.compile(Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0)));

  /** A module, whose bytes are told as they come; a server that falls silent is not waited for. */
  const fetched = async (address, tell) => {
    const stop = new AbortController();
    let silence;
    const heard = (bytes) => {
      tell(bytes);
      clearTimeout(silence);
      silence = setTimeout(() => stop.abort(), PATIENCE);
    };
    const count = async (reader) => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard(value.length);
      }
    };
    heard(0);
    try {
      const response = await fetch(address, { signal: stop.signal });
      const [module] = await Promise.all([compiled(response.clone()), count(response.body.getReader())]);
      return module;
    } catch (error) {
      throw stop.signal.aborted ? new Error(`nothing has come for ${PATIENCE / 1000} seconds`) : error;
    } finally {
      clearTimeout(silence);
    }
  };

  /** The page's; the bar shows how much of it is here. */
  const load = () => {
    if (carried) return decoded(wasm);
    bar.max = wasm.dataset.bytes;
    bar.value = 0;
    return fetched(wasm.href, (bytes) => (bar.value += bytes)).catch((error) => {
      throw new Error(`proxprop_bg.wasm could not be loaded (${error.message})`);
    });
  };

  /** A module that comes later, once somebody asks for it: its glue and its WebAssembly. Its place in the page says where it is. */
  const later = async (place, name, glue) => {
    if (carried) return [glue(), await decoded(by(`${name}-wasm`))];
    const [link, script] = [...by('later').content.children].slice(place);
    const came = new Promise((done, failed) => {
      // Where only the module did not come, the script is there already.
      if (glue()) return done();
      const element = document.createElement('script');
      element.src = script.getAttribute('src');
      const miss = () => failed(new Error('its script did not come'));
      [element.onload, element.onerror] = [done, miss];
      setTimeout(miss, PATIENCE);
      document.head.append(element);
    });
    const [module] = await Promise.all([fetched(link.getAttribute('href'), () => {}), came]);
    return [glue(), module];
  };

  /** Hires workers of a module. They are made of what is held here. Whatever becomes of the server, another can be hired, and it
   * has the content security policy of the page, which one loaded from an address has not. */
  const hirer = (make, module) => {
    // Each can hire others, by an address of its own making: from a disk it may not use the page's.
    const begin = `self.onmessage = ({ data }) => {
      const hire = () => {
        const worker = new Worker(URL.createObjectURL(data.script));
        worker.postMessage(data);
        return worker;
      };
      glue({ module_or_path: data.module }).then(() => glue.start_worker(hire)).catch(reportError);
    };`;
    const script = new Blob([`const glue = (${make})();\n${begin}`], { type: 'text/javascript' });
    const address = URL.createObjectURL(script);
    return () => {
      const worker = new Worker(address);
      worker.postMessage({ module, script });
      return worker;
    };
  };

  /** Hires workers of the whole engine, once it is there. */
  let whole;
  let coming;
  const engine = () => {
    coming ??= later(2, 'whole', () => typeof wholeGlue === 'function' && wholeGlue).then((parts) => {
      whole = hirer(...parts);
      return parts;
    });
    coming.catch(() => {
      coming = undefined;
      if (!carried) look().catch(() => {});
    });
    return coming;
  };

  /** Hires workers of the part of the engine that the page begins with. One that is asked for more says so; the whole engine is fetched,
   * and a worker that has it takes its place and all that it was asked, behind a stand-in for both. */
  const stands = (part) => () => {
    if (whole) return whole();
    let worker = part();
    // What the page says while one leaves and the other starts.
    let said;
    const stand = { postMessage: (...what) => (said ? said.push(what) : worker.postMessage(...what)), terminate: () => worker.terminate() };
    const attach = (hear) => {
      worker.onmessage = hear;
      worker.onerror = (event) => stand.onerror(event);
    };
    attach((event) => {
      const { data } = event;
      if (data === 'whole') {
        engine().then(
          () => {
            said = [];
            worker.postMessage('');
          },
          (error) => worker.postMessage(error.message || `${error}`),
        );
      } else if (Array.isArray(data)) {
        worker.terminate();
        worker = whole();
        attach(() => {
          // It listens.
          worker.onmessage = (event) => stand.onmessage(event);
          for (const bytes of data) worker.postMessage(bytes);
          for (const what of said) worker.postMessage(...what);
          said = undefined;
        });
      } else stand.onmessage(event);
    });
    return stand;
  };

  /** The module of related systems, once somebody opens that view: it tells by `tell`, and is asked by what this promises. */
  const related = async (tell) => {
    const [make, module] = await later(0, 'related', () => typeof relatedGlue === 'function' && relatedGlue);
    const glue = make();
    await glue({ module_or_path: module });
    return glue.start_related(hirer(make, module), tell);
  };
  /** What of the whole engine is on the page: where a run on images is, it is there. */
  const images = async (tell) => {
    const [make, module] = await engine();
    const glue = make();
    await glue({ module_or_path: module });
    return glue.start_images(tell);
  };
  const more = (tell, what) =>
    (what === 'images' ? images : related)(tell).then(
      (ask) => tell('here', ask),
      (error) => {
        tell('lost', error.message ?? `${error}`);
        if (!carried) look().catch(() => {});
      },
    );

  const start = async () => {
    if (typeof proxpropGlue !== 'function') throw new Error('the script that belongs to its WebAssembly did not run');
    const module = await load();
    const page = proxpropGlue();
    await page({ module_or_path: module });
    page.start_page(stands(hirer(proxpropGlue, module)), proxprop, began, more);
    bar.remove();
  };

  const { build } = document.documentElement.dataset;
  const offer = (other) => {
    by('renewed').hidden = other === build;
    by('kept').hidden = true;
  };
  for (const id of ['reload', 'kept-again']) by(id).addEventListener('click', () => location.reload());
  by('kept-close').addEventListener('click', () => (by('kept').hidden = true));

  // Set by `offline.js` where it hands out what it has kept.
  const { kept } = document.documentElement.dataset;
  if (kept) {
    by('kept-when').textContent = new Date(kept).toLocaleString('en', { dateStyle: 'long', timeStyle: 'short' });
    by('kept').hidden = false;
  }

  /** What was seen once is there without a network, where the browser and its address allow that. */
  const keep = () => {
    if (carried || sandboxed || !window.isSecureContext || !navigator.serviceWorker) return;
    navigator.serviceWorker.addEventListener('message', ({ data }) => offer(data.build));
    navigator.serviceWorker.register('offline.js').catch(() => {});
  };

  /** Forgets the kept copy, and opens the page as it comes. What is stored, the page itself has forgotten by then. */
  const reset = async () => {
    const registration = await navigator.serviceWorker?.getRegistration();
    if (!registration) return;
    await caches.delete(`proxprop ${registration.scope}`);
    await registration.unregister();
  };
  by('reset-everything').addEventListener('click', () =>
    reset()
      .catch(() => {})
      .then(() => location.replace(location.pathname)),
  );

  /** A page from the browser's cache may name files that are not on the server any more. */
  const look = async () => {
    const response = await fetch('./', { cache: 'reload' });
    const [, other = build] = / data-build="([^"]*)"/.exec(await response.text()) ?? [];
    offer(other);
  };

  const broken = (error) => {
    if (sandboxed && !carried) {
      return say('This frame is sandboxed without allow-same-origin. The lab starts in it from a server that lets every origin read its files; in one file it starts anywhere: ', 'proxprop.html');
    }
    say(`The page could not start: ${error.message ?? error}.`);
    if (!carried) look().catch(() => {});
  };

  if (!carried && location.protocol === 'file:') {
    say('From a disk, browsers let this page load nothing. Open the whole page in one file instead: ', 'proxprop.html');
  } else if (typeof WebAssembly !== 'object' || !WebAssembly.validate(simd)) {
    say('This page computes with WebAssembly and its SIMD instructions, which this browser does not offer. Any browser since 2023 does.');
  } else if (typeof Worker !== 'function') {
    say('This page trains networks in a Web Worker, which this browser does not offer.');
  } else {
    start().then(keep, broken);
  }
})();
