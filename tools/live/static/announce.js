// The page's one live region: changes of state, at most one announcement in a few seconds. Figures
// that tick are never announced.
import { find, put } from "./dom.js";

const REST_MS = 3000;
const STREAM = { lost: "The connection is lost: values are frozen.", live: "Live." };

export function followAnnouncements() {
  const region = find("#announcer");
  const was = new Map(); // what → how it was
  let waiting = [];
  let spoke = -REST_MS;
  let timer = 0;

  function say(text) {
    if (!waiting.includes(text)) waiting.push(text);
    clearTimeout(timer);
    timer = setTimeout(speak, Math.max(0, spoke + REST_MS - performance.now()));
  }

  function speak() {
    put(region, waiting.join(" "));
    waiting = [];
    spoke = performance.now();
  }

  /** Say what is not as it was. What is seen for the first time is no change. */
  function changed(what, value, text) {
    if (was.has(what) && was.get(what) !== value) say(text);
    was.set(what, value);
  }

  document.addEventListener("say", (event) => say(event.detail));
  return {
    still() {
      const word = document.body.dataset.stream;
      if (word in STREAM && (word === "lost" || was.has("stream"))) changed("stream", word, STREAM[word]);
      else if (word === "live") was.set("stream", word);
    },
    draw({ snap }) {
      for (const [name, state] of Object.entries(snap.pipelines)) {
        if (state.law) changed(`law ${name}`, state.law.state, `The law of ${name}: ${state.law.state}.`);
        const { well = null, text } = state.verdict ?? {};
        if (well !== null) changed(`verdict ${name}`, well, `${name} is ${well ? "well again" : "not well"}: ${text}`);
        for (const job of state.jobs ?? []) changed(`job ${name} ${job.id}`, job.state, `${job.text}: ${job.state}.`);
      }
      for (const fault of snap.faults ?? []) {
        changed(`fault ${fault.name}`, fault.on, `${fault.label}: ${fault.on ? "on" : "over"}.`);
      }
    },
  };
}
