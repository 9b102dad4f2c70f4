// What is sent in: its shapes and their rates. Pressed is what the server says is on.
import { attr, el, find, keyed, put, show } from "./dom.js";
import { count } from "./format.js";
import { order, path } from "./send.js";

export function createLoad() {
  const section = find("#load");
  let name = "";

  const make = (shape) => el("div", { class: "shape", role: "group", "aria-label": shape.label }, el("span", { class: "name" }), el("div", { class: "keys" }));

  function update(node, shape, load) {
    put(find(".name", node), shape.rates.length ? shape.label : "");
    const keys = shape.rates.length ? [...shape.rates].sort((a, b) => a - b) : [null];
    keyed(find(".keys", node), keys, (rate) => rate ?? "", (rate) => key(shape, rate), (button, rate) => {
      const on = load.shape === shape.name && (rate === null || load.rate === rate);
      attr(button, "aria-pressed", String(on));
      put(button, rate === null ? shape.label : `${count(rate)}${shape.unit ?? "/s"}`);
      attr(button, "aria-label", rate === null ? null : `${shape.label}, ${count(rate)}${shape.unit ?? " a second"}`);
    });
  }

  function key(shape, rate) {
    const button = el("button", { type: "button" });
    button.addEventListener("click", () => order(path("load", name), { shape: shape.name, rate: rate ?? 0 }, button));
    return button;
  }

  return {
    draw({ now: { load }, can, name: pipeline }) {
      name = pipeline;
      const there = load && can.has("load");
      show(section, there);
      if (!there) return;
      const known = (shape) => `${pipeline} ${shape.name}`;
      keyed(find(".shapes", section), load.shapes ?? [], known, make, (node, shape) => update(node, shape, load));
      const refused = load.refused ? `, ${count(load.refused)} refused` : "";
      put(find(".aside", section), `${count(load.sent ?? 0)} sent${refused}`);
      put(find(".trouble", section), load.trouble ?? "");
    },
  };
}
