// The voting page: what is shown is what the API says, never what was clicked.

import { Api, Failure, words } from "./api.js";
import { aspects, byId, plural, results, say, standing, step, time } from "./draw.js";
import { Titles } from "./titles.js";
import { Anonymous, Bearer, drawn, tokenOfAddress } from "./voter.js";

const SOONEST = 2_000, LATEST = 10_000; // ms between two looks
const TRIES = 4; // of one ballot, by itself; then a person decides
const LONG = 60_000; // ms after which waiting is explained

const page = { config: null, api: null, voter: null, list: null, title: null, votes: {}, sent: null, pause: SOONEST, timer: 0, asOf: null, turn: 0 };
const now = () => performance.now();
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const name = (id) => page.config.names?.[id] ?? id;

// --- a title ---

async function open(title, focus = true) {
  page.title = title;
  page.turn += 1;
  Object.assign(page, { votes: {}, sent: null, asOf: null, pause: SOONEST });
  say(byId("title"), name(title));
  say(byId("title-id"), name(title) === title ? "" : title);
  say(byId("said"), "");
  byId("bars").replaceChildren();
  say(byId("results-note"), "");
  byId("ballot").hidden = byId("results").hidden = false;
  byId("way").hidden = byId("again").hidden = true;
  show({});
  page.list.mark(title);
  history.replaceState(null, "", `#${new URLSearchParams({ title })}`);
  if (focus) {
    byId("title").focus();
  }
  await own();
  await look();
}

// --- one's own vote ---

async function own() {
  if (page.voter instanceof Bearer && !page.voter.token) {
    return;
  }
  const turn = page.turn;
  try {
    const answer = await page.api.vote(page.title);
    if (turn === page.turn) {
      show(answer.votes);
      follow(answer);
    }
  } catch (error) {
    if (turn === page.turn && !page.sent) {
      say(byId("said"), `${words(error)} What stands of yours cannot be shown.`);
    }
  }
}

function show(votes) {
  const chosen = changes();
  page.votes = votes;
  standing(byId("ballot"), votes);
  byId("ballot").reset();
  for (const [aspect, score] of Object.entries(chosen)) { // what was chosen meanwhile stays chosen
    const input = byId("ballot").querySelector(`fieldset[data-aspect="${CSS.escape(aspect)}"] input[value="${score}"]`);
    if (input && !input.parentElement.hidden) {
      input.checked = true;
    }
  }
}

function changes() {
  const chosen = {};
  for (const group of byId("ballot").querySelectorAll("fieldset")) {
    const input = group.querySelector("input:checked");
    if (input && !input.defaultChecked) {
      chosen[group.dataset.aspect] = input.value === "null" ? null : Number(input.value);
    }
  }
  return chosen;
}

// --- voting ---

function vote(event) {
  event.preventDefault();
  const votes = changes();
  if (!Object.keys(votes).length) {
    say(byId("said"), "Choose a score first: only what you change is sent.");
    return;
  }
  const ballot = { ...page.voter.ballot(), title_id: page.title, votes, ballot_id: drawn(), cast_at: new Date().toISOString() };
  page.sent = { ballot, began: now(), accepted: false, counted: null, shown: null };
  byId("ballot").reset();
  send(page.sent, "");
}

async function send(sent, before) {
  byId("way").hidden = false;
  byId("again").hidden = true;
  steps(sent);
  say(byId("ballot-id"), `Ballot ${sent.ballot.ballot_id}`);
  say(byId("said"), before || "Your vote is on its way.");
  for (let tried = 1; ; tried += 1) {
    try {
      await page.api.cast(sent.ballot);
      break;
    } catch (error) {
      if (sent !== page.sent) {
        return;
      }
      if (!(error instanceof Failure) || error.after === null || tried === TRIES) {
        step(byId("step-accepted"), "failed", "not accepted");
        byId("again").hidden = !(error.after > 0);
        const advice = error.after > 0 ? " Send it again when you like: it stays the same ballot, and counts once." : "";
        say(byId("said"), words(error) + advice);
        return;
      }
      say(byId("said"), `${words(error)} Your ballot is sent again in ${plural(error.after, "second")}; it stays the same, so it counts once.`);
      await sleep(error.after * 1000);
      if (sent !== page.sent) {
        return;
      }
    }
  }
  if (sent === page.sent) {
    accepted(sent, before);
  }
}

function accepted(sent, before) {
  sent.accepted ||= now() - sent.began;
  byId("again").hidden = false;
  const taken = "It is safely in the queue; what you see below does not hold it yet.";
  say(byId("said"), before ? "Sent again, as the same ballot: it is counted once." : `Your vote is on its way. ${taken}`);
  steps(sent);
  hurry();
}

function steps(sent) {
  const { accepted: taken, counted, shown } = sent;
  step(byId("step-accepted"), taken ? "done" : "now", taken ? `accepted after ${seconds(taken)}` : "sending");
  step(byId("step-counted"), counted ? "done" : taken ? "now" : "later", counted ? `counted ${seconds(counted)} after you voted` : "counted");
  step(byId("step-results"), shown ? "done" : counted ? "now" : "later", shown ? `in the results after ${seconds(shown)}` : "in the results");
}

// What stands says whether the ballot was counted: each aspect of it has its stamp, or a later one's.
function follow({ votes, in_results: inResults }) {
  const sent = page.sent;
  if (!sent?.accepted || sent.shown) {
    return;
  }
  const { ballot } = sent;
  const later = (said) => said && (said.ballot_id === ballot.ballot_id || Date.parse(said.cast_at) >= Date.parse(ballot.cast_at));
  if (!sent.counted && Object.keys(ballot.votes).every((aspect) => later(votes[aspect]))) {
    sent.counted = now() - sent.began;
    say(byId("said"), "Your vote is counted.");
  }
  if (sent.counted && inResults) {
    sent.shown = now() - sent.began;
    say(byId("said"), "Your vote is counted, and the results below hold it.");
  }
  if (!sent.counted && now() - sent.began > LONG) {
    say(byId("said"), "Still on its way. The queue may be long; and a vote on a title that is not open is put aside, and not counted.");
  }
  steps(sent);
}

// --- results, looked at ever more seldom while nothing changes, and never while nobody looks ---

async function look() {
  clearTimeout(page.timer);
  if (!page.title || document.hidden) {
    return;
  }
  const turn = page.turn;
  if (page.sent?.accepted && !page.sent.shown) {
    await own();
  }
  let wait = page.pause;
  try {
    const answer = await page.api.results(page.title);
    if (turn !== page.turn) {
      return;
    }
    results(byId("bars"), page.config, answer);
    say(byId("results-note"), `${plural(answer.voters, "voter")}${answer.as_of ? `, as of ${time(answer.as_of)}` : ""}.`);
    page.pause = answer.as_of === page.asOf ? Math.min(page.pause * 1.5, LATEST) : SOONEST;
    page.asOf = answer.as_of;
    wait = page.pause;
  } catch (error) {
    if (turn !== page.turn) {
      return;
    }
    page.pause = Math.min(page.pause * 1.5, LATEST);
    wait = Math.max(page.pause, (error.after ?? 0) * 1000);
    say(byId("results-note"), error.unknown ? "Nobody's vote is counted here yet." : `${words(error)} Looking again in ${plural(Math.round(wait / 1000), "second")}.`);
  }
  clearTimeout(page.timer);
  page.timer = setTimeout(look, wait);
}

function hurry() {
  page.pause = SOONEST;
  clearTimeout(page.timer);
  page.timer = setTimeout(look, SOONEST);
}

// --- the page ---

function introduce() {
  const anonymous = page.voter instanceof Anonymous;
  byId("voter-anonymous").hidden = !anonymous;
  byId("voter-token").hidden = anonymous;
  if (anonymous) {
    say(byId("voter-id"), page.voter.id);
  }
}

function listen() {
  byId("ballot").addEventListener("submit", vote);
  byId("again").addEventListener("click", () => send(page.sent, "Sending it again."));
  byId("open").addEventListener("submit", (event) => {
    event.preventDefault();
    open(byId("open-id").value.trim());
  });
  byId("someone-else").addEventListener("click", () => {
    page.voter.someoneElse();
    introduce();
    page.title && open(page.title, false);
  });
  byId("voter-token").addEventListener("submit", (event) => {
    event.preventDefault();
    page.voter.token = byId("token").value.trim();
    byId("token").value = "";
    say(byId("token-note"), "Your token is used from now on, until you close this page.");
    page.title && open(page.title, false);
  });
  document.addEventListener("visibilitychange", () => {
    page.pause = SOONEST;
    look();
  });
}

async function start() {
  const answer = await fetch("config.json", { cache: "no-cache" });
  if (!answer.ok) {
    throw new Error(`config.json is not there (${answer.status})`);
  }
  page.config = await answer.json();
  page.voter = page.config.voter === "token" ? new Bearer(tokenOfAddress()) : new Anonymous();
  page.api = new Api(page.config.api, page.voter);
  page.list = new Titles(page.api, name, open);
  byId("aspects").append(...aspects(page.config));
  introduce();
  listen();
  const title = new URLSearchParams(location.hash.slice(1)).get("title");
  if (title) {
    open(title, false);
  }
  await page.list.show();
}

start().catch((error) => {
  byId("broken").hidden = false;
  say(byId("broken"), `The page cannot start: ${error.message}.`);
});
