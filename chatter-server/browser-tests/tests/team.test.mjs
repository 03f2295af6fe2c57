// The colleagues: who is there, what they are called, when the team is read.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Agent, Customer, Windows, eventually, launch } from '../lib/browser.mjs';
import { AGENTS, Server } from '../lib/server.mjs';

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

/** A browser whose pages are told of those agents of a team that `kept` gives, with how often they asked for one. */
async function behind(kept) {
  const context = await windows.person();
  const count = { read: 0, answered: 0 };
  await context.routeWebSocket(/\/ws$/, (page) => {
    const far = page.connectToServer();
    page.onMessage((text) => {
      if (JSON.parse(text).type === 'read_team') count.read += 1;
      far.send(text);
    });
    far.onMessage((text) => {
      const frame = JSON.parse(text);
      if (frame.type !== 'team') return page.send(text);
      count.answered += 1;
      return page.send(JSON.stringify({ ...frame, agents: kept(frame) }));
    });
  });
  return { context, count };
}

/** The agents' page in a browser in which no time goes by but what the test lets go by. */
async function still(context) {
  await context.clock.install({ time: '2030-01-01T08:00:00' });
  const agent = await Agent.open(context, server.url);
  await context.clock.pauseAt('2030-01-01T09:00:00');
  return agent;
}

test('agents see each other, ask why one gets nothing, and talk among themselves', async () => {
  const ada = await come(AGENTS.ada);
  const bea = await come(AGENTS.bea);
  await ada.unfold('team');
  const colleague = ada.at('colleague').filter({ hasText: 'Bea' });
  await colleague.getByTestId('talk').waitFor();
  assert.equal(await colleague.getByTestId('why-none').count(), 0, 'others are not explained without the permission');
  await ada.at('colleague').filter({ hasText: 'Ada' }).getByTestId('why-none').click();
  await ada.at('explanation').getByText(/^Of 50 slots: /).waitFor();
  await ada.at('explanation-close').click();
  await colleague.getByTestId('talk').click();
  await eventually(() => ada.at('title').textContent(), 'Bea', 'the conversation');
  await ada.say('Lunch?');
  const talk = bea.at('team-chats').getByTestId('chat-item').filter({ hasText: 'Ada' });
  await eventually(() => talk.getAttribute('data-unread'), '1', 'the unread count');
  await talk.click();
  await eventually(() => bea.messages(), ['them: Lunch?']);
  await eventually(() => ada.state('Lunch?'), 'read');
  await bea.say('At one');
  await eventually(() => ada.messages(), ['me: Lunch?', 'them: At one']);
  await ada.page.reload();
  await ada.at('team-chats').getByTestId('chat-item').filter({ hasText: 'Bea' }).click();
  await eventually(() => ada.messages(), ['me: Lunch?', 'them: At one']);
});

test('an agent who was added since has a name as soon as the team may be read again', async () => {
  const bea = await come(AGENTS.bea);
  const customer = await visit();
  await customer.join('Nina Named', { category: 'Sales' });
  await bea.at('offer').filter({ hasText: 'Nina Named' }).getByTestId('accept').click();
  await customer.status('in_progress');
  await bea.openChat('Nina Named');

  // What Ada's page reads first is from before Bea was added.
  const known = ({ name }) => count.answered > 1 || name !== 'Bea';
  const { context, count } = await behind(({ agents }) => agents.filter(known));
  const ada = await still(context);
  await ada.signIn(AGENTS.ada);
  await eventually(() => ada.at('state').inputValue(), 'online', 'the state');
  await eventually(() => count.answered, 1, 'the names, at signing in');
  await bea.transfer('Ada');
  const offer = ada.at('offer').filter({ hasText: 'Nina Named' });
  await offer.getByText('transfer from agent 2').waitFor();
  assert.equal(count.read, 1, 'the team was read just now');
  await context.clock.fastForward(5_000);
  await offer.getByText('transfer from Bea').waitFor();
  assert.equal(count.read, 2, 'once');
  await offer.getByTestId('accept').click();
  await eventually(() => customer.at('title').textContent(), 'Chat with Ada');
});

test('the team is read while somebody looks at it, not at every change of its numbers', async () => {
  const ada = await Agent.open(await windows.person(), server.url);
  let read = 0;
  ada.page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      if (JSON.parse(payload).type === 'read_team') read += 1;
    });
  });
  await ada.signIn(AGENTS.ada);
  await eventually(() => read, 1, 'the names, at signing in');
  const bea = await come(AGENTS.bea);
  await eventually(() => ada.at('agents').textContent(), '2 agents signed in, 2 online');
  await bea.at('state').selectOption('away');
  await eventually(() => ada.at('agents').textContent(), '2 agents signed in, 1 online');
  assert.equal(read, 1, 'nobody looks');
  await ada.unfold('team');
  await eventually(() => read > 1, true, 'somebody looks');
});

test('a colleague who was removed leaves the list of a transfer as soon as the team was read', async () => {
  let removed = null;
  const { context, count } = await behind(({ agents }) => agents.filter(({ name }) => name !== removed));
  // Nothing happens beside: whatever else draws the chat again would draw its lists too.
  const ada = await still(context);
  await ada.signIn(AGENTS.ada);
  await eventually(() => ada.at('state').inputValue(), 'online', 'the state');
  const customer = await visit();
  await customer.join('Remo Removed');
  await customer.status('in_progress');
  await ada.openChat('Remo Removed');
  await ada.unfold('more');
  await eventually(() => ada.targets(), ['Bea', 'Cleo'], 'the colleagues');
  await eventually(() => count.answered === count.read, true, 'every answer');
  removed = 'Bea';
  await ada.at('more-open').click();
  await ada.unfold('more');
  await eventually(() => ada.targets(), ['Cleo'], 'the colleagues who are left');
});
