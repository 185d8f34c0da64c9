// Starts the worker that trains.
import init, { start_worker } from '../pkg/proxprop.js';
await init({ module_or_path: new URL('../pkg/proxprop_bg.wasm', import.meta.url) });
start_worker();
