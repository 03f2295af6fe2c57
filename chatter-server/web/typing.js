// Typing: what is told of one's own, and what is known of the other side's.

/** Without news for so long, nobody types any more: the frame that said so may have been left out. */
const LASTS_MS = 10_000;

/** Tells that somebody writes, at most once in `everyMs`; with the words so far where `preview()` is true. */
export class Typist {
  #send;
  #everyMs;
  #preview;
  #chat = null;
  #text = '';
  #sentAt = 0;
  #timer;

  constructor(send, { everyMs, preview }) {
    this.#send = send;
    this.#everyMs = everyMs;
    this.#preview = preview;
  }

  /** The field for a chat holds this text now. */
  wrote(chat, text) {
    if (chat !== this.#chat) this.stop();
    if (chat === null || text.trim() === '') return this.stop();
    this.#chat = chat;
    this.#text = text;
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#tell(), Math.max(0, this.#sentAt + this.#everyMs - Date.now()));
    }
    return undefined;
  }

  /** Nothing is being written any more. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#chat !== null) this.#send({ type: 'typing', chat: this.#chat, typing: false });
    this.#chat = null;
  }

  #tell() {
    this.#timer = undefined;
    this.#sentAt = Date.now();
    const text = this.#preview() ? this.#text : undefined;
    this.#send({ type: 'typing', chat: this.#chat, typing: true, text });
  }
}

/** Who types in which chat. */
export class Typings {
  #known = new Map();
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  /** A `typing` frame. */
  take(frame) {
    this.forget(frame.chat);
    if (!frame.typing) return;
    const timer = setTimeout(() => (this.forget(frame.chat), this.#changed()), LASTS_MS);
    this.#known.set(frame.chat, { frame, timer });
  }

  /** The newest frame of a chat in which somebody types. */
  of(chat) {
    return this.#known.get(chat)?.frame;
  }

  forget(chat) {
    clearTimeout(this.#known.get(chat)?.timer);
    this.#known.delete(chat);
  }

  /** As when the connection is lost. */
  clear() {
    for (const chat of [...this.#known.keys()]) this.forget(chat);
  }
}
