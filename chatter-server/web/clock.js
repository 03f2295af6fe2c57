// The server's clock, as far as this page knows it: what runs out there is counted by it.

let ahead = 0;

/** Takes the `now` of a `ready` (microseconds). */
export function setClock(now) {
  ahead = now / 1_000 - Date.now();
}

/** The server's time in milliseconds. */
export function serverNow() {
  return Date.now() + ahead;
}

/** Whole seconds from now until a server time (microseconds); never below zero. */
export function secondsUntil(at) {
  return Math.max(0, Math.ceil((at / 1_000 - serverNow()) / 1_000));
}
