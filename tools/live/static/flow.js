// The way through, drawn from its description: real text and real buttons over lines. What a dot
// shows, a number says; the list of parts is the picture's text.
import { attr, el, find, keyed, put } from "./dom.js";
import { createDots } from "./dots.js";
import { inReadingOrder, layout } from "./flow_layout.js";
import { clock, count, duration, perSecond, several, some } from "./format.js";
import { depth } from "./history.js";

const SVG = "http://www.w3.org/2000/svg";
const FULL = 10_000; // messages at which a queue is drawn full, on a logarithmic scale

export function createFlow() {
  const map = find("#flow .map");
  const lines = find(".edges", map);
  const list = find(".nodes", map);
  const dots = createDots(find(".dots", map));
  let drawn = ""; // of which flow, at which width, the layout is
  let placed = null;
  let edges = [];

  function arrange(flow) {
    const width = map.clientWidth;
    const wanted = `${JSON.stringify(flow)} ${width}`;
    if (wanted === drawn) return;
    drawn = wanted;
    placed = layout(flow, width);
    map.style.height = `${placed.height}px`;
    map.classList.toggle("narrow", placed.narrow);
    attr(lines, "viewBox", `0 0 ${width} ${placed.height}`);
    edges = Object.entries(placed.lines).map(([key, path]) => ({ key, node: edge(path) }));
    lines.replaceChildren(...edges.map((one) => one.node));
    dots.forget();
  }

  function make(node) {
    const tag = node.kind === "queue" ? "button" : "div";
    const box = el(tag, { class: "box", type: tag === "button" ? "button" : null });
    for (const part of ["fill", "name", "figure", "detail"]) box.append(el("span", { class: part }), " ");
    const item = el("li", { class: `node ${node.kind}`, "data-id": node.id }, box, el("span", { class: "failing" }));
    item.append(el("span", { class: "unseen next" }));
    if (tag === "button") {
      box.addEventListener("click", () => item.dispatchEvent(new CustomEvent("peek", { bubbles: true, detail: node })));
    }
    return item;
  }

  function update(item, node, view) {
    const now = view.now.nodes?.[node.id] ?? {};
    const { x, y, w, h } = placed.boxes[node.id];
    const where = `translate(${x}px, ${y}px)`;
    if (item.style.transform !== where || item.style.width !== `${w}px`) {
      Object.assign(item.style, { transform: where, width: `${w}px`, height: `${h}px` });
    }
    const { figure, detail } = said(node, now);
    put(find(".name", item), node.label);
    put(find(".figure", item), figure);
    attr(find(".figure", item), "title", now.as_of ? `of the minute to ${clock(now.as_of)}` : null);
    put(find(".detail", item), detail);
    attr(item, "data-state", now.failing ? "failing" : now.mapping === "off" ? "off" : null);
    put(find(".failing", item), now.failing ? `✗ ${now.failing}` : "");
    attr(find(".failing", item), "title", now.failing || null);
    if (node.kind === "queue") fill(item, now, view);
    const to = view.flow.edges.filter((one) => one.from === node.id).map((one) => labelOf(view.flow, one.to));
    put(find(".next", item), to.length ? `, goes to ${to.join(" and ")}` : "");
  }

  function fill(item, now, { can }) {
    const level = Math.min(1, Math.log10(1 + depth(now)) / Math.log10(1 + FULL));
    const wanted = `translateY(${(100 - 100 * level).toFixed(1)}%)`;
    const bar = find(".fill", item);
    if (bar.style.transform !== wanted) bar.style.transform = wanted;
    attr(item, "data-dead", now.dead ? "yes" : null);
    attr(find(".box", item), "disabled", !can.has("peek"));
    attr(find(".box", item), "title", can.has("peek") ? "Look into it" : null);
  }

  function draw(view) {
    arrange(view.flow);
    const key = (node) => `${view.name} ${node.id} ${node.kind}`;
    keyed(list, inReadingOrder(view.flow.nodes), key, make, (item, node) => update(item, node, view));
    for (const { key: name, node } of edges) attr(node, "data-flows", (view.now.edges?.[name] ?? 0) > 0 ? "yes" : null);
    put(find("#flow .aside"), view.can.has("peek") ? "Press a queue to look into it." : "");
    dots.rates(edges, view.now.edges ?? {});
    latest = view;
  }

  let latest = null;
  new ResizeObserver(() => latest && draw(latest)).observe(map);
  return { draw, still: (view) => dots.move(view.moving && (view.snap?.source.step_seconds ?? 1) < 5) };
}

function edge(path) {
  const node = document.createElementNS(SVG, "path");
  node.setAttribute("d", path);
  return node;
}

const labelOf = (flow, id) => flow.nodes.find((node) => node.id === id)?.label ?? id;

/** A part's figure and what stands under it, in words. */
function said(node, now) {
  const words = [];
  if (node.kind === "queue") {
    if (now.in_flight) words.push(`${count(now.in_flight)} in flight`);
    if (now.delayed) words.push(`${count(now.delayed)} delayed`);
    if (now.oldest_seconds) words.push(duration(now.oldest_seconds));
    if (now.dead) words.unshift(`✗ ${count(now.dead)} dead`);
    return { figure: count(now.waiting), detail: joined(words.slice(0, 2)) || "empty" };
  }
  if (now.latency_ms !== undefined && now.latency_ms !== null) words.push(`${count(now.latency_ms)} ms`);
  if (now.connections !== undefined && now.connections !== null) words.push(several(now.connections, "connection"));
  if (now.mapping === "off") words.push("switched off");
  else if (now.busy) words.push(`${some(now.busy)} busy`);
  if (now.errors) words.push(several(now.errors, "error"));
  if (node.kind === "source") return { figure: "", detail: "rate" in now ? perSecond(now.rate) : "" };
  const figure = now.count !== undefined ? count(now.count) : "rate" in now ? perSecond(now.rate) : "";
  return { figure, detail: joined(words) };
}

/** Lines break between facts, not within one. */
const joined = (words) => words.map((word) => word.replaceAll(" ", "\u00a0")).join(" · ");
