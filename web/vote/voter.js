// Who votes: a name drawn at random where nobody is asked for a token, else the token's bearer.

const KEPT = "sluice-voter";

export const drawn = (bytes = 12) =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export class Anonymous {
  constructor() {
    const kept = read();
    this.id = /^[A-Za-z0-9_-]{1,64}$/.test(kept ?? "") ? kept : this.#renewed();
  }

  someoneElse() {
    this.id = this.#renewed();
  }

  ballot() {
    return { voter_id: this.id };
  }

  toVote() {
    return {};
  }

  toRead() {
    return { "voter-id": this.id };
  }

  #renewed() {
    const id = `v-${drawn()}`;
    try {
      localStorage.setItem(KEPT, id);
    } catch {
      // a browser that keeps nothing: the name lasts as long as the page
    }
    return id;
  }
}

function read() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

// The token is kept by this page alone. Whoever signed the voter in may hand it over as "#token=…".
export class Bearer {
  constructor(token = "") {
    this.token = token;
  }

  ballot() {
    return {};
  }

  toVote() {
    return this.token ? { authorization: `Bearer ${this.token}` } : {};
  }

  toRead() {
    return this.toVote();
  }
}

export function tokenOfAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token") ?? "";
  if (token) {
    given.delete("token");
    history.replaceState(null, "", `#${given}`);
  }
  return token;
}
