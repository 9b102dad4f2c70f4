// The one stream of the page: opened while somebody looks, closed when the tab is hidden, because a
// browser keeps no more than six connections to a server, for all its tabs together.
const AGAIN_MS = 1000;
const STALE_SECONDS = 3;

/**
 * Follow the server. `told` has history(hist), snap(snap), trouble(text) where no snapshot could be
 * taken, and state(word), whose words are "connecting", "live", "lost" (values are as they were),
 * "hidden".
 */
export function followStream(told) {
  let source = null;
  let instance = null; // the server's start that the history is of
  let step = 0.5;
  let state = "connecting";
  let heard = performance.now(); // when the newest snapshot came
  let late = 0; // how old that was when it came, in milliseconds
  let timer = 0;

  const turn = (word) => {
    if (state !== word) told.state((state = word));
  };

  function open() {
    close();
    source = new EventSource("/events");
    source.addEventListener("hist", (event) => {
      const hist = JSON.parse(event.data);
      instance = hist.instance;
      told.history(hist);
    });
    source.addEventListener("snap", (event) => {
      const snap = JSON.parse(event.data);
      if (instance !== null && snap.instance !== instance) return open(); // another start, another history
      heard = performance.now();
      late = Math.max(0, snap.at - snap.as_of);
      step = snap.source?.step_seconds ?? step;
      told.snap(snap);
      return turn(age() <= limit() ? "live" : "lost");
    });
    source.addEventListener("trouble", (event) => {
      told.trouble(JSON.parse(event.data).message);
      turn("lost");
    });
    source.addEventListener("error", () => {
      turn("lost");
      if (source?.readyState === EventSource.CLOSED) again();
    });
  }

  function again() {
    clearTimeout(timer);
    timer = setTimeout(() => document.visibilityState !== "hidden" && open(), AGAIN_MS);
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
    instance = null;
  }

  /** Seconds since what is shown was so. */
  const age = () => (performance.now() - heard + late) / 1000;
  const limit = () => STALE_SECONDS * Math.max(1, step);

  setInterval(() => state === "live" && age() > limit() && turn("lost"), 250);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      close();
      turn("hidden");
    } else {
      turn("connecting");
      open();
    }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  if (document.visibilityState !== "hidden") open();
  return { age, live: () => state === "live" };
}
