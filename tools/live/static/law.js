// The law: what was accepted is what became of it. The server checks it by sets; here it is shown,
// with the number that is missing.
import { attr, el, find, keyed, put, show } from "./dom.js";
import { clock, count } from "./format.js";

export const LAW = {
  holds: { mark: "✓", word: "holds" },
  settling: { mark: "◌", word: "settling" },
  broken: { mark: "✗", word: "broken" },
};

export function createLaw() {
  const section = find("#law");
  const equation = find(".equation", section);
  const balance = find(".balance", section);

  const make = () => el("span", { class: "term" }, el("i"), el("span", { class: "name" }), " ", el("b"));

  function update(node, term) {
    attr(node, "data-part", term.part);
    put(find("i", node), term.sign);
    put(find(".name", node), term.name);
    put(find("b", node), count(term.value));
  }

  /** The right side under the left: what is missing is a gap that one sees. */
  function weigh(law, left, right) {
    const whole = Math.max(1, total(left), total(right));
    const parts = right.map((term, index) => ({ ...term, index }));
    const missing = law.state === "holds" ? 0 : Math.max(law.missing ?? 0, 0);
    if (missing) parts.push({ name: "missing", value: missing, index: "missing" });
    attr(balance, "aria-label", law.text);
    keyed(balance, parts, (part) => part.name, () => el("span"), (bar, part) => {
      attr(bar, "data-part", part.index);
      show(bar, part.value > 0);
      const width = `${((100 * part.value) / whole).toFixed(2)}%`;
      if (bar.style.width !== width) bar.style.width = width;
    });
  }

  function missing(law) {
    const row = find(".missing", section);
    const words = [];
    if (law.missing) words.push(law.state === "broken" ? `${count(law.missing)} missing` : `${count(law.missing)} on the way`);
    if (law.unexpected) words.push(`${count(law.unexpected)} more have no line of being accepted`);
    const sample = law.state === "broken" ? (law.sample ?? []) : [];
    put(row, `${words.join(", ")}${sample.length ? `: ${sample.join(", ")}` : ""}${words.length ? "." : ""}`);
    show(row, words.length && law.state !== "holds");
  }

  return {
    draw({ now: { law }, name }) {
      show(section, law);
      if (!law) return;
      const left = law.terms.filter((term) => term.side === "left");
      const right = law.terms.filter((term) => term.side === "right");
      attr(section, "data-state", law.state);
      put(find(".state", section), `${LAW[law.state].mark} ${LAW[law.state].word}`);
      const others = law.unexpected && law.state === "holds" ? `, ${count(law.unexpected)} more have no line of being accepted` : "";
      put(find(".aside", section), law.as_of ? `as of ${clock(law.as_of)}${others}` : "");
      const terms = [...signed(left, ""), ...signed(right, "=")];
      keyed(equation, terms, (term) => `${name} ${term.side} ${term.name}`, make, update);
      weigh(law, left, right);
      missing(law);
    },
  };
}

const total = (terms) => terms.reduce((sum, term) => sum + (term.value ?? 0), 0);
/** Each with the sign before it and, on the right, which part of the balance it is. */
const signed = (terms, first) =>
  terms.map((term, index) => ({ ...term, sign: index ? "+" : first, part: first ? index : null }));
