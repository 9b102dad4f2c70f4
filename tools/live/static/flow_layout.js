// Where the parts of a flow stand, and the lines between them, in pixels. Columns and rows are the
// description's; a narrow page lists the same parts from top to bottom. Nothing moves with the data.
const WIDE = { most: 138, least: 88, gap: 24, height: 86, between: 42, pad: 20 };
const SOURCES = 0.7; // how wide a column of sources alone is, beside others
const NARROW = { gutter: 46, height: 58, between: 22, lane: 8 };
const BEND = 9;
const BACK = 20; // how far from the way in a line leaves that goes back

/** `{height, narrow, boxes: {id: {x, y, w, h}}, lines: {"from>to": path}}` on a page this wide. */
export function layout(flow, width) {
  const columns = columnsOf(flow, width);
  const narrow = Math.max(...columns.map((column) => column.step)) < WIDE.least + WIDE.gap;
  const boxes = narrow ? listed(flow, width) : placed(flow, columns);
  const lines = {};
  const lanes = narrow ? laneOf(flow, boxes) : {};
  for (const edge of flow.edges) {
    const [a, b] = [boxes[edge.from], boxes[edge.to]];
    if (!a || !b) continue;
    const key = `${edge.from}>${edge.to}`;
    lines[key] = narrow ? bracket(a, b, lanes[key]) : line(a, b, both(flow, edge));
  }
  const height = Math.max(0, ...Object.values(boxes).map((box) => box.y + box.h)) + (narrow ? 4 : 34);
  return { height, narrow, boxes, lines };
}

/** Where each column begins, and how wide it is. */
function columnsOf(flow, width) {
  const many = 1 + Math.max(0, ...flow.nodes.map((node) => node.column));
  const only = (n) => flow.nodes.every((node) => node.column !== n || node.kind === "source");
  const shares = Array.from({ length: many }, (_, n) => (only(n) ? SOURCES : 1));
  const unit = width / shares.reduce((sum, share) => sum + share, 0);
  let at = 0;
  return shares.map((share) => ({ x: (at += share * unit) - share * unit, step: share * unit }));
}

function placed(flow, columns) {
  const place = (node) => {
    const { x, step } = columns[node.column];
    const w = Math.min(WIDE.most, step - (node.kind === "source" ? 8 : WIDE.gap));
    const y = WIDE.pad + node.row * (WIDE.height + WIDE.between);
    return { x: x + (step - w) / 2, y, w, h: WIDE.height, column: node.column, row: node.row };
  };
  return Object.fromEntries(flow.nodes.map((node) => [node.id, place(node)]));
}

const both = (flow, { from, to }) => flow.edges.some((other) => other.from === to && other.to === from);

/** From the right side to the left; over more than a column, or back, in the gap between two rows. */
function line(a, b, twoWays) {
  const [ay, by] = [a.y + a.h / 2, b.y + b.h / 2];
  if (a.column === b.column) return upright(a, b, twoWays);
  if (Math.abs(b.column - a.column) === 1) {
    const on = b.column > a.column;
    const shift = twoWays ? (on ? -10 : 10) : 0;
    if (!on && a.row !== b.row) {
      const [y, side] = [ay + (b.row > a.row ? BACK : -BACK), (a.x + b.x + b.w) / 2];
      return bent([[a.x, y], [side, y], [side, by], [b.x + b.w, by]]);
    }
    const [x1, x2] = on ? [a.x + a.w, b.x] : [a.x, b.x + b.w];
    const middle = (x1 + x2) / 2;
    if (a.row === b.row) return `M${x1} ${ay + shift}H${x2}`;
    return bent([[x1, ay + shift], [middle, ay + shift], [middle, by + shift], [x2, by + shift]]);
  }
  const on = b.column > a.column;
  const under = b.row >= a.row ? a.y + a.h + WIDE.between / 2 : a.y - WIDE.between / 2;
  const channel = a.row === b.row && on && a.row === 0 ? a.y + a.h + WIDE.between / 2 : under;
  const x1 = a.x + a.w / 2 + (twoWays && on ? 12 : 0);
  const [gap, end] = on ? [b.x - WIDE.gap / 2, b.x] : [b.x + b.w + WIDE.gap / 2, b.x + b.w];
  const start = channel > ay ? a.y + a.h : a.y;
  return bent([[x1, start], [x1, channel], [gap, channel], [gap, by], [end, by]]);
}

function upright(a, b, twoWays) {
  const x = a.x + a.w / 2 + (twoWays ? (b.row > a.row ? -10 : 10) : 0);
  if (Math.abs(b.row - a.row) === 1) return b.row > a.row ? `M${x} ${a.y + a.h}V${b.y}` : `M${x} ${a.y}V${b.y + b.h}`;
  const side = a.x + a.w + WIDE.gap / 2;
  const [ay, by] = [a.y + a.h / 2, b.y + b.h / 2];
  return bent([[a.x + a.w, ay], [side, ay], [side, by], [b.x + b.w, by]]);
}

/** A path through points whose corners are round. */
function bent(points) {
  let path = `M${points[0].join(" ")}`;
  for (let n = 1; n < points.length - 1; n += 1) {
    const [[px, py], [x, y], [nx, ny]] = [points[n - 1], points[n], points[n + 1]];
    const before = Math.hypot(x - px, y - py) / 2;
    const after = Math.hypot(nx - x, ny - y) / 2;
    const r = Math.min(BEND, before, after);
    if (r < 0.5) path += `L${x} ${y}`;
    else {
      const from = [x - (r * (x - px)) / (2 * before), y - (r * (y - py)) / (2 * before)];
      const to = [x + (r * (nx - x)) / (2 * after), y + (r * (ny - y)) / (2 * after)];
      path += `L${from.join(" ")}Q${x} ${y} ${to.join(" ")}`;
    }
  }
  return `${path}L${points[points.length - 1].join(" ")}`;
}

function listed(flow, width) {
  const inOrder = inReadingOrder(flow.nodes);
  const place = (node, index) => ({
    ...{ x: NARROW.gutter, y: 4 + index * (NARROW.height + NARROW.between), w: width - NARROW.gutter },
    ...{ h: NARROW.height, index },
  });
  return Object.fromEntries(inOrder.map((node, index) => [node.id, place(node, index)]));
}

/** The order in which parts are read, aloud too. */
export const inReadingOrder = (nodes) => [...nodes].sort((a, b) => a.column - b.column || a.row - b.row);

/** Which lane of the gutter a line takes that passes other parts: the first that is free there. */
function laneOf(flow, boxes) {
  const lanes = {};
  const taken = [];
  const span = (edge) => Math.abs(boxes[edge.to]?.index - boxes[edge.from]?.index);
  for (const edge of [...flow.edges].sort((a, b) => span(a) - span(b))) {
    if (!(span(edge) > 0) || boxes[edge.to].index - boxes[edge.from].index === 1) continue;
    const [low, high] = [boxes[edge.from].index, boxes[edge.to].index].sort((a, b) => a - b);
    let lane = 0;
    while (taken.some((one) => one.lane === lane && one.low < high && low < one.high)) lane += 1;
    taken.push({ lane, low, high });
    lanes[`${edge.from}>${edge.to}`] = lane;
  }
  return lanes;
}

function bracket(a, b, lane) {
  if (lane === undefined) return `M${a.x + 22} ${a.y + a.h}V${b.y}`;
  const x = Math.max(3, a.x - 14 - lane * NARROW.lane);
  const on = b.index > a.index;
  return bent([[a.x, a.y + a.h / 2 + (on ? 8 : -8)], [x, a.y + a.h / 2 + (on ? 8 : -8)], [x, b.y + b.h / 2], [b.x, b.y + b.h / 2]]);
}
