// A deck that embeds the lab and talks to it; docs/embedding.md has the messages.
import Reveal from './reveal/reveal.mjs';

const deck = new Reveal({ width: 1280, height: 720, margin: 0.02, hash: true, transition: 'none' });
const origin = new URL('../', location.href).origin;
let calls = 0;

/** Asks the lab in a frame to do something; its answer comes back as a message with the same id. */
const ask = (frame, call, ...args) => {
  calls += 1;
  // A deck opened from disk has no origin to name.
  frame.contentWindow?.postMessage({ proxprop: 1, id: calls, call, args }, origin === 'null' ? '*' : origin);
};

window.addEventListener('message', ({ data, origin: from, source }) => {
  const isOurs = [...document.querySelectorAll('iframe')].some((frame) => frame.contentWindow === source);
  if (!isOurs || from !== origin || data?.proxprop !== 1) return;
  // The lab has let the keyboard go: from here on the keys are the deck's.
  if (data.event === 'escape' || data.event === 'key') window.focus();
  if (data.key === 'PageDown') deck.next();
  if (data.key === 'PageUp') deck.prev();
});

// <p class="fragment" data-call="play"> plays the run of its slide when it appears.
deck.on('fragmentshown', ({ fragment }) => {
  const frame = fragment.closest('section').querySelector('iframe');
  if (fragment.dataset.call && frame) ask(frame, fragment.dataset.call);
});

await deck.initialize();
