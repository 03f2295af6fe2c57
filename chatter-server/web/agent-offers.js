// Chats that an agent is asked to take: each with what it is about, how long it stands, yes and no.

import { secondsUntil } from './clock.js';
import { announce, byId, make, notify, say, show } from './view.js';

const REASONS = { '': 'No reason', busy: 'Busy', wrong_category: 'Wrong category', language: 'Language', other: 'Other' };
const GONE = {
  missed: 'You did not answer in time; the chat is offered to others.',
  withdrawn: 'The chat is not offered to you any more.',
};

export class Offers {
  #rows = new Map();
  #request;
  #words;

  /** `words` has `category(number)` and `agent(number)`. */
  constructor(request, words) {
    this.#request = request;
    this.#words = words;
    setInterval(() => this.#tick(), 500);
  }

  /** The offers of a `ready`. */
  begin(offers) {
    this.#rows.clear();
    for (const offer of offers) this.#set(offer);
    this.#draw();
  }

  /** The names of agents are known now. */
  named() {
    for (const { offer } of [...this.#rows.values()]) this.#set(offer);
    this.#draw();
  }

  /** An `offer` frame. */
  take(offer) {
    if (!this.#rows.has(offer.chat)) announce(`You are asked to take the chat of ${offer.customer_name}`);
    this.#set(offer);
    this.#draw();
  }

  /** An `offer_gone` frame. */
  gone({ chat, how }) {
    if (this.#rows.delete(chat) && GONE[how]) notify(GONE[how]);
    this.#draw();
  }

  #set(offer) {
    const { customer_name: name, subject, category, priority, from } = offer;
    const asks = from === undefined ? '' : ` · transfer from ${this.#words.agent(from)}`;
    const left = make('span', { class: 'quiet', 'data-testid': 'offer-left' });
    const reason = make('select', { 'aria-label': 'Reason to decline', 'data-testid': 'decline-reason' });
    reason.append(...Object.entries(REASONS).map(([value, text]) => make('option', { value }, text)));
    const accept = make('button', { type: 'button', class: 'small primary', 'data-testid': 'accept' }, 'Accept');
    const decline = make('button', { type: 'button', class: 'small', 'data-testid': 'decline' }, 'Decline');
    accept.addEventListener('click', () => this.#ask({ type: 'accept_offer', chat: offer.chat }));
    decline.addEventListener('click', () =>
      this.#ask({ type: 'decline_offer', chat: offer.chat, reason: reason.value || undefined }),
    );
    const row = make(
      'li',
      { 'data-testid': 'offer', 'data-chat': offer.chat },
      make('strong', {}, name),
      make('p', { class: 'about' }, `${this.#words.category(category)} · ${priority}${asks}`),
      subject ? make('p', { class: 'about' }, subject) : undefined,
      left,
      make('div', { class: 'row' }, accept, reason, decline),
    );
    this.#rows.set(offer.chat, { offer, row, left });
  }

  #draw() {
    byId('offers').replaceChildren(...[...this.#rows.values()].map(({ row }) => row));
    show(byId('offers-title'), this.#rows.size > 0);
    this.#tick();
  }

  #tick() {
    for (const { offer, left } of this.#rows.values()) say(left, `${secondsUntil(offer.until)} s left`);
  }

  async #ask(frame) {
    try {
      await this.#request(frame);
    } catch (error) {
      notify(`Not done: ${error.message}`);
    }
  }
}
