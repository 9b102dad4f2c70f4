// What the page shows. Whatever came from elsewhere is text, and never read as HTML.

export const byId = (id) => document.getElementById(id);

function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  return made;
}

export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export const plural = (number, one) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
export const time = (text) => new Date(text).toLocaleTimeString("en-GB");
const label = (aspect) => aspect.charAt(0).toUpperCase() + aspect.slice(1).replaceAll(/[_-]/g, " ");

// One row of radio buttons an aspect; `withdraw` only where a score stands.
export function aspects(config) {
  return config.aspects.map((aspect) => {
    const group = make("fieldset", "", { "data-aspect": aspect });
    const legend = make("legend", label(aspect));
    legend.append(make("small"));
    const scores = make("div", "", { class: "scores" });
    for (let score = config.scale.lowest; score <= config.scale.highest; score += 1) {
      scores.append(choice(aspect, String(score), String(score)));
    }
    const withdraw = choice(aspect, "null", "Withdraw");
    withdraw.className = "withdraw";
    withdraw.hidden = true;
    scores.append(withdraw);
    group.append(legend, scores);
    return group;
  });
}

function choice(aspect, value, text) {
  const made = make("label");
  made.append(make("input", "", { type: "radio", name: aspect, value }), make("span", text));
  return made;
}

// What stands of one's own, in the form: the score is chosen, so that sending changes only what one changes.
export function standing(form, votes) {
  for (const group of form.querySelectorAll("fieldset")) {
    const said = votes[group.dataset.aspect];
    const score = said?.score ?? null;
    say(group.querySelector("small"), said ? (score === null ? "you withdrew it" : `yours stands: ${score}`) : "");
    group.querySelector(".withdraw").hidden = score === null;
    for (const input of group.querySelectorAll("input")) {
      input.defaultChecked = score !== null && input.value === String(score);
    }
  }
}

export function place({ place: number, title_id: id, voters, aspects: said }, name) {
  const item = make("li");
  const button = make("button", "", { type: "button", "data-title": id });
  const means = Object.values(said).map(({ mean }) => mean).filter((mean) => mean !== null);
  const mean = means.length ? (means.reduce((sum, one) => sum + one, 0) / means.length).toFixed(1) : "–";
  button.append(
    make("span", `${number}.`, { class: "place" }),
    make("span", name, { class: "name" }),
    make("span", mean, { class: "mean", title: "mean of its aspects" }),
    make("span", plural(voters, "voter"), { class: "voters" }),
  );
  item.append(button);
  return item;
}

export function results(into, config, answer) {
  const tables = config.aspects.map((aspect) => table(aspect, answer.aspects[aspect] ?? { votes: 0, mean: null, histogram: {} }));
  into.replaceChildren(...tables);
}

function table(aspect, { votes, mean, histogram }) {
  const made = make("table");
  const caption = make("caption", label(aspect));
  caption.append(make("small", ` · ${mean === null ? "no votes" : `${mean.toFixed(2)} of ${plural(votes, "vote")}`}`));
  const body = make("tbody");
  for (const score of Object.keys(histogram).map(Number).sort((one, other) => other - one)) {
    const number = histogram[score];
    const row = make("tr");
    const cell = make("td", "", { "aria-hidden": "true" });
    const bar = make("span", "", { class: "bar" });
    bar.style.setProperty("--share", votes ? number / votes : 0);
    cell.append(bar);
    row.append(make("th", String(score), { scope: "row" }), cell, make("td", number.toLocaleString("en")));
    body.append(row);
  }
  made.append(caption, body);
  return made;
}

export function step(element, state, text) {
  element.dataset.state = state;
  const sign = { done: "✓", now: "◌", failed: "✗", later: "·" }[state];
  say(element, `${sign} ${text}`);
}
