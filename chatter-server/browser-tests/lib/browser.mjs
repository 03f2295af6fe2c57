// Chromium, and people in front of it. Everything a page complains about is kept and makes the test fail.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WITHIN_MS = 15_000;

/** What the browser itself says when a server is away; the page can do nothing about it. */
const AWAY = [/WebSocket connection to .* failed/, /net::ERR_(CONNECTION_|INTERNET_DISCONNECTED|NETWORK_)/];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
}

/** The pages of one test, closed at its end, when it is also told what they complained about. */
export class Windows {
  #browser;
  #contexts = [];
  #complaints = [];
  #away = false;

  constructor(browser) {
    this.#browser = browser;
  }

  /** From here on the server or the network may be away. */
  mayBeAway() {
    this.#away = true;
  }

  /** Another person's browser. */
  async person(options = {}) {
    const context = await this.#browser.newContext({ viewport: { width: 1000, height: 700 }, ...options });
    context.setDefaultTimeout(WITHIN_MS);
    this.#contexts.push(context);
    context.on('page', (page) => this.#listen(page));
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    return context;
  }

  #listen(page) {
    page.on('pageerror', (error) => this.#complaints.push(String(error)));
    page.on('dialog', (dialog) => this.#complaints.push(`dialog: ${dialog.message()}`));
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      const text = message.text();
      if (!this.#away || !AWAY.some((pattern) => pattern.test(text))) this.#complaints.push(text);
    });
  }

  async close() {
    for (const context of this.#contexts) await context.close();
    assert.deepEqual(this.#complaints, [], 'the pages complained');
  }
}

/** Waits until `look` answers what is expected; fails with both when it never does. */
export async function eventually(look, expected, what = 'this') {
  const deadline = Date.now() + WITHIN_MS;
  let seen;
  while (Date.now() < deadline) {
    seen = await look();
    try {
      assert.deepEqual(seen, expected);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }
  assert.deepEqual(seen, expected, `${what} did not come about`);
}

/** What both pages have. */
class Person {
  constructor(page) {
    this.page = page;
    this.frames = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => this.frames.push(payload)));
  }

  at(id) {
    return this.page.getByTestId(id);
  }

  async say(text) {
    await this.at('message-text').fill(text);
    await this.at('message-text').press('Enter');
  }

  /** The messages in the log, as `me: text` and `them: text`. */
  messages() {
    const read = (rows) => rows.map((row) => `${row.dataset.from}: ${row.querySelector('.text').textContent}`);
    return this.at('log').getByTestId('message').evaluateAll(read);
  }

  /** The delivery state of the message with this text. */
  state(text) {
    return this.at('message').filter({ hasText: text }).getAttribute('data-state');
  }

  connection() {
    return this.page.locator('body').getAttribute('data-connection');
  }

  online() {
    return eventually(() => this.connection(), 'online', 'the connection');
  }

  /** Confirms the question on the page. */
  async yes() {
    await this.at('confirm-yes').click();
  }
}

export class Customer extends Person {
  /** Opens the page in a browser and waits until it knows what to show. */
  static async open(context, url) {
    const customer = new Customer(await context.newPage());
    await customer.page.goto(url);
    await customer.online();
    return customer;
  }

  async join(name, { category = 'General', subject = '' } = {}) {
    await this.at('name').fill(name);
    await this.at('category').selectOption({ label: category });
    await this.at('subject').fill(subject);
    await this.at('join').click();
    await this.at('chat').waitFor();
  }

  /** Place, people ahead and agents online, as on the page. */
  place() {
    const read = ({ dataset }) => [dataset.position, dataset.ahead, dataset.agentsOnline].map(Number);
    return this.at('place').evaluate(read);
  }

  placeIs(...expected) {
    return eventually(() => this.place(), expected, 'the place in line');
  }

  status(expected) {
    return eventually(() => this.at('chat').getAttribute('data-status'), expected, 'the status');
  }

  chat() {
    return this.at('chat').getAttribute('data-chat');
  }
}

export class Agent extends Person {
  static async open(context, url) {
    const agent = new Agent(await context.newPage());
    await agent.page.goto(`${url}/agent`);
    return agent;
  }

  async signIn({ username, password }) {
    await this.at('username').fill(username);
    await this.at('password').fill(password);
    await this.at('sign-in-button').click();
  }

  /** Signs in and waits for the console. */
  static async come(context, url, who) {
    const agent = await Agent.open(context, url);
    await agent.signIn(who);
    await agent.at('console').waitFor();
    await eventually(() => agent.at('state').inputValue(), 'online', 'the state');
    return agent;
  }

  item(name) {
    return this.at('chat-item').filter({ hasText: name });
  }

  /** Opens the chat of the customer with this name. */
  async openChat(name) {
    await this.item(name).click();
    await eventually(() => this.at('title').textContent(), name, 'the open chat');
  }

  /** Opens one of the panels on the side or under the title. */
  async unfold(id) {
    const open = await this.at(id).evaluate((panel) => panel.open);
    if (!open) await this.at(`${id}-open`).click();
  }

  /** The names of the colleagues to whom the open chat may be transferred. */
  async targets() {
    const names = await this.at('transfer-to').locator('optgroup').first().locator('option').allTextContents();
    return names.sort();
  }

  /** Transfers the open chat to a colleague. */
  async transfer(to, note = '') {
    await this.unfold('more');
    await eventually(async () => (await this.targets()).includes(to), true, 'the colleague');
    await this.at('transfer-to').selectOption({ label: to });
    await this.at('transfer-note').fill(note);
    await this.at('transfer').click();
  }
}
