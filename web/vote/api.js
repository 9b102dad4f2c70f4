// The public HTTP API, and nothing else. What goes wrong is said in words, never as a bare status.

const ANSWERS_WITHIN = 15_000; // ms

// What became of a request: `after` is how many seconds to wait before the same may be sent again,
// null where sending it again is no use; `rejected` are a ballot's refusals.
export class Failure extends Error {
  constructor(words, { after = null, rejected = [] } = {}) {
    super(words);
    this.after = after;
    this.rejected = rejected;
  }
}

export const words = (error) => (error instanceof Failure ? error.message : `Something went wrong in this page: ${error.message}`);

const REFUSALS = {
  "too-late": "This device's clock is more than a minute ahead of ours. Set it, and vote again.",
  "too-early": "This device's clock is more than 30 days behind ours. Set it, and vote again.",
  "unknown-title": "This title cannot be voted on.",
  "queue-unavailable": "Our queue did not take it. Send it again: it is the same ballot, and counts once.",
  "unknown-aspect": "One of these aspects is not voted on any more. Reload the page.",
  "bad-score": "One of these scores is not on the scale any more. Reload the page.",
};

const inWords = ({ code, message }) => REFUSALS[code] ?? `It was not taken: ${message}`;

export class Api {
  // `who` gives the headers that say who votes.
  constructor(address, who) {
    this.address = address.replace(/\/$/, "");
    this.who = who;
  }

  titles(order, cursor) {
    const query = new URLSearchParams({ order, limit: "20", ...(cursor ? { cursor } : {}) });
    return this.#asked(`/v1/titles?${query}`);
  }

  results(title) {
    return this.#asked(`/v1/titles/${encodeURIComponent(title)}/results`);
  }

  vote(title) {
    return this.#asked(`/v1/titles/${encodeURIComponent(title)}/vote`, { headers: this.who.toRead() });
  }

  // Resolves when the ballot is on the queue, durably.
  async cast(ballot) {
    const headers = { "content-type": "application/json", ...this.who.toVote() };
    const answer = await this.#asked("/v1/ballots", { method: "POST", headers, body: JSON.stringify(ballot) });
    if (!answer.accepted.length) {
      throw refused(answer.rejected);
    }
    return answer.accepted[0];
  }

  async #asked(path, options = {}) {
    let answer;
    try {
      answer = await fetch(this.address + path, { cache: "no-store", ...options, signal: AbortSignal.timeout(ANSWERS_WITHIN) });
    } catch (error) {
      const slow = error.name === "TimeoutError";
      throw new Failure(slow ? "The API did not answer in time." : "The API cannot be reached.", { after: 3 });
    }
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) {
      return body;
    }
    throw failure(answer, body);
  }
}

function failure(answer, body) {
  const told = Number.parseInt(answer.headers.get("retry-after") ?? "", 10);
  const after = told > 0 ? Math.min(told, 120) : 3;
  const rejected = Array.isArray(body.details?.rejected) ? body.details.rejected : [];
  switch (answer.status) {
    case 401:
      return new Failure("Votes here need a token, and yours is missing, out of date, or not for this API.");
    case 404:
      return Object.assign(new Failure("Nobody has voted on this title yet."), { unknown: body.code === "unknown-title" });
    case 429:
      return new Failure("Many people are voting at this moment.", { after });
    case 503:
      return new Failure("The service takes nothing at this moment.", { after, rejected });
    default:
      if (answer.status >= 500) {
        return new Failure("Something went wrong on our side.", { after });
      }
      return rejected.length ? refused(rejected) : new Failure(`It was not taken: ${body.message ?? answer.status}`);
  }
}

function refused(rejected) {
  const again = rejected.every(({ code }) => code === "queue-unavailable");
  return new Failure(rejected.map(inWords).join(" "), { after: again ? 3 : null, rejected });
}
