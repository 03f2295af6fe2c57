// The list of messages of one chat. One's own stand on the left, the other's on the right, system lines in
// the middle.

import { counted, make, say, show, time } from './view.js';

/** As near to the end as this, the log follows new lines. */
const STICK_PX = 48;

const STATES = {
  waiting: 'Waiting to be sent',
  sending: 'Sending…',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

const LABELS = { note: 'Internal note', whisper: 'Whisper' };

/**
 * Shows items `{ key, from, kind, name, to, at, text, state, reason, deleted, edited, changeable }`: `from` is `me`,
 * `them` or `system`, `kind` is `message`, `note`, `whisper` or `system`, `state` is set for one's own.
 */
export class Log {
  #box;
  #list;
  #pill;
  #older;
  #rows = new Map();
  #unseen = 0;
  #actions;

  /** `actions` has `retry(item)`, `remove(item)`, `edit(item)`, `erase(item)`, `older()` and `seen()`. */
  constructor({ box, list, pill, older }, actions) {
    this.#box = box;
    this.#list = list;
    this.#pill = pill;
    this.#older = older;
    this.#actions = actions;
    box.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // The focus stays where it is, usually in the field below.
    pill.addEventListener('mousedown', (event) => event.preventDefault());
    pill.addEventListener('click', () => this.toEnd());
    older.addEventListener('click', () => actions.older());
  }

  /** Whether the newest line is in view. */
  get atEnd() {
    return this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < STICK_PX;
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** Empties the log, for another chat. */
  clear() {
    this.#list.replaceChildren();
    this.#rows.clear();
    this.#unseen = 0;
    show(this.#pill, false);
  }

  /** A pending line has got its number: it stays where it is and goes on under the new key. */
  rename(key, next) {
    const row = this.#rows.get(key);
    if (!row || this.#rows.has(next)) return;
    this.#rows.delete(key);
    this.#rows.set(next, row);
    row.element.dataset.id = next;
  }

  /** Brings the log to precisely these items. `hasOlder` offers to load what came before. */
  update(items, hasOlder) {
    const stick = this.atEnd;
    const before = { height: this.#box.scrollHeight, top: this.#box.scrollTop };
    const firstKept = this.#list.firstElementChild?.dataset.id;
    show(this.#older, hasOlder);
    // Much at once is history, which is not read out line by line.
    const bulk = items.length - this.#rows.size > 3;
    if (bulk) this.#box.setAttribute('aria-busy', 'true');
    const added = this.#reconcile(items);
    if (bulk) this.#box.removeAttribute('aria-busy');

    const prepended = firstKept !== undefined && items[0]?.key !== firstKept && items.some(({ key }) => key === firstKept);
    const mineAdded = added.some(({ from, state }) => from === 'me' && (state === 'sending' || state === 'waiting'));
    if (stick || mineAdded) this.toEnd();
    else if (prepended) this.#box.scrollTop = before.top + this.#box.scrollHeight - before.height;
    else this.#unseen += added.filter(({ from }) => from !== 'me').length;
    this.#scrolled();
  }

  /** Makes, moves, changes and drops rows; answers the items that were not there. */
  #reconcile(items) {
    const wanted = new Set(items.map(({ key }) => key));
    for (const [key, { element }] of this.#rows) {
      if (wanted.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    const added = [];
    let place = this.#list.firstElementChild;
    for (const item of items) {
      let row = this.#rows.get(item.key);
      if (!row) {
        row = this.#row(item);
        this.#rows.set(item.key, row);
        added.push(item);
      }
      if (row.element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(row.element, place);
      this.#state(row, item);
    }
    return added;
  }

  #row(item) {
    const element = make('li', {
      class: `line ${item.from} ${item.kind}`,
      'data-testid': item.kind,
      'data-id': item.key,
      'data-from': item.from,
    });
    if (item.kind === 'system') {
      element.append(make('span', { class: 'text' }, item.text), ' · ', time(item.at));
      return { element };
    }
    const stamp = make('span', { class: 'stamp' });
    const meta = make('p', { class: 'meta' }, make('span', { class: 'name' }, item.name));
    if (item.from === 'me') meta.append(' ', make('span', { class: 'you' }, '(you)'));
    if (LABELS[item.kind]) meta.append(' · ', make('strong', {}, LABELS[item.kind]));
    else if (item.to) meta.append(' ', make('span', { class: 'to' }, make('span', { class: 'quiet' }, 'to '), item.to));
    meta.append(' · ', stamp);
    const delivery = make('p', { class: 'delivery', hidden: true });
    const tools = make('span', { class: 'tools', hidden: true });
    const edited = make('span', { class: 'quiet', 'data-testid': 'edited', hidden: true }, ' · edited');
    meta.append(edited, tools);
    const bubble = make('div', { class: 'bubble text', dir: 'auto' }, item.text);
    element.append(meta, bubble, delivery);
    return { element, stamp, delivery, bubble, edited, tools };
  }

  /** What an edit or a deletion changes, and whether one's own can be changed. */
  #present({ element, bubble, edited, tools }, item) {
    say(bubble, item.text);
    element.classList.toggle('deleted', item.deleted ?? false);
    show(edited, item.edited ?? false);
    const changeable = item.changeable ?? false;
    show(tools, changeable);
    if (!changeable || element.dataset.changes === item.text) return;
    element.dataset.changes = item.text;
    tools.replaceChildren(' ', this.#button('Edit', item, 'edit'), ' ', this.#button('Delete', item, 'erase'));
  }

  #state(row, item) {
    if (item.kind === 'system') return;
    const { element, stamp, delivery } = row;
    this.#present(row, item);
    if (item.deleted) {
      delete element.dataset.state;
      show(delivery, false);
    }
    if (element.dataset.at !== String(item.at)) {
      element.dataset.at = item.at;
      stamp.replaceChildren(time(item.at));
    }
    if (!item.state || element.dataset.state === item.state) return;
    element.dataset.state = item.state;
    show(delivery, true);
    delivery.replaceChildren(STATES[item.state]);
    if (item.state !== 'failed') return;
    delivery.append(`: ${item.reason} `, this.#button('Retry', item, 'retry'), ' ', this.#button('Delete', item, 'remove'));
  }

  #button(label, item, action) {
    const short = item.text.length > 20 ? `${item.text.slice(0, 20)}…` : item.text;
    const button = make('button', { type: 'button', class: 'small', 'aria-label': `${label} “${short}”` }, label);
    button.addEventListener('click', () => this.#actions[action](item));
    return button;
  }

  #scrolled() {
    if (this.atEnd) {
      this.#unseen = 0;
      this.#actions.seen();
    }
    show(this.#pill, this.#unseen > 0);
    if (this.#unseen > 0) say(this.#pill, `${counted(this.#unseen, 'new message')} ↓`);
  }
}
