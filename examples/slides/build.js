// Puts the deck beside the site, into dist/slides/, with the two parts of reveal.js that it needs.
import { cp, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const to = here('../../dist/slides/');
await rm(to, { recursive: true, force: true });
await mkdir(`${to}reveal`, { recursive: true });
for (const file of ['index.html', 'deck.js', 'deck.css']) await cp(here(file), to + file);
for (const file of ['reveal.mjs', 'reveal.css', 'reset.css']) {
  await cp(here(`node_modules/reveal.js/dist/${file}`), `${to}reveal/${file}`);
}
console.log(to);
