// What a log shows: the entries of a chat and what still waits to be sent.

import { words } from './lines.js';

/** The key of the line with this number. */
export const entryKey = (number) => `e${number}`;

/** The key of the line of a message that has no number yet. */
export const pendingKey = (id) => `p${id}`;

function stateOf(number, receipts) {
  if (number <= receipts.read) return 'read';
  return number <= receipts.delivered ? 'delivered' : 'sent';
}

/**
 * `number` names the reader's numbers, `mine(author)` tells the reader's own, `reader` is `customer` or
 * `staff`; `names` has `customer`, `me` and `other`; `receipts` are the other side's.
 */
export function itemsOf({ entries, pending, number, mine, reader, names, receipts }) {
  let agent;
  const items = entries.map((entry) => {
    const { author, body, at } = entry;
    const key = entryKey(entry[number]);
    if (body.kind === 'system') {
      agent = body.line.code === 'agent_joined' ? body.line.name : agent;
      const text = words(body.line, reader, { customer: names.customer, agent });
      return { key, from: 'system', kind: 'system', at, text };
    }
    const own = mine(author);
    const state = own ? (body.kind === 'note' ? 'sent' : stateOf(entry[number], receipts)) : undefined;
    const from = own ? 'me' : 'them';
    return { key, from, kind: body.kind, name: author.name ?? 'Chatter', to: entry.to, at, text: body.text, state };
  });
  for (const { id, type, text, order, state, reason } of pending) {
    const kind = type === 'send_note' ? 'note' : 'message';
    const key = pendingKey(id);
    items.push({ key, from: 'me', kind, name: names.me, to: names.other, at: order * 1000, text, state, reason });
  }
  return items;
}
