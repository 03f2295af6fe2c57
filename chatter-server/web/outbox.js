// Messages that were written and not yet accepted. They are kept in the browser's storage and sent in
// order, one at a time: at most one has an unknown fate after a lost connection, and sending it again under
// the same id is harmless.

const FATAL_TRIES = 3;
const PAUSE_MS = 1_000;

/** What each refusal means for the message at the head: how long to wait, or that it has failed. */
function verdict(error, tries) {
  switch (error.code) {
    case 'lost':
      return { wait: null };
    case 'rate_limited':
    case 'retry_later':
      return { wait: error.frame.retry_after_ms };
    case 'out_of_order':
    case 'unavailable':
      return { wait: PAUSE_MS };
    case 'internal':
      return tries < FATAL_TRIES ? { wait: PAUSE_MS * tries } : { failed: true };
    default:
      return { failed: true };
  }
}

/** 128 random bits in hexadecimal; also where the page is not a secure context. */
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Outbox {
  #store;
  #prefix;
  #request;
  #onAccepted;
  #onChange;
  #items = [];
  #busy = false;
  #timer;

  /**
   * `store` and `prefix` say where the items are kept; `request(frame)` sends; `onAccepted(item, frame)` and
   * `onChange(item)` tell the page.
   */
  constructor({ store, prefix, request, onAccepted, onChange }) {
    this.#store = store;
    this.#prefix = prefix;
    this.#request = request;
    this.#onAccepted = onAccepted;
    this.#onChange = onChange;
    const kept = store.keys(prefix).map((key) => store.get(key));
    this.#items = kept.filter((item) => item?.id).sort((a, b) => a.order - b.order);
    for (const item of this.#items) if (item.state === 'sending') item.state = 'waiting';
  }

  /** What waits or has failed for a chat, in the order written. */
  of(chat) {
    return this.#items.filter((item) => item.chat === chat);
  }

  get size() {
    return this.#items.length;
  }

  /** Takes a message (`send_message`) or note (`send_note`). */
  add(type, chat, text) {
    const newest = this.#items.at(-1)?.order ?? 0;
    const order = Math.max(Date.now(), newest + 1);
    const item = { id: randomId(), type, chat, text, order, state: 'waiting', tries: 0 };
    this.#items.push(item);
    this.#keep(item);
    this.#goOn();
    return item;
  }

  /** Sends a failed message again, under the same id. */
  retry(id) {
    const item = this.#items.find((other) => other.id === id);
    if (!item) return;
    this.#set(item, { state: 'waiting', tries: 0, reason: undefined });
    this.#goOn();
  }

  remove(id) {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#store.remove(this.#prefix + id);
  }

  /** Forgets everything, as on signing out. */
  clear() {
    for (const item of [...this.#items]) this.remove(item.id);
  }

  /** As `flush`, except while the server has asked for a pause. */
  #goOn() {
    if (this.#timer === undefined) this.flush();
  }

  /** Goes on from the first message that waits. Called when the connection stands. */
  async flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#busy) return;
    const item = this.#items.find((other) => other.state !== 'failed');
    if (!item) return;
    this.#busy = true;
    this.#set(item, { state: 'sending', tries: item.tries + 1 });
    const pause = await this.#send(item);
    this.#busy = false;
    if (pause === 0) this.flush();
    else if (pause !== null) this.#timer = setTimeout(() => this.flush(), pause);
  }

  /** Sends one; answers how long to wait before the next, `null` until the connection is back. */
  async #send(item) {
    const { type, chat, id, text } = item;
    try {
      const accepted = await this.#request({ type, chat, client_msg_id: id, text });
      this.remove(id);
      this.#onAccepted(item, accepted);
      return 0;
    } catch (error) {
      const { wait, failed } = verdict(error, item.tries);
      if (failed) this.#set(item, { state: 'failed', reason: error.message });
      else this.#set(item, { state: 'waiting' });
      return failed ? 0 : wait;
    }
  }

  #set(item, change) {
    Object.assign(item, change);
    if (this.#items.includes(item)) this.#keep(item);
    this.#onChange(item);
  }

  #keep(item) {
    this.#store.set(this.#prefix + item.id, item);
  }
}
