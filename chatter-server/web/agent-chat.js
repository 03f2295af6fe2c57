// The open chat of an agent: its log, what is written, its subject, priority and end.

import { Corrections } from './corrections.js';
import { entryKey, itemsOf, pendingKey } from './items.js';
import { Log } from './log.js';
import { Actions } from './agent-actions.js';
import { watched } from './seen.js';
import { tab } from './storage.js';
import { Typist } from './typing.js';
import { byId, confirm, notify, say, sendOnEnter, show } from './view.js';

const PRESENCE = {
  joined: 'is here',
  connection_lost: 'lost the connection and may be back soon',
  left: 'is not here',
};

export class OpenChat {
  #desk;
  #log;
  #current = null;
  #editing = false;
  #actions;
  #typist;
  corrections;

  /** `desk` has `connection`, `chats`, `outbox`, `seen`, `typings`, `viewers`, `permissions()`, `others()`,
   * `categories()`, `me()` and `changed()`. */
  constructor(desk) {
    this.#desk = desk;
    this.#log = new Log(
      { box: byId('log'), list: byId('lines'), pill: byId('pill'), older: byId('older') },
      {
        retry: ({ key }) => desk.outbox.retry(key.slice(1)),
        remove: ({ key }) => (desk.outbox.remove(key.slice(1)), desk.changed()),
        edit: ({ number, text }) => this.corrections.edit(this.#current, number, text),
        erase: ({ number }) => this.corrections.erase(this.#current, number),
        older: () => desk.chats.older(this.#current),
        seen: () => this.markSeen(),
      },
    );
    const request = (frame) => desk.connection.request(frame);
    this.corrections = new Corrections(request);
    this.#typist = new Typist((frame) => desk.connection.send(frame), { everyMs: 2_000, preview: () => false });
    const { others, categories } = desk;
    this.#actions = new Actions({ request, current: () => this.#current, others, categories, done: () => desk.changed() });
    this.#listen();
  }

  get current() {
    return this.#current;
  }

  get #chat() {
    return this.#desk.chats.get(this.#current);
  }

  /**
   * Turns to another chat, or to none. Drafts stay with the chat they were written for, and only somebody who
   * asked for the chat gets the focus: what is being typed must not end up elsewhere.
   */
  open(id, { asked }) {
    if (id === this.#current) return;
    this.#typist.stop();
    this.#current = id;
    this.#editing = false;
    this.#log.clear();
    this.#desk.changed();
    byId('text').value = tab.get(this.#draftKey) ?? '';
    this.#log.toEnd();
    if (id !== null && asked) byId('text').focus();
  }

  /** A message has got its number: its line stays where it is. */
  accepted(item, seq) {
    if (item.chat === this.#current) this.#log.rename(pendingKey(item.id), entryKey(seq));
  }

  render() {
    this.#render();
    this.markSeen();
  }

  #render() {
    const chat = this.#chat;
    if (!chat) this.#current = null;
    show(byId('chat'), Boolean(chat));
    show(byId('none'), !chat);
    byId('console').classList.toggle('open', Boolean(chat));
    if (!chat) return;
    const { view } = chat;
    byId('chat').dataset.chat = chat.id;
    byId('chat').dataset.status = view.status;
    say(byId('title'), view.customer_name);
    say(byId('presence'), this.#presence(view));
    const held = view.status === 'in_progress';
    show(byId('end'), held && chat.mine);
    show(byId('reopen'), view.status === 'resolved');
    this.#company(chat);
    this.#modes(chat);
    show(byId('details'), !view.team);
    const watchesOnly = !chat.mine && !chat.ended;
    byId('subject').disabled = watchesOnly;
    byId('save-subject').disabled = watchesOnly;
    byId('priority').disabled = watchesOnly && !this.#desk.permissions().includes('assign');
    this.#actions.render(chat, { me: this.#desk.me().agent, permissions: this.#desk.permissions() });
    if (!this.#editing) byId('subject').value = view.subject ?? '';
    byId('priority').value = view.priority;
    this.#renderLog(chat);
  }

  /** Tells the server how far this page has got and, when somebody looks, how far was read. */
  markSeen() {
    for (const { id, live, view, transcript } of [...this.#desk.chats.own, ...this.#desk.chats.team]) {
      if (!live) continue;
      const { delivered, read } = view.own_receipts;
      const sawAll = id === this.#current && watched() && this.#log.atEnd;
      this.#desk.seen.mark(id, Math.max(delivered, transcript.last), sawAll ? transcript.last : read);
      if (!sawAll) continue;
      view.own_receipts.read = Math.max(read, transcript.last);
      view.unread = 0;
    }
  }

  #presence({ status, customer_name: name, customer_presence: presence }) {
    if (status === 'team') return 'Your conversation; customers never see it';
    if (status === 'open') return 'Waiting in the queue';
    return status === 'in_progress' ? `${name} ${PRESENCE[presence] ?? ''}` : 'This chat has ended';
  }

  /** Who else is here, and what the customer types. */
  #company({ id, view }) {
    const others = (this.#desk.viewers.get(id) ?? []).filter(({ agent }) => agent !== this.#desk.me().agent);
    const names = others.map(({ name, writing }) => (writing ? `${name} (writing)` : name));
    say(byId('viewers'), names.length > 0 ? `Also here: ${names.join(', ')}` : '');
    show(byId('viewers'), names.length > 0);
    const typing = this.#desk.typings.of(id);
    say(byId('typing'), typing ? `${view.customer_name} is typing${typing.text ? `: ${typing.text}` : '…'}` : '');
    show(byId('typing'), typing !== undefined);
  }

  /** What can be written here: replies by who takes part, notes and whispers by who watches too. */
  #modes({ mine, view }) {
    const watches = this.#desk.permissions().includes('watch');
    const holds = view.agent === this.#desk.me().agent;
    const may = { send_message: mine || view.team, send_note: !view.team && (mine || watches), whisper: !view.team && watches && !holds };
    show(byId('composer'), view.team || (view.status !== 'resolved' && view.status !== 'closed' && (mine || watches)));
    show(byId('modes'), !view.team);
    show(byId('mode-reply'), may.send_message);
    show(byId('mode-whisper'), may.whisper);
    if (may[this.#mode]) return;
    const next = may.send_message ? 'send_message' : 'whisper';
    const radio = document.querySelector(`input[name=mode][value=${next}]`);
    radio.checked = true;
    this.#modeChanged({ focus: false });
  }

  #renderLog({ id, live, view, transcript }) {
    const me = this.#desk.me();
    const items = itemsOf({
      entries: transcript.list(),
      pending: this.#desk.outbox.of(id),
      number: 'seq',
      mine: (author) => author.kind === 'agent' && author.agent === me.agent,
      reader: 'staff',
      names: { customer: view.customer_name, me: me.name, other: view.customer_name },
      receipts: view.other_receipts,
      open: (at) => !view.team && this.corrections.open(at),
    });
    this.#log.update(items, live && transcript.first > 1);
  }

  get #mode() {
    return document.querySelector('input[name=mode]:checked').value;
  }

  get #draftKey() {
    return `chatter.draft.${this.#current}.${this.#mode}`;
  }

  #send() {
    const text = byId('text').value.trim();
    if (!text || this.#current === null) return;
    byId('text').value = '';
    this.#typist.stop();
    tab.remove(this.#draftKey);
    this.#desk.outbox.add(this.#mode, this.#current, text);
  }

  #modeChanged({ focus = true } = {}) {
    const note = this.#mode !== 'send_message';
    const whisper = this.#mode === 'whisper';
    this.#typist.stop();
    byId('composer').classList.toggle('note', note);
    show(byId('note-hint'), note);
    say(byId('send'), whisper ? 'Whisper' : note ? 'Add note' : 'Send');
    byId('text').placeholder = whisper ? 'Advice for the agent' : note ? 'Write a note for your team' : 'Write a reply';
    byId('text').value = tab.get(this.#draftKey) ?? '';
    if (focus) byId('text').focus();
  }

  /** Asks the server for a change; what it refuses is said, and the page shows what stands. */
  async #ask(frame) {
    try {
      await this.#desk.connection.request({ chat: this.#current, ...frame });
    } catch (error) {
      notify(`Not done: ${error.message}`);
    }
    this.#editing = false;
    this.#desk.changed();
  }

  #listen() {
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
      byId('text').focus();
    });
    sendOnEnter(byId('text'), () => this.#send());
    byId('text').addEventListener('input', () => {
      tab.set(this.#draftKey, byId('text').value);
      if (this.#mode === 'send_message' && !this.#chat?.view.team) this.#typist.wrote(this.#current, byId('text').value);
    });
    for (const radio of document.querySelectorAll('input[name=mode]')) {
      radio.addEventListener('change', () => this.#modeChanged());
    }
    byId('subject').addEventListener('input', () => {
      this.#editing = true;
    });
    byId('details').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#ask({ type: 'set_subject', subject: byId('subject').value.trim() || null });
    });
    byId('priority').addEventListener('change', () => this.#ask({ type: 'set_priority', priority: byId('priority').value }));
    byId('reopen').addEventListener('click', () => this.#ask({ type: 'reopen_chat' }));
    byId('end').addEventListener('click', async () => {
      if (await confirm('End this chat?', 'End chat')) this.#ask({ type: 'end_chat' });
    });
    byId('back').addEventListener('click', () => {
      this.open(null, { asked: true });
      byId('own').querySelector('button')?.focus();
    });
  }
}
