// The header, which never scrolls away: which pipeline, where, how old what is shown is, the law.
import { attr, el, find, keyed, put, show } from "./dom.js";
import { clock, duration } from "./format.js";
import { LAW } from "./law.js";

export function createTop({ pause }) {
  const button = find("#pause");
  let paused = false;
  let frozenAt = null;
  button.addEventListener("click", () => {
    paused = !paused;
    attr(button, "aria-pressed", paused);
    put(button, paused ? "Go on" : "Pause");
    document.body.classList.toggle("paused", paused);
    pause(paused);
  });
  // "#main" is no pipeline: skipping moves the focus, and leaves the address as it is.
  find(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    find("#main").focus();
  });

  function connection({ snap, stream, trouble }) {
    const word = document.body.dataset.stream;
    const lost = word === "lost";
    if (lost) frozenAt ??= snap?.as_of ?? null;
    else frozenAt = null;
    const words = { live: `live ${duration(stream.age())}`, lost: "reconnecting", hidden: "resting" };
    put(find("#connection .word"), paused ? `paused at ${clock(snap?.as_of)}` : (words[word] ?? "connecting"));
    const frozen = frozenAt ? `values are frozen at ${clock(frozenAt)}` : "nothing is known yet";
    put(find("#frozen"), lost ? (trouble ? `No snapshot, ${frozen}: ${trouble}` : `Reconnecting: ${frozen}.`) : "");
    show(find("#frozen"), lost);
    find("#main").classList.toggle("frozen", lost);
  }

  function chip({ now }) {
    const law = now.law;
    show(find("#law-chip"), law);
    if (!law) return;
    attr(find("#law-chip"), "data-state", law.state);
    put(find("#law-chip"), `${LAW[law.state].mark} law ${LAW[law.state].word}`);
  }

  function tabs({ flows, name, snap }) {
    const make = (flow) => el("a", { href: `#${flow.pipeline}` }, el("span", { class: "mark" }), flow.title);
    keyed(find("#pipelines"), flows, (flow) => flow.pipeline, make, (link, flow) => {
      const well = snap.pipelines[flow.pipeline]?.verdict?.well ?? "unknown"; // until somebody has looked
      attr(link, "aria-current", flow.pipeline === name ? "page" : null);
      attr(link, "data-well", String(well));
      put(link.firstChild, { true: "", false: "✗ " }[well] ?? "◌ ");
    });
  }

  return {
    still: connection,
    draw(view) {
      const { source } = view.snap;
      tabs(view);
      chip(view);
      put(find("#environment"), source.name);
      const account = source.account ? ` · account ${source.account}` : "";
      const cost = source.cost?.text ? ` · ${source.cost.text}` : "";
      show(find("#band"), source.read_only);
      put(find("#band"), `${source.name}${account} · read only · as of ${clock(view.snap.as_of)}${cost}`);
      put(find("title"), `${view.flow.title} · ${source.name} · Sluice, live`);
    },
  };
}
