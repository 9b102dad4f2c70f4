// Break it: what to expect before, the fuse while it lasts, what was observed after.
import { attr, el, find, keyed, put, show } from "./dom.js";
import { duration } from "./format.js";
import { order, path } from "./send.js";

export function createFaults() {
  const section = find("#break");
  const fuse = find("#fuse");
  const longest = new Map(); // fault → the fuse's length as it was first seen

  find("#heal-all").addEventListener("click", (event) => order("/heal", {}, event.currentTarget));

  function make() {
    const button = el("button", { type: "button" });
    const item = el("li", { class: "card" });
    item.append(el("h3"), el("p", { class: "expect" }), el("p", { class: "observed" }));
    item.append(el("div", { class: "act" }, button, el("span", { class: "left" })), el("span", { class: "burn", "aria-hidden": "true" }));
    button.addEventListener("click", () => {
      const { name, on } = item.fault;
      if (on) order(path("faults", name, "heal"), {}, button);
      else order(path("faults", name), { seconds: Number(fuse.value) }, button);
    });
    return item;
  }

  function update(item, fault) {
    item.fault = fault;
    attr(item, "data-on", fault.on ? "yes" : null);
    put(find("h3", item), fault.label);
    put(find(".expect", item), `Expect: ${fault.expect}`);
    put(find(".observed", item), fault.observed ? `Observed: ${fault.observed}` : "");
    const button = find("button", item);
    put(button, fault.on ? "Heal it" : "Break it");
    attr(button, "aria-label", `${fault.on ? "Heal it" : "Break it"}: ${fault.label}`);
    put(find(".left", item), fault.on && fault.left_seconds !== null ? `${duration(fault.left_seconds)} left` : "");
    burn(item, fault);
  }

  function burn(item, { name, on, left_seconds: left }) {
    if (!on) longest.delete(name);
    else longest.set(name, Math.max(longest.get(name) ?? 0, left ?? 0));
    const share = on && left ? left / longest.get(name) : 0;
    const wanted = `scaleX(${share.toFixed(3)})`;
    const bar = find(".burn", item);
    if (bar.style.transform !== wanted) bar.style.transform = wanted;
  }

  return {
    draw({ snap, name, can }) {
      const faults = can.has("break") ? (snap.faults ?? []).filter((fault) => fault.pipelines.includes(name)) : [];
      keyed(find(".cards", section), faults, (fault) => fault.name, make, update);
      show(section, faults.length);
      attr(find("#heal-all"), "data-needed", faults.some((fault) => fault.on) ? "yes" : null);
    },
  };
}
