// The page: one stream in, the newest snapshot drawn once a frame, a module a region.
import { followAnnouncements } from "./announce.js";
import { createCharts } from "./charts.js";
import { createCost } from "./cost.js";
import { find, show } from "./dom.js";
import { createFailures } from "./failures.js";
import { createFaults } from "./faults.js";
import { createFlow } from "./flow.js";
import { createHistory } from "./history.js";
import { createLaw } from "./law.js";
import { createLetters } from "./letters.js";
import { createLoad } from "./load.js";
import { createPeek } from "./peek.js";
import { ask, tell } from "./send.js";
import { followStream } from "./stream.js";
import { createTop } from "./top.js";
import { createTrace } from "./trace.js";
import { createVerdict } from "./verdict.js";

const history = createHistory();
let flows = [];
let newest = null; // the newest snapshot, drawn or not
let asked = false; // a frame is asked for
let paused = false;
let trouble = ""; // why the server has no snapshot
let draws = 0;

const regions = [
  createTop({ pause: (yes) => ((paused = yes), later()) }),
  ...[createVerdict(), createLaw(), createFlow(), createFailures(), createCharts(history)],
  ...[createFaults(), createLoad(), createLetters(), createTrace(), createPeek(), createCost()],
  followAnnouncements(),
];

function later() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(draw);
}

/** Draw what is newest; while paused, only that it is. */
function draw() {
  asked = false;
  const view = look();
  for (const region of regions) region.still?.(view);
  if (!newest || !view.flow || paused) return;
  draws += 1;
  for (const region of regions) {
    try {
      region.draw?.(view);
    } catch (error) {
      reportError(error); // what one region cannot draw keeps no other from it
    }
  }
}

/** What regions draw from: the snapshot and, of it, the pipeline that is chosen. */
function look() {
  const [wanted, ...more] = decodeURIComponent(location.hash.slice(1)).split("/");
  const there = flows.filter((flow) => !newest || flow.pipeline in newest.pipelines);
  const flow = there.find((one) => one.pipeline === wanted) ?? there[0] ?? null;
  const can = new Set(newest?.source.read_only ? [] : (newest?.source.can ?? []));
  for (const look of ["peek", "follow"]) newest?.source.can?.includes(look) && can.add(look);
  return {
    ...{ flows: there, flow, can, paused, trouble, stream, snap: newest, history },
    follow: more[0] === "follow" ? more.slice(1).join("/") : "",
    name: flow?.pipeline ?? "",
    now: newest?.pipelines[flow?.pipeline] ?? {},
    moving: stream.live() && !paused,
  };
}

const stream = followStream({
  history(hist) {
    history.replace(hist);
  },
  snap(snap) {
    newest = snap;
    trouble = "";
    history.append(snap);
    later();
  },
  trouble(text) {
    trouble = text;
    later();
  },
  state(word) {
    document.body.dataset.stream = word;
    if (word === "connecting" || word === "live") learn();
    later();
  },
});

/** The flows, asked for again on each connection: a new start may know another. */
async function learn() {
  try {
    flows = await ask("/flows");
    later();
  } catch (error) {
    if (!flows.length) tell(`The flow cannot be drawn: ${error.message}`);
  }
}

addEventListener("hashchange", later);
find("#notice button").addEventListener("click", () => show(find("#notice"), false));
setInterval(() => stream.live() || later(), 500); // the age goes on while nothing comes
window.sluice = { history, drawn: () => draws, newest: () => newest }; // for tests, and for the curious
