// The colleagues: who is there and how busy, talking to one of them, and why somebody gets no chat.

import { agentLines, showLines } from './explain.js';
import { byId, make, notify } from './view.js';

const REFRESH_MS = 5_000;
const STATES = { online: 'online', away: 'away', last_call: 'last call', offline: 'offline' };

export class Team {
  #request;
  #words;
  #openChat;
  #agents = new Map();
  #me = null;
  #watches = false;
  #shown = '';
  #drawn = '';
  #named;
  #asked = 0;
  #missed = new Set();
  #later;
  #paused = true;

  /** `openChat(team_chat)` turns to a conversation; `named()` hears that there are names which were not known. */
  constructor(request, words, { openChat, named }) {
    this.#request = request;
    this.#words = words;
    this.#openChat = openChat;
    this.#named = named;
    byId('team').addEventListener('toggle', () => this.#look());
    byId('more').addEventListener('toggle', () => byId('more').open && this.refresh());
    // Loads change without news.
    setInterval(() => this.#look(), REFRESH_MS);
  }

  /** `watches`: whether this agent may ask about others than themselves. */
  begin(me, { watches }) {
    this.#me = me;
    this.#watches = watches;
    this.#shown = '';
    this.#paused = false;
    this.refresh();
  }

  /** Nothing is asked until `begin`: the connection is gone. */
  pause() {
    this.#paused = true;
    this.#settle();
    this.#missed.clear();
  }

  /** The name of an agent; of one who was added since, it is asked for. */
  name(agent) {
    const known = this.#agents.get(agent);
    if (!known) this.#askFor(agent);
    return known?.name ?? `agent ${agent}`;
  }

  /** Everybody but oneself. */
  get others() {
    return [...this.#agents.values()].filter(({ agent }) => agent !== this.#me);
  }

  /** The numbers of agents changed. The answer is as long as the team and these change all the time, so it is read only
   * for somebody who looks at it. */
  numbers(agents) {
    const shown = JSON.stringify(agents);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#look();
  }

  /** Not at every turn: what comes too soon is asked for when its time has come, once for all who are missed by then.
   * Somebody who is missed already may be gone for good and have no name; nobody waits for that one. */
  #askFor(agent) {
    if (this.#paused) return;
    const rest = this.#asked + REFRESH_MS - Date.now();
    if (rest > 0 && this.#missed.has(agent)) return;
    this.#missed.add(agent);
    this.#later ??= setTimeout(() => this.refresh(), Math.max(0, rest));
  }

  /** What was to be asked later is answered, or cannot be. */
  #settle() {
    clearTimeout(this.#later);
    this.#later = undefined;
  }

  async refresh() {
    if (this.#paused) return;
    this.#settle();
    this.#asked = Date.now();
    const answer = await this.#request({ type: 'read_team' }).catch(() => null);
    // It also names whoever was missed since it was asked for: they were there before it was given.
    this.#settle();
    if (!answer) return this.#askLater();
    const known = this.#agents;
    this.#agents = new Map(answer.agents.map((agent) => [agent.agent, agent]));
    this.#draw(answer);
    const others = known.size !== this.#agents.size;
    if (others || answer.agents.some(({ agent, name }) => known.get(agent)?.name !== name)) this.#named();
  }

  /** What was not answered is asked again, while there is a connection. */
  #askLater() {
    if (!this.#paused) this.#later ??= setTimeout(() => this.refresh(), REFRESH_MS);
  }

  #draw(answer) {
    const drawn = JSON.stringify([answer.agents, this.#me, this.#watches]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    byId('team-list').replaceChildren(...answer.agents.map((agent) => this.#row(agent)));
  }

  #look() {
    if (byId('team').open) this.refresh();
  }

  #row({ agent, name, state, connected, load, max_chats: most, categories, chats = [] }) {
    const where = categories.map((category) => this.#words.category(category)).join(', ');
    const there = connected ? '' : ', not connected';
    const held = chats.length > 0 ? ` · chats ${chats.join(', ')}` : '';
    const about = `${STATES[state] ?? state}${there} · ${load} of ${most} · ${where}${held}`;
    const buttons = make('div', { class: 'row' });
    if (agent !== this.#me) {
      const talk = make('button', { type: 'button', class: 'small', 'data-testid': 'talk' }, 'Talk');
      talk.addEventListener('click', () => this.#do(() => this.#talk(agent)));
      buttons.append(talk);
    }
    if (agent === this.#me || this.#watches) {
      const why = make('button', { type: 'button', class: 'small', 'data-testid': 'why-none' }, 'Why none?');
      why.addEventListener('click', () => this.#do(() => this.#explain(agent)));
      buttons.append(why);
    }
    const row = { 'data-testid': 'colleague', 'data-agent': agent, 'data-state': state };
    return make('li', row, make('strong', {}, name), make('p', { class: 'about' }, about), buttons);
  }

  async #talk(agent) {
    const { team_chat: chat } = await this.#request({ type: 'open_team_chat', agent });
    this.#openChat(chat);
  }

  async #explain(agent) {
    const { explanation } = await this.#request({ type: 'explain_agent', agent });
    showLines(`Why does ${this.#words.agent(agent)} get no chat?`, agentLines(explanation, this.#words));
  }

  async #do(step) {
    try {
      await step();
    } catch (error) {
      notify(`Not done: ${error.message}`);
    }
  }
}

/** A conversation of agents in the form of a chat, so that the same view shows it. */
export function asView(team, me) {
  const own = team.members.find(({ agent }) => agent === me);
  const other = team.members.find(({ agent }) => agent !== me);
  return {
    ...team,
    team: true,
    status: 'team',
    customer_name: other?.name ?? 'Nobody',
    own_receipts: own?.receipts ?? { delivered: 0, read: 0 },
    other_receipts: other?.receipts ?? { delivered: 0, read: 0 },
  };
}
