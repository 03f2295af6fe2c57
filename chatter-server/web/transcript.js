// The entries of one chat as this client has them: each number once, in order, without a hole up to `last`.

export class Transcript {
  #number;
  #entries = new Map();
  #history = null;
  #base = 0;
  #last = 0;

  /** `number` is the name of the reader's numbers: `public_seq` for customers, `seq` for staff. */
  constructor(number) {
    this.#number = number;
  }

  /** Everything up to here is present, from the first number loaded on. */
  get last() {
    return this.#last;
  }

  /** The lowest number loaded; older ones are read with `read_history`. */
  get first() {
    return this.#base + 1;
  }

  /** The fields of a `subscribe` that goes on from here. */
  get position() {
    return this.#history === null ? {} : { history: this.#history, after: this.#last };
  }

  /** All entries without a hole, in order. */
  list() {
    const list = [];
    for (let number = this.first; this.#entries.has(number); number += 1) list.push(this.#entries.get(number));
    return list;
  }

  /** Takes the answer to `subscribe`. False when it leaves a hole: begin anew without a position. */
  resume({ history, recovery, entries, targets = [], up_to }) {
    if (!recovery.recovered) {
      this.#entries.clear();
      this.#base = up_to - entries.length;
      this.#last = this.#base;
    }
    this.#history = history;
    for (const entry of entries) this.#entries.set(entry[this.#number], entry);
    this.amend(targets);
    this.#advance();
    const whole = this.#last >= up_to;
    if (!whole) this.#history = null;
    return whole;
  }

  /** Takes older entries, the answer to `read_history` below `first`. */
  prepend(entries) {
    // What is here already may be newer than the page.
    for (const entry of entries) {
      if (!this.#entries.has(entry[this.#number])) this.#entries.set(entry[this.#number], entry);
    }
    while (this.#base > 0 && this.#entries.has(this.#base)) this.#base -= 1;
  }

  /** Takes the present forms of earlier entries; of those not loaded nothing is needed. */
  amend(targets) {
    for (const target of targets) {
      if (this.#entries.has(target[this.#number])) this.#entries.set(target[this.#number], target);
    }
  }

  /** Takes a live entry. True when it was new and leaves no hole, false when it leaves one, null for a repeat. */
  add(entry) {
    const number = entry[this.#number];
    if (number <= this.#last || this.#entries.has(number)) return null;
    this.#entries.set(number, entry);
    this.#advance();
    return this.#last >= number;
  }

  #advance() {
    while (this.#entries.has(this.#last + 1)) this.#last += 1;
  }
}
