// Lost connections: the server killed, the network gone. Nothing is lost and nothing comes twice.

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
  server = await Server.start({ maxChats: 5 });
  windows = new Windows(browser);
});
afterEach(async () => {
  await windows.close();
  await server.end();
});

async function pair() {
  const agent = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  const context = await windows.person();
  const customer = await Customer.open(context, server.url);
  await customer.join('Sam');
  await customer.status('in_progress');
  await agent.openChat('Sam');
  return { agent, customer, context };
}

const texts = async (person) => (await person.messages()).map((line) => line.replace(/^\w+: /, ''));

test('the server is killed in the middle and both windows go on', async () => {
  const { agent, customer } = await pair();
  const sent = [];
  const both = async (round) => {
    sent.push(`c${round}`, `a${round}`);
    await Promise.all([customer.say(`c${round}`), agent.say(`a${round}`)]);
  };
  await both(1);
  await both(2);
  windows.mayBeAway();
  // With sends under way.
  const writing = both(3);
  await server.kill();
  await writing;
  await customer.at('banner').waitFor();
  await agent.at('banner').waitFor();
  // While the server is away, both go on writing.
  await both(4);
  assert.equal(await customer.state('c4'), 'waiting');
  await server.up();
  await customer.online();
  await agent.online();
  await both(5);

  await eventually(async () => (await texts(customer)).toSorted(), sent.toSorted(), 'every message once');
  await eventually(() => texts(agent), await texts(customer), 'one order');
  for (const side of ['c', 'a']) {
    const own = (await texts(customer)).filter((text) => text.startsWith(side));
    assert.deepEqual(own, [1, 2, 3, 4, 5].map((round) => `${side}${round}`), 'the order of each writer');
  }
  await eventually(() => customer.state('c5'), 'read');
  assert.equal(await customer.at('banner').isVisible(), false);
  // And what is stored is what is shown.
  const shown = await texts(customer);
  await customer.page.reload();
  await eventually(() => texts(customer), shown, 'the same after a reload');
});

test('a place in line survives the server', async () => {
  const customers = [];
  for (const name of ['One', 'Two']) {
    const customer = await Customer.open(await windows.person(), server.url);
    await customer.join(name);
    customers.push(customer);
  }
  const [one, two] = customers;
  await two.placeIs(2, 1, 0);
  windows.mayBeAway();
  await server.kill();
  await eventually(() => two.at('place-note').textContent(), 'Last known. Reconnecting…');
  await server.up();
  await one.online();
  await two.online();
  await one.placeIs(1, 0, 0);
  await two.placeIs(2, 1, 0);
  await Agent.come(await windows.person(), server.url, AGENTS.ada);
  await one.status('in_progress');
  await two.status('in_progress');
});

test('without a network messages wait, and go out once when it is back', async () => {
  const { agent, customer, context } = await pair();
  await customer.say('before');
  await eventually(() => agent.messages(), ['them: before']);
  windows.mayBeAway();
  await context.setOffline(true);
  await customer.at('banner').waitFor();
  for (const text of ['one', 'two', 'three']) await customer.say(text);
  await agent.say('meanwhile');
  await eventually(() => customer.connection(), 'lost');
  assert.notEqual(await customer.state('one'), 'sent');
  await context.setOffline(false);
  await customer.online();
  await eventually(() => texts(agent), ['before', 'meanwhile', 'one', 'two', 'three']);
  await eventually(() => texts(customer), ['before', 'meanwhile', 'one', 'two', 'three']);
  await eventually(() => customer.state('three'), 'read');
});

test('what waits to be sent survives a reload', async () => {
  const { agent, customer } = await pair();
  windows.mayBeAway();
  await server.kill();
  await eventually(() => customer.connection(), 'lost');
  await customer.say('kept over the reload');
  await eventually(() => customer.state('kept over the reload'), 'waiting');
  await server.up();
  await customer.page.reload();
  await eventually(() => texts(agent), ['kept over the reload']);
  await eventually(() => texts(customer), ['kept over the reload']);
  await eventually(() => customer.state('kept over the reload'), 'read');
});

test('the agent sees the customer’s connection lost and back', async () => {
  const { agent, customer, context } = await pair();
  windows.mayBeAway();
  await context.setOffline(true);
  await customer.at('banner').waitFor();
  await customer.page.goto('about:blank').catch(() => {});
  await eventually(() => agent.at('presence').textContent(), 'Sam lost the connection and may be back soon');
  await context.setOffline(false);
  await customer.page.goto(server.url);
  await customer.status('in_progress');
  await eventually(() => agent.at('presence').textContent(), 'Sam is here');
});

test('many messages at once wait for the rate and keep their order', async () => {
  const { agent, customer } = await pair();
  const expected = [];
  for (let index = 1; index <= 14; index += 1) {
    expected.push(`quick ${index}`);
    await customer.say(`quick ${index}`);
  }
  await eventually(() => texts(agent), expected, 'all in order');
  await eventually(() => texts(customer), expected, 'all in order');
});
