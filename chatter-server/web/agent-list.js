// The side of the agent's page: chats with unread and last message, and who waits.

import { byId, counted, make, say, show, time } from './view.js';

function row(chat, { me, current, pending, onOpen }) {
  const { view, newest, unread } = chat;
  const button = make('button', { type: 'button', 'data-testid': 'chat-item', 'data-chat': chat.id });
  if (chat.id === current) button.setAttribute('aria-current', 'true');
  button.dataset.unread = unread;
  const own = newest?.author.kind === 'agent' && newest.author.agent === me;
  const waiting = pending > 0 ? `${counted(pending, 'message')} not sent yet · ` : '';
  const last = newest ? `${own ? 'You: ' : ''}${newest.text}` : 'No message yet';
  const urgent = view.priority === 'high' || view.priority === 'urgent';
  button.append(
    make('span', { class: 'who' }, view.customer_name),
    make('span', { class: 'when' }, time(newest?.at ?? view.created_at)),
    make('span', { class: 'last' }, waiting, last),
  );
  if (urgent) button.append(make('span', { class: 'tag' }, view.priority));
  if (unread > 0) {
    const many = unread >= 100 ? '99+' : String(unread);
    button.append(make('span', { class: 'unread', 'data-testid': 'unread' }, many, make('span', { class: 'unseen' }, ' unread')));
  }
  button.addEventListener('click', () => onOpen(chat.id));
  return make('li', {}, button);
}

/** Draws a list anew and keeps the focus on the chat it was on. */
function fill(list, rows) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.chat : undefined;
  list.replaceChildren(...rows);
  if (focused !== undefined) list.querySelector(`[data-chat="${Number(focused)}"]`)?.focus();
}

/** Draws the lists of chats. */
export function drawChats(chats, context) {
  const { own, past, watched, team } = chats;
  fill(byId('own'), own.map((chat) => row(chat, { ...context, pending: context.pendingOf(chat.id) })));
  fill(byId('past'), past.map((chat) => row(chat, { ...context, pending: context.pendingOf(chat.id) })));
  for (const [id, some] of Object.entries({ watched, talks: team })) {
    fill(byId(id), some.map((chat) => row(chat, { ...context, pending: context.pendingOf(chat.id) })));
    show(byId(`${id}-title`), some.length > 0);
  }
  show(byId('list-empty'), own.length === 0);
  show(byId('past-title'), past.length > 0);
}

/** Draws the numbers of agents and of waiting customers. */
export function drawAgents({ signed_in: signedIn, online, categories }, nameOf) {
  say(byId('agents'), `${counted(signedIn, 'agent')} signed in, ${online} online`);
  const rows = categories.map(({ category, waiting, online: there }) => {
    const text = `${nameOf(category)}: ${waiting} waiting, ${counted(there, 'agent')} online`;
    return make('li', { 'data-category': category, 'data-waiting': waiting }, text);
  });
  byId('waiting').replaceChildren(...rows);
}
