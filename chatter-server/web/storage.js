// Storage that never throws: browsers deny it in some frames and modes, and a page must work without.

/** One of the browser's stores by name (`localStorage`, `sessionStorage`), or an empty one in memory. */
function open(name) {
  try {
    const store = window[name];
    const probe = 'chatter.probe';
    store.setItem(probe, '1');
    store.removeItem(probe);
    return store;
  } catch {
    return memory();
  }
}

function memory() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    key: (index) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
}

/** A view of one store that keeps JSON and swallows what the browser refuses (a full store). */
class Store {
  #items;

  constructor(items) {
    this.#items = items;
  }

  /** The value, or `null` when there is none or it cannot be read. */
  get(key) {
    try {
      return JSON.parse(this.#items.getItem(key));
    } catch {
      return null;
    }
  }

  set(key, value) {
    try {
      this.#items.setItem(key, JSON.stringify(value));
    } catch {
      // The page goes on with what it holds in memory.
    }
  }

  remove(key) {
    try {
      this.#items.removeItem(key);
    } catch {
      // As above.
    }
  }

  /** All keys that begin with `prefix`. */
  keys(prefix) {
    try {
      const keys = [];
      for (let index = 0; index < this.#items.length; index += 1) keys.push(this.#items.key(index));
      return keys.filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  }
}

/** Shared by all tabs of this browser. */
export const shared = new Store(open('localStorage'));

/** This tab's own; survives a reload. */
export const tab = new Store(open('sessionStorage'));
