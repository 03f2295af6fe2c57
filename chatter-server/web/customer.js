// The customer's page: join, wait in line, chat, end, and begin again.

import { setClock } from './clock.js';
import { Connection } from './connection.js';
import { Corrections } from './corrections.js';
import { Start } from './customer-start.js';
import { credentials, forget, keep } from './identity.js';
import { entryKey, itemsOf, pendingKey } from './items.js';
import { Log } from './log.js';
import { Outbox } from './outbox.js';
import { Seen, watched } from './seen.js';
import { shared, tab } from './storage.js';
import { Transcript } from './transcript.js';
import { Typings, Typist } from './typing.js';
import { Banner, announce, byId, confirm, notify, say, sendOnEnter, show } from './view.js';
import { endedText, placeText, presenceText, titleText } from './wording.js';

const CURRENT = 'chatter.current';
const DRAFT = 'chatter.draft';

const chats = new Map();
let current = null;
let transcript = new Transcript('public_seq');
let live = false;
let place = null;
let preview = false;
let connected = false;
let pageSize = 50;

const connection = new Connection({ credentials: hello, onReady, onFrame, onState, onRefused });
const banner = new Banner(() => connection.tryNow());
const outbox = new Outbox({
  store: shared,
  prefix: 'chatter.unsent.',
  request: (frame) => connection.request(frame),
  onAccepted: accepted,
  onChange: changed,
});
const corrections = new Corrections((frame) => connection.request(frame));
const typings = new Typings(render);
const typist = new Typist((frame) => connection.send(frame), { everyMs: 500, preview: () => preview });
const start = new Start({ connection, joined: () => byId('text').focus(), changed: render });
const seen = new Seen((frame) => connection.send(frame));
const log = new Log(
  { box: byId('log'), list: byId('lines'), pill: byId('pill'), older: byId('older') },
  {
    retry: ({ key }) => outbox.retry(key.slice(1)),
    remove: ({ key }) => (outbox.remove(key.slice(1)), render()),
    edit: ({ number, text }) => corrections.edit(current, number, text),
    erase: ({ number }) => corrections.erase(current, number),
    older,
    seen: markSeen,
  },
);

// Connection

async function hello() {
  return { role: 'customer', ...(await credentials()) };
}

function onState(state) {
  connected = state.name === 'online';
  banner.set(state);
  if (state.name === 'lost') live = false;
  render();
}

/** A customer without a good token is simply a new one. */
function onRefused({ code, hello: { token } }) {
  if (token && code !== 4100) forget(token);
  return true;
}

function onReady(frame) {
  if (frame.visitor_token && !keep(frame.visitor_token)) return false;
  setClock(frame.now);
  preview = frame.limits.typing_preview;
  corrections.limits(frame.limits);
  typings.clear();
  chats.clear();
  for (const chat of frame.chats) know(chat);
  choose();
  // First what may have been sent already: its answer comes before the page that holds it.
  outbox.flush();
  if (current !== null) subscribe();
  start.begin(frame.categories);
  return true;
}

function onFrame(frame) {
  switch (frame.type) {
    case 'chat':
      know(frame.chat);
      if (choose()) subscribe();
      return render();
    case 'queued':
      know(frame.chat);
      if (setCurrent(frame.chat.chat)) subscribe();
      return setPlace(frame.chat.chat, frame.place);
    case 'place':
      return setPlace(frame.chat, frame);
    case 'entry':
      if (frame.chat === current) addLive(frame.entry, frame.target);
      if (frame.entry.author.kind === 'agent') typings.forget(frame.chat);
      return render();
    case 'typing':
      typings.take(frame);
      return render();
    case 'availability':
      return start.availability(frame.categories);
    case 'presence':
      return presence(frame);
    default:
      return undefined;
  }
}

function know(chat) {
  const before = chats.get(chat.chat);
  chats.set(chat.chat, chat);
  if (!before) seen.known(chat.chat, chat.own_receipts);
  if (chat.chat !== current || !before || before.status === chat.status) return;
  if (chat.status === 'in_progress') announce(`${chat.agent ?? 'An agent'} joined the chat`);
  place = null;
  if (chat.status === 'open') connection.send({ type: 'queue_status', chat: current });
}

function presence({ chat, agent }) {
  const known = chats.get(chat);
  if (known) known.agent_presence = agent;
  render();
}

// The current chat

/** Turns to the chat that goes on, or the one shown before, even if it has ended. True if that is another. */
function choose() {
  const going = [...chats.values()].filter(({ status }) => status === 'open' || status === 'in_progress');
  const kept = chats.get(shared.get(CURRENT));
  const newest = going.sort((a, b) => b.created_at - a.created_at)[0];
  const next = going.includes(kept) ? kept : (newest ?? kept);
  return setCurrent(next?.chat ?? (chats.has(current) ? current : null));
}

function setCurrent(chat) {
  if (chat === current) return false;
  current = chat;
  transcript = new Transcript('public_seq');
  live = false;
  place = null;
  log.clear();
  if (chat === null) shared.remove(CURRENT);
  else shared.set(CURRENT, chat);
  return chat !== null;
}

/** Begins or resumes the live entries of the current chat, from where this page is. */
async function subscribe() {
  const chat = current;
  const status = chats.get(chat)?.status;
  if (status === 'open') connection.send({ type: 'queue_status', chat });
  live = false;
  try {
    const page = await connection.request({ type: 'subscribe', chat, ...transcript.position });
    if (chat !== current) return;
    if (!transcript.resume(page)) return void subscribe();
    pageSize = Math.min(Math.max(page.entries.length, 50), 200);
    live = true;
    render();
  } catch (error) {
    if (error.code === 'unknown_chat' && chat === current) {
      chats.delete(chat);
      setCurrent(null);
      render();
    }
  }
}

function addLive(entry, target) {
  if (target) transcript.amend([target]);
  // A number was left out: ask for what lies between.
  if (transcript.add(entry) === false && live) subscribe();
}

async function older() {
  const [chat, before] = [current, transcript.first];
  const page = await connection.request({ type: 'read_history', chat, before, limit: pageSize }).catch(() => null);
  if (page && chat === current) transcript.prepend(page.entries);
  render();
}

function accepted(item, { public_seq, at }) {
  const chat = chats.get(item.chat);
  if (item.chat !== current || !chat) return render();
  log.rename(pendingKey(item.id), entryKey(public_seq));
  const author = { kind: 'customer', name: chat.customer_name };
  addLive({ public_seq, at, author, to: chat.agent, body: { kind: 'message', text: item.text } });
  return render();
}

/** A message that failed in a chat which is not here any more has no line to say so. */
function changed(item) {
  if (item.state === 'failed' && !chats.has(item.chat)) {
    notify(`Not sent, ${item.reason}: “${item.text}”`);
    outbox.remove(item.id);
  }
  render();
}

function setPlace(chat, next) {
  if (chat === current && next) {
    place = next;
    if (place.place === 1) announce('You are next in line');
  }
  render();
}

function markSeen() {
  if (!live || current === null) return;
  const { delivered, read } = chats.get(current).own_receipts;
  const sawAll = watched() && log.atEnd;
  seen.mark(current, Math.max(delivered, transcript.last), sawAll ? transcript.last : read);
  if (sawAll) chats.get(current).own_receipts.read = Math.max(read, transcript.last);
}

// Writing and ending

function send() {
  const text = byId('text').value.trim();
  if (!text || current === null) return;
  byId('text').value = '';
  typist.stop();
  tab.remove(DRAFT);
  outbox.add('send_message', current, text);
}

byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  send();
  byId('text').focus();
});
sendOnEnter(byId('text'), send);
byId('text').addEventListener('input', () => {
  tab.set(DRAFT, byId('text').value);
  typist.wrote(current, byId('text').value);
});

byId('end').addEventListener('click', async () => {
  const chat = current;
  const waiting = chats.get(chat)?.status === 'open';
  const question = waiting ? 'Leave the queue? You lose your place.' : 'End this chat? You can still read it.';
  if (!(await confirm(question, waiting ? 'Leave the queue' : 'End chat'))) return;
  connection.request({ type: 'end_chat', chat }).catch((error) => notify(`Not ended: ${error.message}`));
});

byId('again').addEventListener('click', () => {
  chats.delete(current);
  setCurrent(null);
  render();
  byId('name').focus();
});

// Showing

function render() {
  const chat = chats.get(current);
  const ended = chat && (chat.status === 'resolved' || chat.status === 'closed');
  const waiting = chat?.status === 'open';
  // Until the first `ready` it is not known which of the two to show.
  show(byId('home'), !chat && start.known);
  show(byId('chat'), Boolean(chat));
  start.render();
  document.title = titleText({ chat, place, waiting, unread: unread() });
  if (!chat) return;
  byId('chat').dataset.status = chat.status;
  byId('chat').dataset.chat = chat.chat;
  say(byId('title'), waiting ? 'Waiting for an agent' : chat.agent ? `Chat with ${chat.agent}` : 'Chat');
  say(byId('presence'), presenceText(chat));
  show(byId('end'), !ended);
  say(byId('end'), waiting ? 'Leave queue' : 'End chat');
  show(byId('composer'), !ended);
  show(byId('ended'), ended);
  say(byId('ended-text'), ended ? endedText(chat) : '');
  const typing = typings.of(current);
  say(byId('typing'), typing ? `${typing.agent} is typing…` : '');
  show(byId('typing'), typing !== undefined);
  show(byId('preview-note'), preview);
  renderPlace(waiting);
  renderLog(chat);
  markSeen();
}

function renderPlace(waiting) {
  const box = byId('line');
  show(box, waiting);
  if (!waiting) return;
  const { number, ahead, note } = placeText(place, connected);
  say(byId('line-number'), number);
  say(byId('line-ahead'), ahead);
  say(byId('line-note'), note);
  box.classList.toggle('stale', !connected);
  box.dataset.position = place?.place ?? '';
  box.dataset.ahead = place?.ahead ?? '';
  box.dataset.agentsOnline = place?.agents_online ?? '';
}

function renderLog(chat) {
  const items = itemsOf({
    entries: transcript.list(),
    pending: outbox.of(current),
    number: 'public_seq',
    mine: (author) => author.kind === 'customer',
    reader: 'customer',
    names: { customer: chat.customer_name, me: chat.customer_name, other: chat.agent },
    receipts: chat.other_receipts,
    open: (at) => !['resolved', 'closed'].includes(chat.status) && corrections.open(at),
  });
  log.update(items, live && transcript.first > 1);
}

function unread() {
  const chat = chats.get(current);
  if (!chat || watched()) return 0;
  const { read } = chat.own_receipts;
  const fromAgent = ({ public_seq, author }) => public_seq > read && author.kind === 'agent';
  return transcript.list().filter(fromAgent).length;
}

window.addEventListener('focus', render);
// What can no longer be changed loses its buttons.
setInterval(render, 30_000);
document.addEventListener('visibilitychange', () => {
  const waiting = chats.get(current)?.status === 'open';
  if (waiting && !document.hidden) connection.send({ type: 'queue_status', chat: current });
  render();
});
byId('text').value = tab.get(DRAFT) ?? '';
connection.start();
