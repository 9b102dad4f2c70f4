// What the charts draw: columns of numbers by time. Replaced whole on each connection, and continued
// by snapshots, whose figures have the names that the history gave them.
const MOST = 240;
const KINDS = ["depth", "rate", "extra"];

export function createHistory() {
  let at = [];
  let columns = {}; // pipeline → kind → name → numbers
  let bands = []; // {fault, label, from, to}: when what was broken

  function replace(hist) {
    at = [...hist.at];
    columns = structuredClone(hist.pipelines);
    bands = structuredClone(hist.bands ?? []);
  }

  /** Add a snapshot. One that is not newer than the last is left out: time never runs backwards. */
  function append(snap) {
    if (at.length && snap.at <= at[at.length - 1]) return;
    at.push(snap.at);
    for (const pipeline of new Set([...Object.keys(columns), ...Object.keys(snap.pipelines)])) {
      const kinds = (columns[pipeline] ??= {});
      for (const kind of KINDS) add((kinds[kind] ??= {}), figures(kind, snap.pipelines[pipeline] ?? {}));
    }
    if (at.length > MOST) trim(at.length - MOST);
    mark(snap);
  }

  function add(series, now) {
    for (const name of new Set([...Object.keys(series), ...Object.keys(now)])) {
      const column = (series[name] ??= []);
      while (column.length < at.length - 1) column.unshift(null);
      column.push(now[name] ?? null);
    }
  }

  function trim(many) {
    at.splice(0, many);
    for (const kinds of Object.values(columns)) {
      for (const series of Object.values(kinds)) {
        for (const column of Object.values(series)) column.splice(0, many);
      }
    }
    bands = bands.filter((band) => band.to === null || band.to > at[0]);
  }

  function mark(snap) {
    const on = new Set((snap.faults ?? []).filter((fault) => fault.on).map((fault) => fault.name));
    for (const band of bands) {
      if (band.to === null && !on.has(band.fault)) band.to = snap.at;
    }
    for (const fault of snap.faults ?? []) {
      const open = bands.some((band) => band.fault === fault.name && band.to === null);
      if (fault.on && !open) bands.push({ fault: fault.name, label: fault.label, from: snap.at, to: null });
    }
  }

  return {
    replace,
    append,
    get at() {
      return at;
    },
    get bands() {
      return bands;
    },
    of: (pipeline, kind) => columns[pipeline]?.[kind] ?? {},
  };
}

function figures(kind, state) {
  const nodes = Object.entries(state.nodes ?? {});
  if (kind === "extra") return Object.fromEntries((state.extra ?? []).map((one) => [one.name, one.value]));
  if (kind === "rate") return Object.fromEntries(nodes.filter(([, n]) => "rate" in n).map(([id, n]) => [id, n.rate]));
  return Object.fromEntries(nodes.filter(([, n]) => "waiting" in n).map(([id, n]) => [id, depth(n)]));
}

/** All that is in a queue: what is in flight and what is delayed are in it too. */
export const depth = (node) => (node.waiting ?? 0) + (node.in_flight ?? 0) + (node.delayed ?? 0);
