// Look into a queue without touching it: nothing is received, so nothing's count of receives grows.
import { el, find, put } from "./dom.js";
import { count, cut, duration, several } from "./format.js";
import { ask, path } from "./send.js";

export function createPeek() {
  const dialog = find("#peek");
  let view = null;
  let node = null;

  document.addEventListener("peek", (event) => {
    node = event.detail;
    put(find("h2", dialog), node.label);
    find(".messages", dialog).replaceChildren();
    dialog.showModal();
    look();
  });
  find(".close", dialog).addEventListener("click", () => dialog.close());
  find(".again", dialog).addEventListener("click", look);

  async function look() {
    const asked = node;
    put(find(".small", dialog), "Looking …");
    try {
      const { messages, of } = await ask(path("peek", view.name, node.id));
      if (asked !== node) return;
      const shown = messages.length < of ? `${count(messages.length)} of ${count(of)} messages` : several(of, "message");
      put(find(".small", dialog), of ? `${shown}, untouched.` : "It is empty.");
      find(".messages", dialog).replaceChildren(...messages.map(message));
    } catch (error) {
      put(find(".small", dialog), error.message);
    }
  }

  function message({ id, body, age_seconds: age, receives, in_flight: flies }) {
    const facts = [`${duration(age)} old`, several(receives, "receive"), ...(flies ? ["in flight"] : [])].join(" · ");
    const text = cut(typeof body === "string" ? body : JSON.stringify(body, null, 1));
    return el("li", {}, el("p", { class: "small" }, el("code", {}, id), ` ${facts}`), el("pre", { tabindex: "0", role: "group", "aria-label": `Body of ${id}` }, text));
  }

  return { draw: (now) => (view = now) };
}
