// What is done with the open chat beyond writing: transfer, put back, and what a supervisor may do.

import { byId, make, notify, show } from './view.js';

export class Actions {
  #desk;
  #names = '';

  /** `desk` has `request(frame)`, `current()`, `others()`, `categories()` and `done()`. */
  constructor(desk) {
    this.#desk = desk;
    for (const [id, type] of Object.entries({ 'put-back': 'unassign_chat', join: 'join_chat', leave: 'leave_chat', 'take-over': 'take_over' })) {
      byId(id).addEventListener('click', () => this.#ask({ type }));
    }
    this.#form('transfer', () => this.#transfer());
    this.#form('assign', () => {
      const agent = Number(byId('assign-to').value);
      return this.#ask({ type: 'assign_chat', agent, override_limit: byId('override').checked });
    });
    this.#form('merge', () => this.#ask({ type: 'merge_chats', into: Number(byId('merge-into').value) }));
  }

  /** Offers what this agent may do with this chat; the server decides in the end. */
  render(chat, { me, permissions }) {
    const { view, mine, ended } = chat;
    const [watches, assigns] = ['watch', 'assign'].map((permission) => permissions.includes(permission));
    const going = !ended && !view.team;
    const holds = going && view.agent === me;
    const joined = going && (view.joined ?? []).includes(me);
    show(byId('more'), going);
    show(byId('transfer'), holds);
    show(byId('put-back'), holds || (assigns && view.agent !== undefined));
    show(byId('join'), watches && !mine);
    show(byId('leave'), joined);
    show(byId('take-over'), assigns && view.agent !== undefined && !holds);
    show(byId('assign'), assigns);
    show(byId('override-label'), permissions.includes('override'));
    show(byId('merge'), mine || assigns);
    this.#choices(byId('assign-to'), byId('transfer-to'));
  }

  /** Fills the lists of agents and categories where these have changed. */
  #choices(assignTo, transferTo) {
    const [agents, categories] = [this.#desk.others(), this.#desk.categories()];
    const names = JSON.stringify([agents.map(({ agent, name }) => [agent, name]), categories]);
    if (names === this.#names) return;
    this.#names = names;
    const options = (kind) => agents.map(({ agent, name }) => make('option', { value: `${kind}${agent}` }, name));
    assignTo.replaceChildren(...options(''));
    const places = categories.map(([category, name]) => make('option', { value: `to_category ${category}` }, name));
    transferTo.replaceChildren(
      make('optgroup', { label: 'To an agent' }, ...options('to_agent ')),
      make('optgroup', { label: 'To a category' }, ...places),
    );
  }

  #transfer() {
    const [field, number] = byId('transfer-to').value.split(' ');
    const note = byId('transfer-note').value.trim() || undefined;
    byId('transfer-note').value = '';
    return this.#ask({ type: 'transfer_chat', [field]: Number(number), note });
  }

  #form(id, submit) {
    byId(id).addEventListener('submit', (event) => {
      event.preventDefault();
      submit();
    });
  }

  async #ask(frame) {
    try {
      await this.#desk.request({ chat: this.#desk.current(), ...frame });
      byId('more').open = false;
    } catch (error) {
      notify(`Not done: ${error.message}`);
    }
    this.#desk.done();
  }
}
