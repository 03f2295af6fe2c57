// A customer's identity: one visitor token for all tabs of a browser, obtained once.

import { shared } from './storage.js';

const TOKEN = 'chatter.visitor_token';
const LOCK = 'chatter.identity';

/**
 * What to say hello with. Without a token the tab becomes a new customer; two tabs that open at once must
 * become the same one, so the first holds a lock until `done()` and the second then finds its token.
 */
export async function credentials() {
  const token = shared.get(TOKEN);
  if (token) return { token };
  if (!navigator.locks) return {};
  return new Promise((resolve) => {
    const held = () =>
      new Promise((release) => {
        const found = shared.get(TOKEN);
        if (found) {
          release();
          resolve({ token: found });
        } else {
          resolve({ done: release });
        }
      });
    navigator.locks.request(LOCK, held).catch(() => resolve({}));
  });
}

/**
 * Keeps the token of a new customer. False when another tab has kept one meanwhile (a browser without
 * locks): come in again with that one.
 */
export function keep(token) {
  if (shared.get(TOKEN)) return false;
  shared.set(TOKEN, token);
  return true;
}

/** Drops a token that the server does not take, unless another tab has renewed it meanwhile. */
export function forget(token) {
  if (shared.get(TOKEN) === token) shared.remove(TOKEN);
}
