// A second build of the finished site, made of the first one's files, and a server that changes from one to the other and
// can be as bad as networks are.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const dist = join(import.meta.dirname, '../../dist');
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** The site's files by name; `rename`, a pair of words of one length, makes another build of them. */
export function build(rename) {
  const other = (bytes) => {
    // One character per byte, the wasm's too.
    const text = bytes.toString('latin1');
    return Buffer.from(rename ? text.replaceAll(...rename) : text, 'latin1');
  };
  const files = new Map();
  let index = other(readFileSync(join(dist, 'index.html'))).toString('latin1');
  for (const folder of ['', 'www/', 'pkg/']) {
    for (const name of readdirSync(join(dist, folder))) {
      const [, stem, end] = /^(.*)-[0-9a-f]{16}(\.\w+)$/.exec(name) ?? [];
      if (!stem) continue;
      const bytes = other(readFileSync(join(dist, folder, name)));
      const renamed = `${folder}${stem}-${digest(bytes)}${end}`;
      index = index.replace(folder + name, renamed);
      files.set(renamed, bytes);
      // The notices have a name that stays, too.
      if (stem === 'licences') files.set('licences.html', bytes);
    }
  }
  index = index.replace(/ data-build="[^"]*"/, ` data-build="${digest(index)}"`);
  files.set('index.html', Buffer.from(index, 'latin1'));
  files.set('offline.js', readFileSync(join(dist, 'offline.js')));
  return files;
}

/** The rules of the site's `_headers`, each a pattern of paths and its headers. */
const rules = () => {
  const found = [];
  for (const line of readFileSync(join(dist, '_headers'), 'utf8').split('\n')) {
    const [, name, value] = /^ +([\w-]+): (.*)$/.exec(line) ?? [];
    if (name) found.at(-1).headers.push([name.toLowerCase(), value]);
    else if (line) found.push({ pattern: new RegExp(`^${line.replaceAll('.', '\\.').replace('*', '.*')}$`), headers: [] });
  }
  return found;
};

/** What Netlify and Cloudflare Pages send with a file, besides its type: what several rules say of one header is joined. */
export function headersOf(path) {
  const headers = {};
  for (const [name, value] of rules().filter(({ pattern }) => pattern.test(path)).flatMap(({ headers }) => headers)) {
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** Serves a build below `/lab/`; what it does to a request is `answer`'s to change: `usual`, or one of the bad ones below. */
export class Host {
  /** What the browser asked for, with its headers. */
  requests = [];
  headers = { 'cache-control': 'max-age=600' };

  constructor(files) {
    this.files = files;
    this.answer = this.usual;
    this.server = createServer((request, response) => {
      const name = new URL(request.url, 'http://host').pathname.replace(/^\/lab\/?/, '') || 'index.html';
      this.requests.push({ name, headers: request.headers });
      this.answer(name, response);
    });
  }

  async listen() {
    await new Promise((listens) => this.server.listen(0, '127.0.0.1', listens));
    return `http://127.0.0.1:${this.server.address().port}/lab/`;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  usual = (name, response, bytes = this.files.get(name)) => {
    if (!bytes) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(name)], ...this.headers }).end(bytes);
  };
  silent = () => {};
  broken = (name, response) => response.writeHead(503).end('out of order');
  captive = (name, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in to the network</h1>');
}
