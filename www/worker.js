// Starts a worker on the wasm that the page has compiled.
import init, { start_worker } from '../pkg/proxprop.js';
self.onmessage = ({ data: module }) => init({ module_or_path: module }).then(start_worker).catch(reportError);
