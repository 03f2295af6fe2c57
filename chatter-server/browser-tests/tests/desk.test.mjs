// The whole desk by hand: offers, transfers, changed messages, typing, the queue, supervision.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Agent, Customer, Windows, eventually, launch } from '../lib/browser.mjs';
import { AGENTS, SUPERVISOR, Server } from '../lib/server.mjs';

let server;
let browser;
let windows;

before(async () => {
  [server, browser] = await Promise.all([Server.start({ maxChats: 50, desk: true }), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.end();
});
beforeEach(() => {
  windows = new Windows(browser);
});
afterEach(() => windows.close());

const come = async (who) => Agent.come(await windows.person(), server.url, who);
const visit = async () => Customer.open(await windows.person(), server.url);

/** A customer and Ada, connected. */
async function pair(name) {
  const agent = await come(AGENTS.ada);
  const customer = await visit();
  await customer.join(name);
  await customer.status('in_progress');
  await agent.openChat(name);
  return { agent, customer };
}

/** What the log says by itself. */
const systemLine = (person, text) => person.at('log').getByText(text).waitFor();

async function change(person, text, button) {
  const line = person.at('message').filter({ hasText: text });
  await line.hover();
  await line.getByRole('button', { name: button }).click();
}

test('the start page says that a category is full, live, and joins nothing then', async () => {
  const first = await visit();
  const second = await visit();
  await second.at('category').selectOption({ label: 'Sales' });
  const availability = () => second.at('availability').getAttribute('data-availability');
  await eventually(availability, 'away', 'the availability');
  await first.join('Fred First', { category: 'Sales' });
  await first.status('open');
  await eventually(availability, 'full', 'the availability');
  await eventually(() => second.at('join').getAttribute('aria-disabled'), 'true');
  await first.at('end').click();
  await first.yes();
  await eventually(availability, 'away', 'the availability');
  await eventually(() => second.at('join').getAttribute('aria-disabled'), 'false');
});

test('a chat is offered, declined with a reason, offered again and accepted', async () => {
  const ada = await come(AGENTS.ada);
  const customer = await visit();
  await customer.join('Olga Offer', { category: 'Sales', subject: 'A lamp' });
  const asked = (agent) => agent.at('offer').filter({ hasText: 'Olga Offer' });
  await asked(ada).getByText('A lamp').waitFor();
  assert.match(await asked(ada).getByTestId('offer-left').textContent(), /^\d+ s left$/);
  await customer.status('open');
  await asked(ada).getByTestId('decline-reason').selectOption('busy');
  await asked(ada).getByTestId('decline').click();
  await eventually(() => asked(ada).count(), 0, 'the end of the offer');
  const bea = await come(AGENTS.bea);
  await asked(bea).getByTestId('accept').click();
  await customer.status('in_progress');
  await bea.item('Olga Offer').waitFor();
  await eventually(() => asked(bea).count(), 0, 'the end of the offer');
  await eventually(() => customer.at('title').textContent(), 'Chat with Bea');

  // Where chats are offered, a transfer is an offer too, and stays where it was when it is declined.
  await bea.openChat('Olga Offer');
  await bea.transfer('Ada');
  await asked(ada).getByText('transfer from Bea').waitFor();
  await asked(ada).getByTestId('decline').click();
  await eventually(() => bea.at('notice').textContent(), 'Ada did not take the chat: declined. It stays with you.');
  await eventually(() => customer.at('title').textContent(), 'Chat with Bea');
});

test('a chat is transferred to a colleague with a note that the customer does not get', async () => {
  const { agent: ada, customer } = await pair('Tina Transfer');
  const bea = await come(AGENTS.bea);
  await ada.transfer('Bea', 'knows about confidential lamps');
  await bea.openChat('Tina Transfer');
  await bea.at('note').filter({ hasText: 'confidential lamps' }).waitFor();
  await eventually(() => ada.item('Tina Transfer').count(), 0, 'the chat to be gone');
  await systemLine(customer, 'The chat was transferred to Bea');
  await bea.say('Bea here');
  await eventually(() => customer.messages(), ['them: Bea here']);
  assert.equal(customer.frames.some((frame) => String(frame).includes('confidential')), false);
});

test('own messages are edited and deleted, for both sides, also after a reload', async () => {
  const { agent, customer } = await pair('Edith Edit');
  await customer.say('my lapm is broken');
  await eventually(() => agent.messages(), ['them: my lapm is broken']);
  await change(customer, 'my lapm', /^Edit/);
  await customer.at('edit-text').fill('my <b>lamp</b> is broken');
  await customer.at('edit-save').click();
  const edited = 'my <b>lamp</b> is broken';
  await eventually(() => customer.messages(), [`me: ${edited}`]);
  await eventually(() => agent.messages(), [`them: ${edited}`]);
  await eventually(() => agent.at('edited').isVisible(), true);
  assert.equal(await agent.at('message').getByRole('button', { name: /^Edit/ }).count(), 0, 'not the other’s');

  await agent.say('a wrong answer');
  await eventually(async () => (await customer.messages()).length, 2);
  await change(agent, 'a wrong answer', /^Delete/);
  await agent.yes();
  const after = (first, second) => [`${first}: ${edited}`, `${second}: This message was deleted`];
  await eventually(() => agent.messages(), after('them', 'me'));
  await eventually(() => customer.messages(), after('me', 'them'));
  await customer.page.reload();
  await eventually(() => customer.messages(), after('me', 'them'));
  await agent.page.reload();
  await agent.openChat('Edith Edit');
  await eventually(() => agent.messages(), after('them', 'me'));
});

test('the agent sees what the customer types, the customer only that the agent does', async () => {
  const { agent, customer } = await pair('Petra Preview');
  await customer.at('preview-note').waitFor();
  await customer.at('message-text').fill('not sent <i>yet</i>');
  await eventually(() => agent.at('typing').textContent(), 'Petra Preview is typing: not sent <i>yet</i>');
  assert.deepEqual(await agent.messages(), []);
  await customer.at('message-text').press('Enter');
  await eventually(() => agent.messages(), ['them: not sent <i>yet</i>']);
  await eventually(() => agent.at('typing').isVisible(), false);
  await agent.at('message-text').fill('a secret draft');
  await eventually(() => customer.at('typing').textContent(), 'Ada is typing…');
  await agent.at('message-text').fill('');
  await eventually(() => customer.at('typing').isVisible(), false);
  assert.equal(customer.frames.some((frame) => String(frame).includes('secret draft')), false);
});

test('a waiting chat is explained, taken out of the queue by hand and put back', async () => {
  const ada = await come(AGENTS.ada);
  await ada.at('state').selectOption('away');
  const customer = await visit();
  await customer.join('Wanda Wait');
  await customer.status('open');
  await ada.unfold('queue');
  const waiting = ada.at('waiting-chat').filter({ hasText: 'Wanda Wait' });
  await waiting.getByTestId('why-waiting').click();
  await ada.at('explanation').getByText('Nobody who serves the category is online and connected').waitFor();
  await ada.at('explanation').getByText('Ada (').waitFor();
  await ada.at('explanation-close').click();
  await waiting.getByTestId('take').click();
  await customer.status('in_progress');
  await ada.openChat('Wanda Wait');
  await eventually(() => waiting.count(), 0, 'the queue to know');
  await ada.unfold('more');
  await ada.at('put-back').click();
  await customer.status('open');
  await eventually(() => waiting.count(), 1, 'the queue to know');
  await ada.at('state').selectOption('online');
  await eventually(() => ada.at('agents').textContent(), '1 agent signed in, 1 online');
});

test('a supervisor watches and whispers unseen by the customer, joins, and takes over', async () => {
  const { agent: ada, customer } = await pair('Susi Supervised');
  const cleo = await come(SUPERVISOR);
  await cleo.unfold('team');
  await cleo.at('colleague').filter({ hasText: 'Ada' }).getByTestId('why-none').click();
  await cleo.at('explanation').getByText(/^Of 50 slots: \d+ active/).waitFor();
  await cleo.at('explanation-close').click();
  await cleo.at('watch-number').fill(await customer.chat());
  await cleo.at('watch-open').click();
  await eventually(() => cleo.at('title').textContent(), 'Susi Supervised', 'the watched chat');
  await eventually(() => cleo.at('mode-whisper').isChecked(), true);
  await cleo.say('offer a hushed refund');
  const whisper = ada.at('whisper').filter({ hasText: 'hushed refund' });
  await whisper.waitFor();
  assert.equal(await whisper.getAttribute('data-from'), 'them');
  await cleo.unfold('more');
  await cleo.at('join-chat').click();
  await systemLine(customer, 'Cleo joined the chat');
  await eventually(() => ada.at('viewers').textContent(), 'Also here: Cleo');
  await cleo.at('mode-reply').check();
  await cleo.say('Hello from Cleo');
  await eventually(() => customer.messages(), ['them: Hello from Cleo']);
  await cleo.unfold('more');
  await cleo.at('take-over').click();
  await eventually(() => customer.at('title').textContent(), 'Chat with Cleo');
  await customer.page.reload();
  await eventually(() => customer.messages(), ['them: Hello from Cleo']);
  assert.equal(customer.frames.some((frame) => String(frame).includes('hushed')), false);
});
