// What the page asks of the server. What a button shows comes from the next snapshot, never from the click.
import { find, put, show } from "./dom.js";

const SECONDS = 15;

/** GET, as parsed JSON. Throws an Error with the server's words. */
export const ask = (path) => call(path, { method: "GET" });

/** POST; true when it was taken. Else its reason is told, on the page and to whoever listens. */
export async function order(path, body = {}, button = null) {
  if (button?.getAttribute("aria-busy") === "true") return false;
  button?.setAttribute("aria-busy", "true");
  try {
    const headers = { "content-type": "application/json" };
    await call(path, { method: "POST", headers, body: JSON.stringify(body) });
    return true;
  } catch (error) {
    tell(error.message);
    return false;
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

async function call(path, how) {
  let answer;
  try {
    answer = await fetch(path, { ...how, signal: AbortSignal.timeout(SECONDS * 1000) });
  } catch (error) {
    throw new Error(error.name === "TimeoutError" ? `No answer within ${SECONDS} s.` : "The server does not answer.");
  }
  const text = await answer.text();
  let said = null;
  try {
    said = text ? JSON.parse(text) : null;
  } catch {
    // not ours: a proxy's or a crash's page
  }
  if (!answer.ok) throw new Error(said?.message ?? `The server answered ${answer.status}.`);
  return said;
}

/** Say what went wrong, until it is dismissed. */
export function tell(text) {
  put(find("#notice span"), text);
  show(find("#notice"), true);
  document.dispatchEvent(new CustomEvent("say", { detail: text }));
}

export const path = (...parts) => `/${parts.map(encodeURIComponent).join("/")}`;
