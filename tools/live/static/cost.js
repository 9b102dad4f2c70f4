// What it has cost so far at list prices, beside the plain design's figure; what they rest on is said.
import { el, find, keyed, put, show } from "./dom.js";
import { dollars } from "./format.js";

export function createCost() {
  const section = find("#cost");
  const make = () => el("li", {}, el("span", { class: "name" }), el("span", { class: "bar", "aria-hidden": "true" }), el("b"));

  return {
    draw({ now: { cost } }) {
      show(section, cost);
      if (!cost) return;
      put(find(".dollars", section), `${dollars(cost.dollars)} so far`);
      const bars = [["Sluice", cost.a_million], ["plain design", cost.plain_a_million]].filter(([, n]) => n !== null && n !== undefined);
      const most = Math.max(...bars.map(([, n]) => n), Number.MIN_VALUE);
      keyed(find(".bars", section), bars, ([name]) => name, make, (row, [name, n]) => {
        put(find(".name", row), name);
        put(find("b", row), `${dollars(n)} a million`);
        const width = `scaleX(${(n / most).toFixed(3)})`;
        if (find(".bar", row).style.transform !== width) find(".bar", row).style.transform = width;
      });
      put(find(".small", section), cost.text);
    },
  };
}
