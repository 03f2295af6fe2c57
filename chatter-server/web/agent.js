// The agent's page: sign in, take chats, answer.

import { OpenChat } from './agent-chat.js';
import { Chats } from './agent-chats.js';
import { drawAgents, drawChats } from './agent-list.js';
import { Offers } from './agent-offers.js';
import { Queue } from './agent-queue.js';
import { Team, asView } from './agent-team.js';
import { setClock } from './clock.js';
import { Connection } from './connection.js';
import { KINDS } from './items.js';
import { Outbox } from './outbox.js';
import { Seen, watched } from './seen.js';
import { tab } from './storage.js';
import { Typings } from './typing.js';
import { Banner, announce, byId, confirm, counted, notify, say, show } from './view.js';

const TOKEN = 'chatter.agent_token';
const AGENT = 'chatter.agent';
const SIGN_IN_AGAIN = 'Your session has ended. Please sign in again.';

let me = null;
let password = null;
let categories = new Map();
let permissions = [];
let away = false;
let agents = { signed_in: 0, online: 0, categories: [] };

const connection = new Connection({ credentials, onReady, onFrame, onState, onRefused });
const banner = new Banner(() => connection.tryNow());
const seen = new Seen((frame) => connection.send(frame));
const chats = new Chats(connection, seen);
const outbox = new Outbox({
  store: tab,
  prefix: 'chatter.unsent.',
  request: (frame) => connection.request(frame),
  onAccepted: accepted,
  onChange: changed,
});
const viewers = new Map();
const typings = new Typings(render);
const request = (frame) => connection.request(frame);
const words = {
  agent: (number) => (number === me?.agent ? me.name : team.name(number)),
  category: (number) => categories.get(number) ?? `Category ${number}`,
};
const team = new Team(request, words, {
  openChat: (chat) => {
    took(chats.take(asView(chat, me.agent)), { quiet: true });
    open.open(chat.chat, { asked: true });
  },
  named,
});
const offers = new Offers(request, words);
const queue = new Queue(request, words);
const open = new OpenChat({
  connection,
  chats,
  outbox,
  seen,
  typings,
  viewers,
  permissions: () => permissions,
  others: () => team.others,
  categories: () => [...categories],
  me: () => me,
  changed: render,
});
chats.changed = render;

// Connection

function credentials() {
  const role = 'agent';
  return password ? { role, ...password } : { role, token: tab.get(TOKEN) ?? undefined };
}

function onReady(frame) {
  const signedIn = password !== null;
  password = null;
  if (frame.agent_token) tab.set(TOKEN, frame.agent_token);
  me = frame.agent;
  // What another agent left unsent in this window is not this one's to send.
  if (tab.get(AGENT) !== me.agent) outbox.clear();
  tab.set(AGENT, me.agent);
  agents = frame.agents;
  categories = new Map(frame.categories.map(({ category, name }) => [category, name]));
  // First what may have been sent already: its answer comes before the page that holds it.
  outbox.flush();
  setClock(frame.now);
  permissions = frame.permissions;
  open.corrections.limits(frame.limits);
  viewers.clear();
  typings.clear();
  const talks = frame.team_chats.map((chat) => asView(chat, me.agent));
  const watches = permissions.includes('watch');
  chats.begin(me.agent, [...frame.chats, ...talks], { watches });
  // The names are asked for before anything that they stand in.
  team.begin(me.agent, { watches });
  offers.begin(frame.offers);
  queue.begin(watches ? [...categories.keys()] : me.categories);
  if (signedIn && me.state === 'offline') setState('online');
  if (!byId('sign-in').hidden) announce(`Signed in as ${me.name}`);
  byId('password').value = '';
  render();
}

/** Colleagues have names now, or others. */
function named() {
  if (!me) return;
  offers.named();
  queue.named();
  render();
}

function onState(state) {
  away = state.name === 'lost';
  if (!connection.online) team.pause();
  banner.set(state);
  render();
}

function onRefused({ code, error, wasReady, hello }) {
  if (code === 4100) return true;
  const tooMany = error?.code === 'rate_limited' || error?.code === 'retry_later';
  const again = wasReady || hello.token;
  if (again && tooMany) return true;
  if (again) signedOut(SIGN_IN_AGAIN);
  else if (tooMany) signedOut(`Too many tries. Wait ${Math.ceil(error.retry_after_ms / 1_000)} s.`);
  else if (code === 4101) signedOut('User name or password is wrong.');
  else signedOut(error?.message ?? 'Signing in did not work. Please try again.');
  return false;
}

function onFrame(frame) {
  switch (frame.type) {
    case 'chat':
      return took(chats.take(frame.chat));
    case 'chat_gone':
      chats.drop(frame.chat);
      queue.refresh();
      return render();
    case 'offer':
      return offers.take(frame.offer);
    case 'offer_gone':
      return offers.gone(frame);
    case 'transfer_failed':
      return notify(`${words.agent(frame.to_agent)} did not take the chat: ${frame.how}. It stays with you.`);
    case 'viewers':
      viewers.set(frame.chat, frame.viewers);
      return render();
    case 'typing':
      typings.take(frame);
      return render();
    case 'team_chat':
      return took(chats.take(asView(frame.team_chat, me.agent)), { quiet: true });
    case 'entry':
      return entered(frame);
    case 'presence':
      return presence(frame);
    case 'agent':
      me = frame.agent;
      return render();
    case 'agents':
      agents = frame.agents;
      queue.numbers(agents);
      team.numbers(agents);
      return render();
    default:
      return undefined;
  }
}

function took(chat, { quiet = false } = {}) {
  if (chat && chats.asked(chat.id)) open.open(chat.id, { asked: true });
  else if (chat && !quiet) {
    announce(`New chat from ${chat.view.customer_name}`);
    // Nothing else is open, so nobody is disturbed.
    if (open.current === null && !chat.ended) open.open(chat.id, { asked: false });
  }
  render();
}

function entered({ chat, entry, target }) {
  const fresh = chats.add(chat, entry, target);
  if (entry.author.kind === 'customer') typings.forget(chat);
  if (fresh && chat !== open.current && entry.author.kind === 'customer') announce(`Message from ${entry.author.name}`);
  render();
}

function presence({ chat, customer }) {
  const known = chats.get(chat);
  if (known) known.view.customer_presence = customer;
  render();
}

function accepted(item, { seq, public_seq, at }) {
  open.accepted(item, seq);
  const author = { kind: 'agent', agent: me.agent, name: me.name };
  const body = { kind: KINDS[item.type], text: item.text };
  const to = body.kind !== 'message' ? undefined : chats.get(item.chat)?.view.customer_name;
  chats.add(item.chat, { seq, public_seq, at, author, to, body });
  render();
}

/** A message that failed in a chat which is not here any more has no line to say so. */
function changed(item) {
  if (item.state === 'failed' && !chats.get(item.chat)) {
    notify(`Not sent, ${item.reason}: “${item.text}”`);
    outbox.remove(item.id);
  }
  render();
}

// Signing in and out, and one's own state

byId('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const [username, secret] = [byId('username').value.trim(), byId('password').value];
  if (!username || !secret) return signInError('Please give your user name and password.');
  signInError('');
  password = { username, password: secret };
  byId('sign-in-button').setAttribute('aria-disabled', 'true');
  return connection.start();
});

function signInError(text) {
  say(byId('sign-in-error'), text);
  show(byId('sign-in-error'), text !== '');
  if (text) byId('sign-in-error').focus();
}

function signedOut(text) {
  password = null;
  me = null;
  tab.remove(TOKEN);
  chats.clear();
  byId('sign-in-button').removeAttribute('aria-disabled');
  render();
  signInError(text);
  if (!text) byId('username').focus();
}

byId('sign-out').addEventListener('click', async () => {
  const losses = [];
  if (chats.own.length > 0) losses.push(`${counted(chats.own.length, 'chat')} will go back to the queue.`);
  if (outbox.size > 0) losses.push(`${counted(outbox.size, 'unsent message')} will be lost.`);
  if (losses.length > 0 && !(await confirm(`${losses.join(' ')} Sign out?`, 'Sign out'))) return;
  await connection.request({ type: 'sign_out', all: false }).catch(() => {});
  connection.stop();
  outbox.clear();
  signedOut('');
});

async function setState(state) {
  try {
    await connection.request({ type: 'set_agent_state', state });
  } catch (error) {
    notify(`State not changed: ${error.message}`);
  }
  render();
}

byId('state').addEventListener('change', async () => {
  const state = byId('state').value;
  const held = chats.own.length;
  const question = `${counted(held, 'chat')} will go back to the queue. Go offline?`;
  if (state === 'offline' && held > 0 && !(await confirm(question, 'Go offline'))) return render();
  return setState(state);
});

byId('watch').addEventListener('submit', async (event) => {
  event.preventDefault();
  const id = Number(byId('watch-number').value);
  if (chats.get(id)) return open.open(id, { asked: true });
  return chats.watch(id).catch((error) => notify(`Not opened: ${error.message}`));
});

// Showing

function render() {
  const signedIn = me !== null;
  const known = signedIn || tab.get(TOKEN) !== null;
  show(byId('sign-in'), !known);
  show(byId('console'), signedIn);
  // The sign-in form tells its own news; a page that never connected has lost nothing.
  byId('banner').classList.toggle('quiet', !known && !away);
  if (!signedIn) {
    document.title = 'Sign in – Chatter';
    return;
  }
  open.render();
  say(byId('who'), me.name);
  byId('state').value = me.state;
  byId('load').textContent = `${me.load} of ${me.max_chats} chats`;
  const pendingOf = (chat) => outbox.of(chat).length;
  drawChats(chats, { me: me.agent, current: open.current, pendingOf, onOpen: (id) => open.open(id, { asked: true }) });
  drawAgents(agents, words.category);
  show(byId('watch'), permissions.includes('watch'));
  const unread = [...chats.own, ...chats.team].reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread > 0 ? `(${unread}) Agents – Chatter` : 'Agents – Chatter';
}

window.addEventListener('focus', render);
// What can no longer be changed loses its buttons.
setInterval(render, 30_000);
document.addEventListener('visibilitychange', () => me && watched() && render());
if (tab.get(TOKEN)) connection.start();
else render();
