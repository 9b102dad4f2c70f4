// Dead letters and quarantine by cause: look, send back one or all, watch them arrive, or park them.
import { attr, el, find, have, keyed, put, show } from "./dom.js";
import { clock, count, cut, several } from "./format.js";
import { placeOf } from "./failures.js";
import { ask, order, path } from "./send.js";

const REST_MS = 2000; // between two looks

export function createLetters() {
  const section = find("#letters");
  let view = null;
  let groups = [];
  let seen = ""; // of which state of the failures the groups are
  let asked = -REST_MS;

  async function look(wanted) {
    asked = performance.now();
    try {
      const pipeline = view.name;
      const found = await ask(path("letters", pipeline));
      if (pipeline !== view.name) return;
      [groups, seen] = [found, wanted];
      render();
    } catch (error) {
      put(find(".aside", section), error.message);
    }
  }

  function make() {
    const act = (words, send) => {
      const button = el("button", { type: "button" }, words);
      button.addEventListener("click", () => send(button));
      return button;
    };
    const item = el("li", { class: "card" });
    const to = (what) => path("letters", view.name, what);
    const redrive = act("", (button) => order(to("redrive"), { group: item.group.id }, button));
    const park = act("", (button) => order(to("park"), { group: item.group.id }, button));
    item.append(el("div", { class: "head" }, el("h3"), el("span", { class: "tag" })), el("p", { class: "small" }));
    item.append(Object.assign(el("div", { class: "act" }), { redrive, park }));
    item.append(el("details", {}, el("summary", {}, "Look at some"), el("ol", { class: "samples" })));
    return item;
  }

  function update(item, group) {
    item.group = group;
    put(find("h3", item), `${count(group.count)} × ${group.cause}`);
    const tag = group.parked ? "parked" : group.kind === "quarantine" ? "quarantine" : "dead";
    put(find(".tag", item), group.again ? `${tag} · failed again ×${group.again}` : tag);
    put(find(".small", item), `${placeOf(group)} · first ${clock(group.first)} · last ${clock(group.last)}`);
    const may = view.can.has("redrive");
    const act = find(".act", item);
    const { redrive, park } = act;
    put(redrive, `Redrive all ${count(group.count)}`);
    put(park, "Park");
    attr(park, "title", "It needs a fix of the code: set aside until then");
    attr(redrive, "class", group.parked ? null : "main");
    attr(redrive, "aria-label", `Redrive all ${count(group.count)}: ${group.cause}`);
    attr(park, "aria-label", `Park: ${group.cause}`);
    have(act, redrive, may);
    have(act, park, may && !group.parked);
    samples(item, group);
  }

  function samples(item, group) {
    const one = (sample) => {
      const button = el("button", { type: "button" }, "Redrive this one");
      button.addEventListener("click", () => order(path("letters", view.name, "redrive"), { message: sample.id }, button));
      const row = el("li", {}, el("p", { class: "small" }, el("code", {}, sample.id), " ", el("span")), el("pre", { tabindex: "0", role: "group", "aria-label": `Body of ${sample.id}` }));
      if (view.can.has("redrive") && group.kind === "dead") row.append(button);
      return row;
    };
    keyed(find(".samples", item), group.samples ?? [], (sample) => sample.id, one, (row, sample) => {
      put(find("p span", row), sample.receives ? several(sample.receives, "receive") : "");
      put(find("pre", row), cut(typeof sample.body === "string" ? sample.body : JSON.stringify(sample.body, null, 1)));
    });
  }

  function render() {
    const key = (group) => `${view.name} ${group.id} ${view.can.has("redrive")}`;
    keyed(find(".groups", section), groups, key, make, update);
    show(find(".none", section), !groups.length);
    const all = groups.reduce((sum, group) => sum + group.count, 0);
    put(find(".aside", section), groups.length ? `${several(all, "message")}, ${several(groups.length, "cause")}` : "");
  }

  function jobs({ now }) {
    const make = () => el("li", {}, el("span"), el("progress"), el("b"));
    keyed(find(".jobs", section), now.jobs ?? [], (job) => job.id, make, (row, job) => {
      attr(row, "data-state", job.state);
      put(find("span", row), job.text);
      attr(find("progress", row), "max", Math.max(1, job.of));
      attr(find("progress", row), "value", job.moved);
      attr(find("progress", row), "aria-label", job.text);
      put(find("b", row), `${count(job.moved)} of ${count(job.of)} · ${job.state}`);
    });
  }

  return {
    draw(now) {
      if (view?.name !== now.name) groups = [];
      view = now;
      const there = now.now.failures !== undefined && now.now.failures !== null;
      show(section, there);
      if (!there) return;
      jobs(now);
      const wanted = JSON.stringify([now.name, now.snap.instance, now.now.failures.map((g) => [g.id, g.count, g.parked, g.again])]);
      if (wanted !== seen && performance.now() - asked > REST_MS) look(wanted);
      render();
    },
  };
}
