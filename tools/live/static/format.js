// How figures and times are said.
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const BODY = 4096; // characters of a stranger's text

export const count = (n) => (n === null || n === undefined ? "–" : whole.format(n));
export const some = (n) => (n === null || n === undefined ? "–" : Math.abs(n) < 10 ? short.format(n) : whole.format(n));
export const perSecond = (n) => (n === null || n === undefined ? "–" : `${some(n)}/s`);

/** Several of a thing: "1 message", "3 messages". */
export const several = (n, one, more = `${one}s`) => `${count(n)} ${n === 1 ? one : more}`;

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${whole.format(seconds)} s`;
  if (seconds < 7200) return `${whole.format(seconds / 60)} min`;
  return `${whole.format(seconds / 3600)} h`;
}

const two = (n) => String(n).padStart(2, "0");

/** The time of a Date as 03:21:07, or as 03:21. */
export const timeOf = (at, seconds = true) =>
  [at.getHours(), at.getMinutes(), ...(seconds ? [at.getSeconds()] : [])].map(two).join(":");

/** A time of today as 03:21:07, an older one with its date; of milliseconds since 1970. */
export function clock(ms, seconds = true) {
  if (ms === null || ms === undefined) return "–";
  const at = new Date(ms);
  const time = timeOf(at, seconds);
  const today = new Date().toDateString() === at.toDateString();
  return today ? time : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

export function dollars(n) {
  if (n === null || n === undefined) return "–";
  const digits = n === 0 || n >= 1 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(n)) + 1);
  return `$${n.toFixed(digits)}`;
}

export const cut = (text) => (text.length > BODY ? `${text.slice(0, BODY)} … (${count(text.length)} characters)` : text);
