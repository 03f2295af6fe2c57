// Receipts: how far this client has got and how far a person has read, told to the server once each.

const WAIT_MS = 150;

/** Whether a person can see the page now. */
export function watched() {
  return document.visibilityState === 'visible' && document.hasFocus();
}

export class Seen {
  #send;
  #told = new Map();
  #wanted = new Map();
  #timer;

  constructor(send) {
    this.#send = send;
  }

  /** What the server knows of a chat, as on connecting. */
  known(chat, { delivered, read }) {
    this.#told.set(chat, { delivered, read });
    this.#wanted.delete(chat);
  }

  /** Everything up to `delivered` is here, everything up to `read` was seen. Lower marks change nothing. */
  mark(chat, delivered, read) {
    const told = this.#told.get(chat) ?? { delivered: 0, read: 0 };
    if (delivered <= told.delivered && read <= told.read) return;
    this.#wanted.set(chat, { delivered: Math.max(delivered, told.delivered), read: Math.max(read, told.read) });
    this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS);
  }

  #flush() {
    this.#timer = undefined;
    for (const [chat, { delivered, read }] of this.#wanted) {
      if (this.#send({ type: 'receipt', chat, delivered, read })) this.#told.set(chat, { delivered, read });
    }
    this.#wanted.clear();
  }
}
