// Is it well? One sentence, from where `make status` has it, and a button for what cures it.
import { attr, el, find, have, keyed, put, show } from "./dom.js";
import { clock } from "./format.js";
import { order, path } from "./send.js";

const NOT_LOOKED = { well: null, text: "not looked yet", findings: [] };
const LONG = 110; // characters, from which on a sentence is set smaller

export function createVerdict() {
  const section = find("#verdict");
  const list = find(".findings", section);

  function make() {
    const text = el("span", { class: "text" });
    const button = el("button", { class: "main", type: "button" });
    const item = Object.assign(el("li", {}, text, el("span", { class: "since" }), el("code")), { button });
    button.addEventListener("click", () => order(path("cures", item.finding.cure), {}, button));
    return item;
  }

  function update(item, finding, { can, sentence }) {
    item.finding = finding;
    const curable = finding.cure && can.has("cure");
    const known = sentence.includes(finding.text); // the sentence says it already
    put(find(".text", item), known ? "" : finding.text);
    show(item, !known || finding.since || finding.command || curable);
    put(find(".since", item), finding.since ? `since ${clock(finding.since, false)}` : "");
    put(find("code", item), curable ? "" : finding.command);
    put(item.button, finding.cure_label || "Cure it");
    have(item, item.button, curable);
  }

  return {
    draw({ now, can }) {
      const { well, text, findings } = now.verdict ?? NOT_LOOKED;
      attr(section, "data-well", String(well ?? "unknown"));
      attr(section, "data-long", text.length > LONG ? "yes" : null);
      put(find("h1", section), text);
      const sentence = findings.length === 1 ? text : "";
      const key = (finding) => finding.cure ?? finding.text;
      keyed(list, findings, key, make, (item, finding) => update(item, finding, { can, sentence }));
      show(list, findings.length);
    },
  };
}
