// Follow one by its id: the evidence for each step is in the stores, so it costs nothing unless asked.
import { attr, el, find, keyed, put, show } from "./dom.js";
import { clock, duration } from "./format.js";
import { ask, path } from "./send.js";

const STATES = {
  done: { mark: "✓", word: "done" },
  now: { mark: "●", word: "here now" },
  "not-yet": { mark: "○", word: "not yet" },
  failed: { mark: "✗", word: "failed" },
};
const AGAIN_MS = 1000;
const MOST_LOOKS = 120;

export function createTrace() {
  const section = find("#follow");
  const input = find("input", section);
  let view = null;
  let followed = ""; // the pipeline and id that are looked at
  let hash = "";
  let timer = 0;

  find("form", section).addEventListener("submit", (event) => {
    event.preventDefault();
    follow(input.value.trim());
  });

  function follow(id) {
    if (!id || !view) return;
    input.value = id;
    followed = `${view.name} ${id}`;
    keyed(find(".steps", section), []);
    put(find(".said", section), "Looking …");
    look(view.name, id, MOST_LOOKS);
  }

  async function look(pipeline, id, more) {
    clearTimeout(timer);
    const mine = () => followed === `${pipeline} ${id}`;
    let done = false;
    try {
      const found = await ask(path("follow", pipeline, id));
      if (!mine()) return;
      done = render(found);
    } catch (error) {
      if (mine()) put(find(".said", section), error.message);
      return;
    }
    if (!done && more > 1) timer = setTimeout(() => again(pipeline, id, more), AGAIN_MS);
  }

  /** Not while nobody looks, nor while the server is away. */
  function again(pipeline, id, more) {
    if (followed !== `${pipeline} ${id}` || view.name !== pipeline) return;
    if (view.stream.live() && !view.paused) look(pipeline, id, more - 1);
    else timer = setTimeout(() => again(pipeline, id, more), AGAIN_MS);
  }

  /** True where nothing more can come. */
  function render({ id, steps }) {
    const make = () => el("li", {}, el("span", { class: "mark", "aria-hidden": "true" }), el("div", {}, el("b"), " ", el("span", { class: "small" }), el("p")));
    const first = steps.find((step) => step.at)?.at;
    keyed(find(".steps", section), steps, (step) => step.name, make, (item, step) => {
      const { mark, word } = STATES[step.state];
      attr(item, "data-state", step.state);
      put(find(".mark", item), mark);
      put(find("b", item), step.name);
      const later = step.at && first && step.at > first ? `, ${duration((step.at - first) / 1000)} after` : "";
      put(find(".small", item), `${word}${step.at ? ` · ${clock(step.at)}${later}` : ""}`);
      put(find("p", item), step.evidence);
    });
    const failed = steps.some((step) => step.state === "failed");
    const done = steps.length > 0 && steps.every((step) => step.state === "done");
    const said = failed ? "did not arrive." : done ? "arrived." : "is on its way.";
    put(find(".said", section), steps.length ? `${id} ${said}` : `Nothing is known of ${id}.`);
    return failed || done;
  }

  return {
    draw(now) {
      const other = view && view.name !== now.name;
      view = now;
      show(section, now.can.has("follow"));
      if (other) {
        followed = "";
        keyed(find(".steps", section), []);
        put(find(".said", section), "");
      }
      if (now.follow && location.hash !== hash && now.can.has("follow")) {
        follow(now.follow);
        section.scrollIntoView({ block: "center" });
      }
      hash = location.hash;
    },
  };
}
