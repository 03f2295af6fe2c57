// Who waits, by category: take one by hand, or ask why it waits.

import { chatLines, showLines } from './explain.js';
import { byId, make, notify, time } from './view.js';

const REFRESH_MS = 5_000;

export class Queue {
  #request;
  #words;
  #categories = [];
  #shown = '';
  #reading = false;
  #again = false;
  #drawn = '';

  /** `words` has `category(number)` and `agent(number)`. */
  constructor(request, words) {
    this.#request = request;
    this.#words = words;
    byId('queue').addEventListener('toggle', () => this.refresh());
    // Offers to others and who is held back change without news.
    setInterval(() => this.refresh(), REFRESH_MS);
  }

  /** The categories to show, as known from `ready`. */
  begin(categories) {
    this.#categories = categories;
    this.#shown = '';
    this.#drawn = '';
    this.refresh();
  }

  /** The names of agents are known now. */
  named() {
    this.#drawn = '';
    this.refresh();
  }

  /** The numbers of agents and of waiting customers changed. */
  numbers({ categories }) {
    const shown = JSON.stringify(categories);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.refresh();
  }

  /** Reads the lines anew, if they are looked at; one reading at a time. */
  async refresh() {
    if (!byId('queue').open) return;
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#again) {
      this.#again = false;
      const ask = (category) => this.#request({ type: 'read_queue', category }).catch(() => null);
      this.#draw((await Promise.all(this.#categories.map(ask))).filter(Boolean));
    }
    this.#reading = false;
  }

  /** Draws what has changed: a row must not go from under the pointer for nothing. */
  #draw(queues) {
    const drawn = JSON.stringify(queues.map(({ category, waiting, chats }) => [category, waiting, chats]));
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    byId('queues').replaceChildren(...queues.map((queue) => this.#queue(queue)));
  }

  #queue({ category, waiting, chats }) {
    const rows = chats.map((chat) => this.#row(chat));
    const title = make('h3', {}, `${this.#words.category(category)}: ${waiting} waiting`);
    return make('section', { 'data-category': category }, title, make('ul', {}, ...rows));
  }

  #row({ chat, customer_name: name, subject, priority, arrived_at: at, ready, offered_to: asked }) {
    const take = make('button', { type: 'button', class: 'small', 'data-testid': 'take' }, 'Take');
    const why = make('button', { type: 'button', class: 'small', 'data-testid': 'why-waiting' }, 'Why?');
    take.addEventListener('click', () => this.#do(() => this.#request({ type: 'assign_chat', chat })));
    why.addEventListener('click', () => this.#do(() => this.#explain(chat)));
    const notes = [priority, subject, ready ? undefined : 'held back'];
    if (asked !== undefined) notes.push(`${this.#words.agent(asked)} is asked`);
    const about = make('p', { class: 'about' }, `Chat ${chat} · `, time(at), ` · ${notes.filter(Boolean).join(' · ')}`);
    const row = { 'data-testid': 'waiting-chat', 'data-chat': chat };
    return make('li', row, make('strong', {}, name), about, make('div', { class: 'row' }, take, why));
  }

  async #explain(chat) {
    const { explanation } = await this.#request({ type: 'explain_chat', chat });
    showLines(`Why does chat ${chat} wait?`, chatLines(explanation, this.#words));
  }

  async #do(step) {
    try {
      await step();
    } catch (error) {
      notify(`Not done: ${error.message}`);
    }
    this.refresh();
  }
}
