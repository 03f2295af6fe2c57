// The chats an agent holds, each with its entries as far as they are here.

import { Transcript } from './transcript.js';

const GONE = 'Deleted message';

/** One chat: the server's view of it, its entries, and whether they are live. */
class Chat {
  live = false;
  transcript = new Transcript('seq');
  #me;

  constructor(view, me) {
    this.view = view;
    this.#me = me;
  }

  /** Whether this agent holds it or has joined it. */
  get mine() {
    const { agent, joined = [] } = this.view;
    return agent === this.#me || joined.includes(this.#me);
  }

  get id() {
    return this.view.chat;
  }

  /** Whether it has ended; it can be reopened until it is closed. */
  get ended() {
    return this.view.status === 'resolved' || this.view.status === 'closed';
  }

  /** Messages of the other side that are not read. */
  get unread() {
    const { own_receipts: marks, unread, last_seq: known } = this.view;
    const later = this.transcript.list().filter(({ seq, author }) => seq > known && this.#theirs(author));
    return unread + later.filter(({ seq }) => seq > marks.read).length;
  }

  #theirs(author) {
    return this.view.team ? author.agent !== this.#me : author.kind === 'customer';
  }

  /** The newest message: its author's name and text. */
  get newest() {
    const entry = this.transcript.list().findLast(({ body }) => body.kind === 'message' || body.was === 'message');
    const stated = this.view.last_message;
    if (entry && entry.seq >= (stated?.seq ?? 0)) return { author: entry.author, text: entry.body.text ?? GONE, at: entry.at };
    return stated && { author: stated.author, text: stated.text ?? GONE, at: stated.at };
  }
}

export class Chats {
  #chats = new Map();
  #connection;
  #seen;
  #me = null;
  #watches = false;
  #asked = new Set();

  constructor(connection, seen) {
    this.#connection = connection;
    this.#seen = seen;
  }

  get(id) {
    return this.#chats.get(id);
  }

  /** Chats held now, those with the longest history first. */
  get own() {
    return this.#going.filter((chat) => !this.#watched(chat));
  }

  /** Chats of others that this agent watches. */
  get watched() {
    return this.#going.filter((chat) => this.#watched(chat));
  }

  /** Conversations with other agents. */
  get team() {
    return [...this.#chats.values()].filter(({ view }) => view.team);
  }

  get #going() {
    return [...this.#chats.values()].filter(({ ended, view }) => !ended && !view.team);
  }

  #watched({ mine, view }) {
    return !mine && (this.#watches || view.agent !== undefined);
  }

  /** Chats that ended while this page was open. */
  get past() {
    return [...this.#chats.values()].filter(({ ended }) => ended);
  }

  /** The connection stands anew: what the server no longer names is gone, except what has ended. */
  begin(me, views, { watches }) {
    this.#me = me;
    this.#watches = watches;
    const named = new Set(views.map(({ chat }) => chat));
    for (const chat of [...this.#chats.values()]) {
      chat.live = false;
      if (!chat.ended && !named.has(chat.id) && !this.#asked.has(chat.id)) this.drop(chat.id);
    }
    for (const view of views) {
      this.#seen.known(view.chat, view.own_receipts);
      this.#set(view);
    }
    for (const { id } of this.#chats.values()) this.subscribe(id);
  }

  /** A `chat` frame. Answers the chat when it is new here. A chat that is reopened may wait for a moment. */
  take(view) {
    const known = this.#chats.has(view.chat);
    const expected = view.team || this.#asked.has(view.chat) || new Chat(view, this.#me).mine;
    if (!known && !expected) return null;
    const chat = this.#set(view);
    if (known) return null;
    this.#seen.known(chat.id, view.own_receipts);
    this.subscribe(chat.id);
    return chat;
  }

  /** Asks for a chat that is not this agent's: its state comes as a `chat` frame. */
  async watch(id) {
    this.#asked.add(id);
    try {
      await this.#connection.request({ type: 'subscribe', chat: id });
    } catch (error) {
      this.#asked.delete(id);
      throw error;
    }
  }

  /** Whether it was asked for by number. */
  asked(id) {
    return this.#asked.has(id);
  }

  drop(id) {
    this.#asked.delete(id);
    this.#chats.delete(id);
  }

  clear() {
    this.#asked.clear();
    this.#chats.clear();
  }

  /** Begins or resumes the live entries, from where this page is. */
  async subscribe(id) {
    const chat = this.#chats.get(id);
    chat.live = false;
    try {
      const page = await this.#connection.request({ type: 'subscribe', chat: id, ...chat.transcript.position });
      if (chat.transcript.resume(page)) chat.live = true;
      else this.subscribe(id);
    } catch (error) {
      if (error.code !== 'lost' && this.#chats.get(id) === chat) this.drop(id);
    }
    this.changed?.();
  }

  /** A live entry, or this page's own message with its number. Answers whether it was new. */
  add(id, entry, target) {
    const chat = this.#chats.get(id);
    if (!chat) return false;
    if (target) chat.transcript.amend([target]);
    const added = chat.transcript.add(entry);
    // A number was left out: ask for what lies between.
    if (added === false && chat.live) this.subscribe(id);
    return added !== null;
  }

  async older(id) {
    const { transcript } = this.#chats.get(id);
    const frame = { type: 'read_history', chat: id, before: transcript.first, limit: 50 };
    const page = await this.#connection.request(frame).catch(() => null);
    if (page) transcript.prepend(page.entries);
    this.changed?.();
  }

  #set(view) {
    const chat = this.#chats.get(view.chat);
    if (!chat) {
      const fresh = new Chat(view, this.#me);
      this.#chats.set(view.chat, fresh);
      return fresh;
    }
    chat.view = view;
    return chat;
  }
}
