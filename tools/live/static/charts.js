// What was, over two minutes: depth, throughput, and what else the pipeline measures. A fault is a
// band across all; behind each is a table.
import { attr, el, find, keyed, put, show } from "./dom.js";
import { clock, count, some } from "./format.js";
import { createPlot } from "./plot.js";

const ROWS = 12;
const MOST_LINES = 6; // more nobody tells apart
const TABLE_MS = 5000;

export function createCharts(history) {
  const section = find("#charts");
  const charts = [];
  let of = "";

  function build(specs) {
    for (const chart of charts.splice(0)) chart.plot.destroy();
    find(".plots", section).replaceChildren();
    for (const spec of specs) {
      const box = el("div", { class: "canvas", role: "img" });
      const table = el("table", {}, el("caption", { class: "unseen" }, spec.title), el("thead"), el("tbody"));
      const more = el("details", {}, el("summary", {}, "Show as table"), el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `${spec.title}, as table` }, table));
      const figure = el("figure", {}, el("figcaption", {}, el("h3", {}, spec.title)), el("ul", { class: "legend" }), box, more);
      find(".plots", section).append(figure);
      const chart = { ...spec, figure, box, table, more, told: 0, plot: null };
      chart.plot = createPlot(box, spec.names, spec.say, () => chart.plot && legend(chart));
      more.addEventListener("toggle", () => tabulate(chart));
      charts.push(chart);
    }
  }

  /** The names of the lines, each with its last value, or that under the pointer. */
  function legend(chart) {
    const { data, at } = chart.plot;
    const index = at() ?? data[0].length - 1;
    const rows = chart.names.map((name, n) => ({ name, label: chart.label(name), n, value: data[n + 1]?.[index] }));
    const make = () => el("li", {}, el("span", { class: "swatch" }), el("span", { class: "name" }), " ", el("b"));
    keyed(find(".legend", chart.figure), rows, (row) => row.name, make, (item, row) => {
      attr(item, "data-series", row.n % 6);
      put(find(".name", item), row.label);
      put(find("b", item), chart.say(row.value));
    });
  }

  function tabulate(chart) {
    chart.told = performance.now();
    const [at, ...columns] = chart.plot.data;
    const every = Math.max(1, Math.floor(at.length / ROWS));
    const rows = [];
    for (let n = at.length - 1; n >= 0 && rows.length < ROWS; n -= every) rows.push(n);
    const head = ["at", ...chart.names.map(chart.label)].map((name) => el("th", { scope: "col" }, name));
    find("thead", chart.table).replaceChildren(el("tr", {}, ...head));
    const cells = (n) => columns.map((column) => el("td", {}, chart.say(column[n])));
    find("tbody", chart.table).replaceChildren(
      ...rows.map((n) => el("tr", {}, el("th", { scope: "row" }, clock(at[n] * 1000)), ...cells(n))),
    );
  }

  function draw(view) {
    const wanted = specs(view);
    const key = JSON.stringify([view.name, wanted.map((spec) => [spec.title, spec.names])]);
    if (key !== of) build(wanted);
    of = key;
    const seconds = history.at.map((ms) => ms / 1000);
    const from = Math.max(view.snap.source.step_seconds, 0.5) * 240;
    for (const chart of charts) {
      const data = [seconds, ...chart.names.map((name) => padded(history.of(view.name, chart.kind)[name], seconds.length))];
      const bands = history.bands.filter((band) => touches(view, band));
      chart.plot.draw(data, { from: view.snap.at / 1000 - from, to: view.snap.at / 1000, bands });
      legend(chart);
      const last = chart.names.map((name, n) => `${chart.label(name)} ${chart.say(data[n + 1].at(-1))}`);
      if (performance.now() - (chart.labelled ?? -TABLE_MS) > TABLE_MS) {
        chart.labelled = performance.now();
        attr(chart.box, "aria-label", `${chart.title}, now: ${last.join(", ")}`);
      }
      if (chart.more.open && performance.now() - chart.told > TABLE_MS) tabulate(chart);
    }
    figures(view);
  }

  function figures({ now }) {
    const make = () => el("div", {}, el("dt"), el("dd"));
    keyed(find(".figures", section), now.extra ?? [], (one) => one.name, make, (row, one) => {
      put(find("dt", row), one.name);
      put(find("dd", row), typeof one.value === "number" ? `${some(one.value)} ${one.unit ?? ""}` : (one.value ?? "–"));
    });
    show(find(".figures", section), now.extra?.length);
  }

  return { draw };

  function specs({ flow, now, name }) {
    const label = (id) => flow.nodes.find((node) => node.id === id)?.label ?? id;
    const ids = (...kinds) => flow.nodes.filter((node) => kinds.includes(node.kind)).map((node) => node.id);
    const row = (id) => flow.nodes.find((node) => node.id === id).row; // the main way first
    const unit = now.extra?.find((one) => typeof one.value === "number")?.unit;
    const extra = (now.extra ?? []).filter((one) => one.unit === unit && typeof one.value === "number");
    const first = (kind, names) => names.filter((one) => one in history.of(name, kind)).slice(0, MOST_LINES);
    const byRow = (names) => names.sort((a, b) => row(a) - row(b));
    return [
      { kind: "depth", title: "In the queues", names: first("depth", byRow(ids("queue"))), label, say: count },
      { kind: "rate", title: "A second", names: first("rate", byRow(ids("function", "target"))), label, say: some },
      { kind: "extra", title: `Measured${unit ? ` (${unit})` : ""}`, names: first("extra", extra.map((one) => one.name)), label: String, say: some },
    ].filter((spec) => spec.names.length);
  }
}

const padded = (column, length) => (column?.length === length ? column : Array(length).fill(null));
const touches = ({ snap, name }, band) => {
  const fault = snap.faults?.find((one) => one.name === band.fault);
  return !fault || fault.pipelines.includes(name);
};
