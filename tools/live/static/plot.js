// One uPlot, in the page's own colours, with bands for faults.
import { timeOf } from "./format.js";

const HEIGHT = 190;
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [1, 4]];

/** `names`: of the lines. `say`: a value in words. `pointed`: called when the pointer moves. */
export function createPlot(box, names, say, pointed) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => () => style.getPropertyValue(name).trim();
  let shown = { from: 0, to: 1, bands: [] };
  let data = [[], ...names.map(() => [])];

  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { font, stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const plot = new window.uPlot(
    {
      ...{ width: Math.max(200, box.clientWidth), height: HEIGHT, legend: { show: false }, padding: [16, 26, 0, 0] },
      cursor: { sync: { key: "sluice" }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: true, range: () => [shown.from, shown.to] },
        y: { range: (_, __, most) => [0, Math.max(most ?? 0, 5) * 1.08] },
      },
      series: [{}, ...names.map((name, n) => line(name, n, colour))],
      axes: [
        { ...axis, size: 26, space: 70, values: (_, splits) => splits.map((seconds) => timeOf(new Date(seconds * 1000))) },
        { ...axis, size: 46, space: 40, values: (_, splits) => splits.map((value) => say(value)) },
      ],
      hooks: { drawClear: [(u) => bands(u, shown.bands, colour)], setCursor: [() => pointed()] },
    },
    data,
    box,
  );
  const sized = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
  sized.observe(box);
  const themed = () => plot.redraw(false);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", themed);

  return {
    draw(columns, what) {
      shown = what;
      data = columns;
      plot.setData(data);
    },
    get data() {
      return data;
    },
    at: () => plot.cursor.idx,
    destroy() {
      sized.disconnect();
      dark.removeEventListener("change", themed);
      plot.destroy();
    },
  };
}

function line(name, n, colour) {
  const paint = colour(`--series-${n % 6}`);
  return { label: name, stroke: paint, width: 1.75, dash: DASHES[n % 6], points: { show: false }, spanGaps: false };
}

function bands(u, shown, colour) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, 0, width, top + height);
  ctx.clip();
  ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
  let free = 0; // where the next label has room
  for (const band of shown) {
    const from = Math.max(left, u.valToPos(band.from / 1000, "x", true));
    const to = band.to === null ? left + width : u.valToPos(band.to / 1000, "x", true);
    if (to <= left) continue;
    ctx.fillStyle = colour("--band")();
    ctx.fillRect(from, top, to - from, height);
    ctx.fillStyle = colour("--bad")();
    ctx.fillRect(from, top, Math.max(1, devicePixelRatio), height);
    if (from < free) continue;
    ctx.fillText(band.label, from, top - 5 * devicePixelRatio);
    free = from + ctx.measureText(band.label).width + 8 * devicePixelRatio;
  }
  ctx.restore();
}
