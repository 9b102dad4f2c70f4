// What failed last, cause by cause with one button each, and what was changed last.
import { attr, el, find, have, keyed, put, show } from "./dom.js";
import { clock, count } from "./format.js";
import { order, path } from "./send.js";

const MOST = 5;

const stateOf = (group) => (group.parked ? " · parked" : group.kind === "retried" ? " · comes again by itself" : "");

export function createFailures() {
  const failures = find("#failures");
  const changes = find("#changes");

  function make(name) {
    const button = el("button", { type: "button" });
    const words = el("div", {}, el("span", { class: "cause" }), " ", el("span", { class: "small" }));
    const item = Object.assign(el("li", {}, el("b", { class: "times" }), words), { button });
    button.addEventListener("click", () => order(path("letters", name(), "redrive"), { group: item.group.id }, button));
    return item;
  }

  function update(item, group, can) {
    item.group = group;
    put(find(".times", item), `${count(group.count)} ×`);
    put(find(".cause", item), group.cause);
    put(find(".small", item), `${placeOf(group)} · last ${clock(group.last)}${stateOf(group)}`);
    put(item.button, `Redrive ${count(group.count)}`);
    attr(item.button, "aria-label", `Redrive ${count(group.count)}: ${group.cause}`);
    have(item, item.button, can.has("redrive") && !group.parked && group.kind !== "retried");
  }

  let name = "";
  return {
    draw(view) {
      name = view.name;
      show(failures, view.now.failures); // none is a list too; where there is no list, nobody knows
      show(changes, view.now.changes);
      const groups = (view.now.failures ?? []).slice(0, MOST);
      const key = (group) => `${view.name} ${group.id}`;
      keyed(find(".rows", failures), groups, key, () => make(() => name), (item, group) => update(item, group, view.can));
      show(find(".none", failures), !groups.length);
      const last = view.now.changes ?? [];
      const line = () => el("li", {}, el("time"), el("span", { class: "cause" }));
      keyed(find(".rows", changes), last, (one) => `${one.at} ${one.text}`, line, (item, one) => {
        put(find("time", item), clock(one.at));
        put(find(".cause", item), one.text);
      });
      show(find(".none", changes), !last.length);
    },
  };
}

/** Where it failed, and on its way from which queue. */
export const placeOf = (group) => [group.where, group.queue].filter(Boolean).join(" · ");
