// Waiting in line: the place falls by itself, is kept over a reload, and ends in a chat.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Agent, Customer, Windows, eventually, launch } from '../lib/browser.mjs';
import { AGENTS, Server } from '../lib/server.mjs';

let server;
let browser;
let windows;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
beforeEach(async () => {
  server = await Server.start({ maxChats: 1 });
  windows = new Windows(browser);
});
afterEach(async () => {
  await windows.close();
  await server.end();
});

async function customers(count) {
  const list = [];
  for (let index = 1; index <= count; index += 1) {
    const customer = await Customer.open(await windows.person(), server.url);
    await customer.join(`Customer ${index}`);
    list.push(customer);
  }
  return list;
}

test('the place falls as agents take chats and as others leave', async () => {
  const [first, second, third, fourth] = await customers(4);
  await first.placeIs(1, 0, 0);
  await fourth.placeIs(4, 3, 0);
  assert.equal(await fourth.at('place-number').textContent(), 'You are number 4 in line');
  assert.match(await fourth.at('place-ahead').textContent(), /^3 people ahead of you · no agents online$/);

  const ada = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  await first.status('in_progress');
  await second.placeIs(1, 0, 1);
  await third.placeIs(2, 1, 1);
  await fourth.placeIs(3, 2, 1);
  assert.match(await third.at('place-ahead').textContent(), /^1 person ahead of you · 1 agent online$/);
  await eventually(() => ada.page.locator('[data-category="1"]').getAttribute('data-waiting'), '3');

  await second.at('end').click();
  await second.yes();
  await second.status('resolved');
  await third.placeIs(1, 0, 1);
  await fourth.placeIs(2, 1, 1);
  assert.match(await fourth.page.title(), /^\(2\) Waiting/);

  await ada.openChat('Customer 1');
  await ada.at('end').click();
  await ada.yes();
  await third.status('in_progress');
  await fourth.placeIs(1, 0, 1);
});

test('a reload keeps the chat and the place', async () => {
  const [, second] = await customers(3);
  await second.say('written while waiting');
  await eventually(() => second.state('written while waiting'), 'sent');
  const chat = await second.chat();
  await second.page.reload();
  await second.placeIs(2, 1, 0);
  assert.equal(await second.chat(), chat);
  await eventually(() => second.messages(), ['me: written while waiting']);
});

test('what was begun to write is still there, with the focus, when the agent comes', async () => {
  const [customer] = await customers(1);
  await customer.say('hello?');
  await customer.at('message-text').fill('half a sent');
  await Agent.come(await windows.person(), server.url, AGENTS.ada);
  await customer.status('in_progress');
  assert.equal(await customer.at('message-text').inputValue(), 'half a sent');
  const focused = () => customer.page.evaluate(() => document.activeElement.id);
  assert.equal(await focused(), 'text');
  await eventually(() => customer.at('presence').textContent(), 'Ada is here');
});

test('an agent who goes offline gives the customer back to the line', async () => {
  const [customer] = await customers(1);
  const ada = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  await customer.status('in_progress');
  await ada.at('sign-out').click();
  await ada.yes();
  await ada.at('sign-in').waitFor();
  await customer.status('open');
  await customer.placeIs(1, 0, 0);
  const bea = await Agent.come(await windows.person(), server.url, AGENTS.bea);
  await customer.status('in_progress');
  await bea.openChat('Customer 1');
  await bea.say('Bea here');
  await eventually(() => customer.messages(), ['them: Bea here']);
});

test('an agent with a wrong password is not let in, and after signing out not either', async () => {
  const context = await windows.person();
  const agent = await Agent.open(context, server.url);
  await agent.signIn({ ...AGENTS.bea, password: 'wrong password' });
  await eventually(() => agent.at('sign-in-error').textContent(), 'User name or password is wrong.');
  await agent.signIn(AGENTS.bea);
  await agent.at('console').waitFor();
  await agent.page.reload();
  await agent.at('console').waitFor();
  await agent.at('sign-out').click();
  await agent.at('sign-in').waitFor();
  await agent.page.reload();
  await agent.at('sign-in').waitFor();
});

test('a chat that arrives does not take the focus from what is being written', async () => {
  const ada = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  const [first] = await customers(1);
  await eventually(() => ada.at('title').textContent(), 'Customer 1', 'the chat opened by itself');
  await ada.openChat('Customer 1');
  await ada.at('message-text').pressSequentially('half an answ');
  await first.at('end').click();
  await first.yes();
  const second = await Customer.open(await windows.person(), server.url);
  await second.join('Customer 2');
  await ada.item('Customer 2').waitFor();
  assert.equal(await ada.at('title').textContent(), 'Customer 1');
  await ada.openChat('Customer 2');
  assert.equal(await ada.at('message-text').inputValue(), '');
});
