// The start of the customer's page: what there is to join, whether it can be joined now, and joining.

import { shared } from './storage.js';
import { byId, date, make, say, show } from './view.js';

const NAME = 'chatter.name';

const clock = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });

function opens(at) {
  return at === undefined ? '' : ` It opens ${clock.format(date(at))}.`;
}

/** What somebody who joins a category meets. */
function availabilityText({ availability, opens_at: at }) {
  const texts = {
    open: 'An agent is free now.',
    queue: 'All agents are busy; you wait in line.',
    full: 'Too many people are waiting. Please try again later.',
    away: 'No agent is here now; you can wait in line.',
    closed: `Closed now.${opens(at)}`,
  };
  return texts[availability] ?? '';
}

/** Why joining was refused. */
function refusalText({ code, message, frame }) {
  switch (code) {
    case 'rate_limited':
      return `Too many tries. Wait ${Math.ceil(frame.retry_after_ms / 1_000)} s.`;
    case 'queue_full':
      return 'Too many people are waiting. Please try again later.';
    case 'category_closed':
      return `This is closed now.${opens(frame.opens_at)}`;
    default:
      return message;
  }
}

export class Start {
  #connection;
  #joined;
  #changed;
  #categories = [];
  #joining = null;

  /** `joined()` is called when a chat stands, `changed()` when the page should be drawn. */
  constructor({ connection, joined, changed }) {
    this.#connection = connection;
    this.#joined = joined;
    this.#changed = changed;
    byId('name').value = shared.get(NAME) ?? '';
    byId('category').addEventListener('change', () => this.#showAvailability());
    byId('join').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Whether there is anything to join. */
  get known() {
    return this.#categories.length > 0;
  }

  /** The categories of a `ready`; goes on with a join that a lost connection has interrupted. */
  begin(categories) {
    this.#categories = categories;
    const select = byId('category');
    const chosen = select.value;
    select.replaceChildren(...categories.map(({ category, name }) => make('option', { value: category }, name)));
    if (categories.some(({ category }) => String(category) === chosen)) select.value = chosen;
    this.#showAvailability();
    if (this.#joining) this.#join();
  }

  /** An `availability` frame: the categories where it changed. */
  availability(changed) {
    const news = new Map(changed.map((category) => [category.category, category]));
    this.#categories = this.#categories.map((category) => news.get(category.category) ?? category);
    this.#showAvailability();
  }

  render() {
    byId('join-button').setAttribute('aria-disabled', String(Boolean(this.#joining) || this.#refused()));
    say(byId('join-button'), this.#joining ? 'Starting…' : 'Start chat');
  }

  get #chosen() {
    return this.#categories.find(({ category }) => String(category) === byId('category').value);
  }

  #refused() {
    return ['full', 'closed'].includes(this.#chosen?.availability);
  }

  #showAvailability() {
    const chosen = this.#chosen;
    byId('availability').dataset.availability = chosen?.availability ?? '';
    say(byId('availability'), chosen ? availabilityText(chosen) : '');
    this.render();
  }

  #submit() {
    if (this.#joining || this.#refused()) return;
    const name = byId('name').value.trim();
    if (!name) {
      this.#error('Please tell us your name.');
      byId('name').focus();
      return;
    }
    this.#error('');
    shared.set(NAME, name);
    const subject = byId('subject').value.trim() || undefined;
    this.#joining = { name, category: Number(byId('category').value) || undefined, subject };
    if (this.#connection.online) this.#join();
    this.#changed();
  }

  async #join() {
    try {
      await this.#connection.request({ type: 'join_queue', ...this.#joining });
      this.#joining = null;
      this.#joined();
    } catch (error) {
      if (error.code === 'lost') return;
      this.#joining = null;
      this.#error(refusalText(error));
    }
    this.#changed();
  }

  #error(text) {
    say(byId('join-error'), text);
    show(byId('join-error'), text !== '');
    byId('name').setAttribute('aria-invalid', String(text !== '' && byId('name').value.trim() === ''));
  }
}
