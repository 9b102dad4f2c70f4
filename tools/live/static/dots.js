// Dots along the lines: how often one sets off is the rate, on a logarithmic scale; all go at one
// speed. They are elements of their own layer, moved by the compositor, and are gone when they arrive.
const MOST_A_SECOND = 3;
const PIXELS_A_SECOND = 110;
const STEPS = 24;
const TICK_MS = 100;

export function createDots(layer) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const free = [];
  let ways = new Map(); // line → {frames, milliseconds}
  let due = new Map(); // line → {every, next}
  let moves = false;
  let timer = 0;

  function rates(edges, perSecond) {
    const now = performance.now();
    for (const { key, node } of edges) {
      const rate = perSecond[key] ?? 0;
      if (rate <= 0) {
        due.delete(key);
        continue;
      }
      const every = 1000 / Math.min(MOST_A_SECOND, 0.25 + Math.log10(1 + rate) * 1.1);
      const next = due.get(key)?.next ?? now + Math.random() * every;
      due.set(key, { every, next: Math.min(next, now + every), node });
    }
  }

  function tick() {
    const now = performance.now();
    for (const [key, one] of due) {
      if (one.next > now) continue;
      one.next = Math.max(one.next + one.every, now);
      send(way(key, one.node));
    }
  }

  function way(key, node) {
    if (!ways.has(key)) {
      const length = node.getTotalLength();
      const steps = /[QC]/.test(node.getAttribute("d")) ? STEPS : 1;
      const at = (n) => node.getPointAtLength((length * n) / steps);
      const frames = Array.from({ length: steps + 1 }, (_, n) => ({ transform: `translate(${at(n).x}px, ${at(n).y}px)` }));
      ways.set(key, { frames, duration: (1000 * length) / PIXELS_A_SECOND });
    }
    return ways.get(key);
  }

  function send({ frames, duration }) {
    const dot = free.pop() ?? Object.assign(document.createElement("i"), { className: "dot" });
    layer.append(dot);
    dot.animate(frames, { duration }).onfinish = () => {
      dot.remove();
      free.push(dot);
    };
  }

  function clear() {
    layer.replaceChildren();
    due.clear();
  }

  /** Let them move or not: not while nothing is known to move, nor for who asked for less motion. */
  function move(yes) {
    const wanted = yes && !calm.matches;
    if (wanted === moves) return;
    moves = wanted;
    clearInterval(timer);
    if (moves) timer = setInterval(tick, TICK_MS);
    else clear();
  }

  return {
    rates: (edges, perSecond) => moves && rates(edges, perSecond),
    move,
    forget() {
      ways = new Map();
      due = new Map();
      layer.replaceChildren();
    },
  };
}
