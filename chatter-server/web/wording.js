// The customer's page in words.

import { counted } from './view.js';

/** What the place in line is called. Without a connection the last one known is shown as such. */
export function placeText(place, connected) {
  if (!place) return { number: 'You are in line', ahead: '', note: '' };
  const number = place.place ? `You are number ${place.place} in line` : 'You are in line';
  const ahead = place.ahead === undefined ? [] : [`${counted(place.ahead, 'person', 'people')} ahead of you`];
  const agents = place.agents_online === 0 ? 'no agents online' : `${counted(place.agents_online, 'agent')} online`;
  return { number, ahead: [...ahead, agents].join(' · '), note: noteText(place, connected) };
}

function noteText(place, connected) {
  if (!connected) return 'Last known. Reconnecting…';
  const notes = [];
  if (place.moved_back) notes.push('Someone with an urgent request was moved ahead.');
  if (place.agents_online === 0) notes.push('You keep your place until an agent comes.');
  if (place.estimated_wait_ms) notes.push(`Usually about ${minutes(place.estimated_wait_ms)}.`);
  notes.push('Write already; the agent will see it.');
  return notes.join(' ');
}

function minutes(ms) {
  return ms < 60_000 ? 'a minute' : counted(Math.round(ms / 60_000), 'minute');
}

/** Whether the agent is there. */
export function presenceText({ status, agent, agent_presence: presence }) {
  if (status !== 'in_progress') return '';
  const name = agent ?? 'The agent';
  if (presence === 'connection_lost') return `${name} lost the connection and may be back soon`;
  if (presence === 'left') return `${name} is not here`;
  return `${name} is here`;
}

/** How the chat ended. */
export function endedText({ end, status }) {
  const how = {
    customer_ended: 'You ended the chat.',
    agent_ended: 'The agent ended the chat.',
    left_queue: 'You left the queue.',
    abandoned: 'The chat ended because your connection was lost while you waited.',
    waited_too_long: 'The chat ended because nobody was free for too long.',
    customer_silent: 'The chat ended because you were silent for long.',
    merged: 'This chat goes on in your other chat.',
  };
  const fallback = status === 'closed' ? 'This chat is closed.' : 'This chat has ended.';
  return how[end?.reason] ?? fallback;
}

/** The title of the window: what is unread, or the place in line. */
export function titleText({ chat, place, waiting, unread }) {
  if (unread > 0) return `(${unread}) ${chat.agent ?? 'New message'} – Chatter`;
  if (waiting) return place?.place ? `(${place.place}) Waiting – Chatter` : 'Waiting – Chatter';
  return chat?.agent ? `${chat.agent} – Chatter` : 'Chatter';
}
