// What a log shows: the entries of a chat and what still waits to be sent.

import { words } from './lines.js';

/** The key of the line with this number. */
export const entryKey = (number) => `e${number}`;

/** The key of the line of a message that has no number yet. */
export const pendingKey = (id) => `p${id}`;

/** What each command makes. */
export const KINDS = { send_message: 'message', send_note: 'note', whisper: 'whisper' };

function stateOf(number, receipts) {
  if (number <= receipts.read) return 'read';
  return number <= receipts.delivered ? 'delivered' : 'sent';
}

/**
 * `number` names the reader's numbers, `mine(author)` tells the reader's own, `reader` is `customer` or
 * `staff`; `names` has `customer`, `me` and `other`; `receipts` are the other side's; `open(at)` tells whether
 * what was written then can still be changed.
 */
export function itemsOf({ entries, pending, number, mine, reader, names, receipts, open }) {
  let agent;
  // An edit or a deletion shows in what it changed, and has no line of its own.
  const shown = entries.filter(({ body }) => body.kind !== 'edit' && body.kind !== 'deletion');
  const items = shown.map((entry) => {
    const { author, body, at } = entry;
    const key = entryKey(entry[number]);
    if (body.kind === 'system') {
      agent = ['agent_joined', 'transferred_to_agent'].includes(body.line.code) ? body.line.name : agent;
      const text = words(body.line, reader, { customer: names.customer, agent });
      return { key, from: 'system', kind: 'system', at, text };
    }
    const own = mine(author);
    const deleted = body.kind === 'deleted';
    const kind = deleted ? (body.was ?? 'message') : body.kind;
    const text = deleted ? 'This message was deleted' : body.text;
    const state = own && !deleted ? (kind === 'message' ? stateOf(entry[number], receipts) : 'sent') : undefined;
    const line = { key, from: own ? 'me' : 'them', kind, name: author.name ?? 'Chatter', to: entry.to, at, text, state };
    const changeable = own && !deleted && (open?.(at) ?? false);
    return { ...line, number: entry[number], deleted, edited: entry.edited_at !== undefined, changeable };
  });
  for (const { id, type, text, order, state, reason } of pending) {
    const kind = KINDS[type];
    const key = pendingKey(id);
    items.push({ key, from: 'me', kind, name: names.me, to: names.other, at: order * 1000, text, state, reason });
  }
  return items;
}
