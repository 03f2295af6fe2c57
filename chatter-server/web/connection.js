// One connection to the desk, kept alive: connects, says hello, notices silence, comes back by the rule of
// the close code. What was missed is the business of the chats that resume on `onReady`.

const PROTOCOL = 1;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;
const READY_WITHIN_MS = 10_000;
const SILENCE_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const PROBE_WITHIN_MS = 2_000;

/** What to do after a close: `resume`, `credentials` (only with new ones) or `never`. */
export function reconnectRule(code) {
  if (code >= 4100 && code <= 4199) return 'credentials';
  if (code >= 4200 && code <= 4299) return 'never';
  return [1000, 1002, 1003, 1007, 1009].includes(code) ? 'never' : 'resume';
}

/** Exponential back-off with full jitter: any moment between now and a bound that doubles. */
export function backoffMs(attempt, random = Math.random) {
  return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 16));
}

/** Why a request has no answer: the server's refusal, or `lost` when the connection went first. */
export class Refused extends Error {
  constructor(frame) {
    super(frame.message);
    this.code = frame.code;
    this.frame = frame;
  }
}

/**
 * Hooks, given to the constructor:
 * - `credentials()` gives the fields of `hello`, and may give `done`, called once the attempt is settled;
 * - `onReady(frame, hello)` when the connection stands; false comes in again, with credentials anew;
 * - `onFrame(frame)` for every later frame but pongs;
 * - `onState({ name, retryAt, code })` with `connecting`, `online`, `checking`, `lost` or `stopped`;
 * - `onRefused({ code, error, wasReady, hello })` when the credentials were refused, at once or later: true
 *   tries again, by asking for credentials anew.
 */
export class Connection {
  #hooks;
  #socket = null;
  #ready = false;
  #opening = false;
  #stopped = true;
  #attempt = 0;
  #history = null;
  #fence = 0;
  #hello = null;
  #refusal = null;
  #requests = new Map();
  #nextRef = 1;
  #timers = {};
  #heardAt = 0;

  constructor(hooks) {
    this.#hooks = hooks;
    window.addEventListener('online', () => this.tryNow());
    window.addEventListener('offline', () => this.#probe());
    document.addEventListener('visibilitychange', () => this.#shown());
  }

  get online() {
    return this.#ready;
  }

  start() {
    this.#stopped = false;
    this.#attempt = 0;
    this.#state({ name: 'connecting' });
    this.#open();
  }

  /** Ends the connection for good, until `start`. */
  stop() {
    this.#stopped = true;
    this.#drop();
    this.#state({ name: 'stopped', code: 1000 });
  }

  /** Skips the rest of a back-off. */
  tryNow() {
    if (this.#stopped || this.#socket || this.#opening) return;
    clearTimeout(this.#timers.retry);
    this.#open();
  }

  /** Hands over a frame, if the connection stands. */
  send(frame) {
    if (!this.#ready) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Hands over a frame and waits for its answer. Rejects with `Refused`. */
  request(frame) {
    const ref = String(this.#nextRef++);
    return new Promise((resolve, reject) => {
      if (!this.send({ ...frame, ref })) return reject(lost());
      this.#requests.set(ref, { resolve, reject });
    });
  }

  async #open() {
    this.#opening = true;
    const { done, ...fields } = await this.#hooks.credentials();
    this.#opening = false;
    if (this.#stopped || this.#socket) return done?.();
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
    this.#socket = socket;
    this.#hello = { fields, done };
    this.#refusal = null;
    this.#timers.ready = setTimeout(() => this.#lost(1006), READY_WITHIN_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', ref: 'hello', protocol: PROTOCOL, ...fields }));
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(event.code);
  }

  #receive(frame) {
    this.#heard();
    if (frame.type === 'ready' && !this.#ready) return this.#welcome(frame);
    if (!this.#ready) {
      if (frame.type === 'error') this.#refusal = frame;
      return;
    }
    // A former owner of the desk may still speak for a moment: what it says is out of date.
    if (frame.fence < this.#fence) return;
    this.#fence = Math.max(this.#fence, frame.fence ?? 0);
    const request = this.#requests.get(frame.ref);
    this.#requests.delete(frame.ref);
    // The page first takes in the frame, then the one who asked goes on.
    if (frame.type !== 'pong') this.#hooks.onFrame(frame);
    if (!request) return;
    if (frame.type === 'error') request.reject(new Refused(frame));
    else request.resolve(frame);
  }

  #welcome(frame) {
    if (frame.history === this.#history && frame.fence < this.#fence) return this.#lost(1006);
    this.#history = frame.history;
    this.#fence = frame.fence;
    clearTimeout(this.#timers.ready);
    this.#ready = true;
    if (this.#hooks.onReady(frame, this.#hello.fields) === false) return this.#lost(1006);
    this.#attempt = 0;
    this.#settle();
    this.#state({ name: 'online' });
  }

  #settle() {
    this.#hello?.done?.();
    if (this.#hello) this.#hello.done = undefined;
  }

  #heard() {
    this.#heardAt = Date.now();
    if (this.#timers.verdict) {
      clearTimeout(this.#timers.verdict);
      this.#timers.verdict = undefined;
      if (this.#ready) this.#state({ name: 'online' });
    }
    clearTimeout(this.#timers.silence);
    this.#timers.silence = setTimeout(() => this.#ping(PONG_WITHIN_MS), SILENCE_MS);
  }

  #ping(within) {
    if (this.#timers.verdict || !this.send({ type: 'ping' })) return;
    this.#timers.verdict = setTimeout(() => this.#lost(1006), within);
  }

  /** The browser says that the network is gone; a server on the same machine may be there all the same. */
  #probe() {
    if (!this.#ready) return;
    this.#state({ name: 'checking' });
    clearTimeout(this.#timers.verdict);
    this.#timers.verdict = undefined;
    this.#ping(PROBE_WITHIN_MS);
  }

  #shown() {
    if (document.visibilityState !== 'visible') return;
    this.tryNow();
    if (this.#ready && Date.now() - this.#heardAt > PONG_WITHIN_MS) this.#ping(PROBE_WITHIN_MS);
  }

  #drop() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#timers = {};
    const socket = this.#socket;
    this.#socket = null;
    this.#ready = false;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.#settle();
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { reject } of requests) reject(lost());
  }

  #lost(code) {
    const wasReady = this.#ready;
    const error = this.#refusal;
    this.#drop();
    let rule = reconnectRule(code);
    if (rule === 'credentials' || (error && !wasReady && rule !== 'never')) {
      const again = this.#hooks.onRefused({ code, error, wasReady, hello: this.#hello.fields });
      rule = again ? 'resume' : 'never';
    }
    if (rule === 'never') {
      this.#stopped = true;
      return this.#state({ name: 'stopped', code, error });
    }
    const wait = Math.max(backoffMs(this.#attempt), error?.retry_after_ms ?? 0);
    this.#attempt += 1;
    this.#timers.retry = setTimeout(() => this.#open(), wait);
    return this.#state({ name: 'lost', retryAt: Date.now() + wait, code });
  }

  #state(state) {
    this.#hooks.onState(state);
  }
}

function lost() {
  return new Refused({ code: 'lost', message: 'the connection was lost' });
}
