// The list of titles, by their places in the ranking.

import { words } from "./api.js";
import { byId, place, say, time } from "./draw.js";

export class Titles {
  // `name` gives a title's name by its id, `open` is called with the id of the one that is chosen.
  constructor(api, name, open) {
    Object.assign(this, { api, name, open, cursor: null, title: null, asked: 0 });
    byId("titles").addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) {
        this.open(button.dataset.title);
      }
    });
    byId("more").addEventListener("click", () => this.show(this.cursor));
    byId("order").addEventListener("change", () => this.show());
  }

  async show(cursor = null) {
    const asked = (this.asked += 1);
    const { value: order } = byId("order").querySelector("input:checked");
    try {
      const answer = await this.api.titles(order, cursor);
      if (asked !== this.asked) {
        return; // another order was chosen meanwhile
      }
      const places = answer.titles.map((one) => place(one, this.name(one.title_id)));
      if (!cursor) {
        byId("titles").replaceChildren();
      }
      byId("titles").append(...places);
      this.cursor = answer.next;
      byId("more").hidden = !answer.next;
      const ranked = answer.as_of ? `Ranked as of ${time(answer.as_of)}.` : "";
      const empty = "No title has votes yet: open one by its id, and be the first.";
      say(byId("titles-note"), byId("titles").childElementCount ? ranked : empty);
      this.mark(this.title);
    } catch (error) {
      say(byId("titles-note"), `${words(error)} The list is not shown.`);
    }
  }

  mark(title) {
    this.title = title;
    for (const button of byId("titles").querySelectorAll("button")) {
      if (button.dataset.title === title) {
        button.setAttribute("aria-current", "true");
      } else {
        button.removeAttribute("aria-current");
      }
    }
  }
}
