// Why a chat waits and why an agent gets none, in words.

import { secondsUntil } from './clock.js';
import { counted, make } from './view.js';

const UNAVAILABLE = {
  offline: 'is offline',
  away: 'is away',
  last_call: 'is on the last call',
  disconnected: 'is not connected',
  full: 'is at the limit',
  resting: 'just got another chat',
  cooling: 'let this chat pass a moment ago',
  holds: 'holds it already',
};
const PASSED = {
  full: 'at the limit',
  away: 'away',
  last_call: 'on the last call',
  disconnected: 'not connected',
  resting: 'resting',
  cooling: 'let it pass',
};

const until = (at) => (at === undefined ? '' : ` (${secondsUntil(at)} s more)`);

function whyWaiting(why, words) {
  switch (why.code) {
    case 'not_waiting':
      return `It does not wait: ${why.status.replace('_', ' ')}`;
    case 'offered':
      return `${words.agent(why.agent)} is asked to take it${until(why.until)}`;
    case 'customer_away':
      return `The customer is not connected; the place is kept${until(why.until)}`;
    case 'customer_silent':
      return 'The customer has been silent for long; it is served when they write';
    case 'sticky':
      return `It waits for ${words.agent(why.agent)}, whom the customer had last${until(why.until)}`;
    case 'nobody_serves':
      return 'Nobody serves the category';
    case 'nobody_there':
      return 'Nobody who serves the category is online and connected';
    case 'nobody_free':
      return 'Everybody who is there is at the limit, just got another chat, or let it pass';
    case 'about_to_be_served':
      return 'Nothing holds it: it is given away in the next step';
    default:
      return why.code;
  }
}

/** A `chat_explained` as lines; `words` has `agent(number)` and `category(number)`. */
export function chatLines(explanation, words) {
  const { why, also = [], place, category, policy, overflow, next_overflow_at: next } = explanation;
  const lines = [whyWaiting(why, words), ...also.map((other) => `Also: ${whyWaiting(other, words)}`)];
  if (place !== undefined) lines.push(`Place ${place} in ${words.category(category)}, ordered by ${policy}`);
  if (overflow > 0) lines.push(`Overflow: ${counted(overflow, 'stage')} reached`);
  if (next !== undefined) lines.push(`Next stage of the overflow in ${secondsUntil(next)} s`);
  const passed = Object.entries(explanation.passed_over).filter(([, count]) => count > 0);
  if (passed.length > 0) lines.push(`Passed over: ${passed.map(([key, count]) => `${count} ${PASSED[key] ?? key}`).join(', ')}`);
  for (const { name, load, max_chats: most, reason, until: at } of explanation.candidates) {
    const state = reason ? (UNAVAILABLE[reason] ?? reason) : 'could take it';
    lines.push(`${name} (${load} of ${most}) ${state}${until(at)}`);
  }
  return lines;
}

/** An `agent_explained` as lines. */
export function agentLines({ agent, why, load, max_chats: most, lines: queues }, words) {
  const name = words.agent(agent);
  const reasons = {
    unavailable: `${name} ${UNAVAILABLE[why.reason] ?? why.reason}${until(why.until)}`,
    nobody_waits: `Nobody waits whom ${name} could take`,
    only_held: 'Those who wait are held back: not connected, silent, waiting for others, or let pass',
    about_to_get_one: `Nothing holds ${name} back: a chat comes in the next step`,
  };
  const slots = Object.entries(load).filter(([, count]) => count > 0);
  const taken = slots.map(([key, count]) => `${count} ${key.replace('_', ' ')}`).join(', ') || 'nothing';
  const waiting = queues.map(({ category, waiting: all, ready }) => {
    return `${words.category(category)}: ${all} waiting, ${ready} can be served`;
  });
  return [reasons[why.code] ?? why.code, `Of ${most} slots: ${taken}`, ...waiting];
}

/** Shows lines in a dialog until it is closed. */
export function showLines(title, lines) {
  const dialog = make(
    'dialog',
    { 'aria-label': title, 'data-testid': 'explanation' },
    make('h2', {}, title),
    make('ul', {}, ...lines.map((line) => make('li', {}, line))),
    make('form', { method: 'dialog' }, make('button', { class: 'primary', 'data-testid': 'explanation-close' }, 'Close')),
  );
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
}
