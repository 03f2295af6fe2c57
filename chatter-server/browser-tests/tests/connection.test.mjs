// What a page does when its connection ends, by close code, and when it dies without a word. Between page and
// server stands a wire that the test can cut, silence or end with a code.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Agent, Customer, Windows, eventually, launch } from '../lib/browser.mjs';
import { AGENTS, Server } from '../lib/server.mjs';

let server;
let browser;
let windows;

before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.end();
});
beforeEach(() => {
  windows = new Windows(browser);
});
afterEach(() => windows.close());

/** A person whose connections go through a wire; the newest is `wires.at(-1)`. */
async function wired() {
  const context = await windows.person();
  const wires = [];
  await context.routeWebSocket(/\/ws$/, (page) => {
    const wire = { silent: false, loses: null, frames: [], close: (code) => page.close({ code }) };
    wires.push(wire);
    const far = page.connectToServer();
    page.onMessage((frame) => {
      wire.frames.push(JSON.parse(frame));
      if (!wire.silent) far.send(frame);
    });
    far.onMessage((frame) => {
      if (!wire.silent && JSON.parse(frame).type !== wire.loses) page.send(frame);
    });
  });
  return { context, wires };
}

test('a server that restarts, or finds the client slow, is come back to', async () => {
  const { context, wires } = await wired();
  const customer = await Customer.open(context, server.url);
  for (const code of [1012, 4000, 4001, 1011, 1013]) {
    const before = wires.length;
    wires.at(-1).close(code);
    await eventually(() => wires.length, before + 1, `coming back after ${code}`);
    await customer.online();
  }
  const tokens = wires.slice(1).map(({ frames }) => frames[0].token);
  assert.equal(new Set(tokens).size, 1, 'as the same customer');
  assert.ok(tokens[0]);
});

test('codes that forbid it stop the page, and it says so', async () => {
  for (const code of [4200, 4201, 4203, 1009]) {
    const { context, wires } = await wired();
    const customer = await Customer.open(context, server.url);
    wires.at(-1).close(code);
    await eventually(() => customer.connection(), 'stopped');
    assert.match(await customer.at('banner').textContent(), /Reload/);
    await customer.page.evaluate(() => window.dispatchEvent(new Event('online')));
    assert.equal(wires.length, 1);
  }
});

test('an agent who was signed out elsewhere signs in again', async () => {
  const { context, wires } = await wired();
  const agent = await Agent.come(context, server.url, AGENTS.ada);
  wires.at(-1).close(4102);
  await agent.at('sign-in').waitFor();
  assert.match(await agent.at('sign-in-error').textContent(), /sign in again/);
  await agent.signIn(AGENTS.ada);
  await agent.at('console').waitFor();
});

test('a connection that is dead without a word is found, left and replaced', async () => {
  const { context, wires } = await wired();
  await context.clock.install();
  const customer = await Customer.open(context, server.url);
  const [dead] = wires;
  dead.silent = true;
  await context.clock.fastForward(26_000);
  await eventually(() => dead.frames.at(-1).type, 'ping', 'asking whether anybody is there');
  await context.clock.fastForward(11_000);
  await eventually(() => customer.connection(), 'lost');
  await customer.at('banner').waitFor();
  await context.clock.fastForward(1_000);
  await eventually(() => wires.length, 2);
  await customer.online();
});

test('a frame that got lost on the way is noticed by its number and fetched', async () => {
  const { context, wires } = await wired();
  const customer = await Customer.open(context, server.url);
  await customer.join('Gap');
  const agent = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  await customer.status('in_progress');
  await agent.openChat('Gap');
  await agent.say('one');
  await eventually(async () => (await customer.messages()).length, 1);
  wires.at(-1).silent = true;
  await agent.say('two');
  await eventually(() => agent.state('two'), 'sent');
  wires.at(-1).silent = false;
  await agent.say('three');
  await eventually(() => customer.messages(), ['them: one', 'them: two', 'them: three']);
});

test('a message whose answer got lost is sent again under the same id and stands once', async () => {
  const { context, wires } = await wired();
  const customer = await Customer.open(context, server.url);
  await customer.join('Again');
  const agent = await Agent.come(await windows.person(), server.url, AGENTS.bea);
  await customer.status('in_progress');
  wires[0].loses = 'accepted';
  await customer.say('only once');
  await eventually(() => agent.at('chat-item').filter({ hasText: 'only once' }).count(), 1, 'the message arrived');
  assert.equal(await customer.state('only once'), 'sending');
  wires[0].close(1012);
  await eventually(() => customer.state('only once'), 'read');
  const sends = wires.flatMap(({ frames }) => frames).filter(({ type }) => type === 'send_message');
  assert.equal(sends.length, 2);
  assert.equal(sends[0].client_msg_id, sends[1].client_msg_id);
  assert.deepEqual(await customer.messages(), ['me: only once']);
  await agent.openChat('Again');
  assert.deepEqual(await agent.messages(), ['them: only once']);
});
