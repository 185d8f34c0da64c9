// What is wrong with where things are, as a browser sees it: runs in the page.

/** Sentences about what overlaps, hangs over the side or is cut off; empty where all is well. */
export function flaws() {
  const width = document.documentElement.clientWidth;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && getComputedStyle(element).clipPath === 'none' && !element.closest('.hidden');
  const called = (element) => element.id || element.getAttribute('data-testid') || `${element.tagName.toLowerCase()}.${element.className}`;
  const found = [];
  if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth} wide in ${width}`);

  /** What of a box its ancestors let be seen; `whole` where that is all, or can be scrolled to. */
  const seen = (element, box) => {
    let { left, top, right, bottom } = box;
    let whole = true;
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
      const edge = at.getBoundingClientRect();
      const cut = { left: Math.max(left, edge.left), top: Math.max(top, edge.top), right: Math.min(right, edge.right), bottom: Math.min(bottom, edge.bottom) };
      const scrolls = /auto|scroll/.test(style.overflowX + style.overflowY);
      if (!scrolls && (cut.right - cut.left < right - left - 1.5 || cut.bottom - cut.top < bottom - top - 3)) whole = false;
      ({ left, top, right, bottom } = cut);
      if (style.position === 'fixed') break;
    }
    return { box: { left, top, right, bottom }, whole, gone: right - left < 1 || bottom - top < 1 };
  };

  const things = [];
  const add = (element, box, name) => {
    if (box.width < 2 || box.height < 2) return;
    const part = seen(element, box);
    if (part.gone) return;
    things.push({ element, name, ...part });
    if (!part.whole) found.push(`${name} is cut off`);
    if (part.box.left < -1 || part.box.right > width + 1) found.push(`${name} hangs over the side`);
  };
  for (const element of document.querySelectorAll('button, select, input, .chart, .field, math, progress, canvas')) {
    // The words on a button are its own; a chart is what holds its canvas.
    if (!shown(element) || element.parentElement.closest('math, .chart, .field')) continue;
    add(element, element.getBoundingClientRect(), called(element));
  }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (words.nextNode()) {
    const { currentNode: node } = words;
    const element = node.parentElement;
    if (!node.data.trim() || element.closest('math, select, .chart, .field, script, template, noscript') || !shown(element)) continue;
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) add(element, box, `“${node.data.trim().slice(0, 30)}”`);
  }
  // Letters reach a little over the line that they stand on.
  const SLACK = 3;
  for (let i = 0; i < things.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const [a, b] = [things[i], things[j]];
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (across <= SLACK || down <= SLACK || a.element.contains(b.element) || b.element.contains(a.element)) continue;
      found.push(`${a.name} and ${b.name} overlap by ${Math.round(across)} × ${Math.round(down)}`);
    }
  }
  return [...new Set(found)];
}
