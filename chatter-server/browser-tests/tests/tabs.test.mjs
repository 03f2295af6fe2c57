// Several tabs of one customer are one person with one chat, and a browser without storage still works.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Agent, Customer, Windows, eventually, launch } from '../lib/browser.mjs';
import { AGENTS, Server } from '../lib/server.mjs';

let server;
let browser;
let windows;

before(async () => {
  [server, browser] = await Promise.all([Server.start({ maxChats: 20 }), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.end();
});
beforeEach(() => {
  windows = new Windows(browser);
});
afterEach(() => windows.close());

const joinBoth = (tabs, name) =>
  Promise.all(
    tabs.map(async (tab) => {
      await tab.at('name').fill(name);
      // The other tab may have opened the chat for both by now.
      await tab.at('join').click({ timeout: 2_000 }).catch(() => {});
      await tab.at('chat').waitFor();
    }),
  );

test('two tabs that open at once are one customer with one chat', async () => {
  const context = await windows.person();
  const tabs = await Promise.all([Customer.open(context, server.url), Customer.open(context, server.url)]);
  await joinBoth(tabs, 'Tabby');
  const [left, right] = tabs;
  assert.equal(await left.chat(), await right.chat());

  const agent = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  await left.status('in_progress');
  await right.status('in_progress');
  assert.equal(await agent.item('Tabby').count(), 1);
  await agent.openChat('Tabby');
  await agent.say('to both');
  await left.say('from the left');
  await eventually(() => right.messages(), ['them: to both', 'me: from the left']);
  await right.say('from the right');
  const all = ['them: to both', 'me: from the left', 'me: from the right'];
  await eventually(() => left.messages(), all);
  await eventually(() => right.messages(), all);
  await eventually(async () => (await agent.messages()).length, 3);
});

test('the same without locks', async () => {
  const context = await windows.person();
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
  const first = await Customer.open(context, server.url);
  const second = await Customer.open(context, server.url);
  await joinBoth([first, second], 'Lockless');
  assert.equal(await first.chat(), await second.chat());
});

test('a browser that denies storage can chat', async () => {
  const context = await windows.person();
  await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('denied', 'SecurityError');
        },
      });
    }
  });
  const agent = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  const customer = await Customer.open(context, server.url);
  await customer.join('Private');
  await customer.status('in_progress');
  await agent.openChat('Private');
  await customer.say('can you read this?');
  await eventually(() => agent.messages(), ['them: can you read this?']);
});

test('a name is asked for, and the keyboard is enough', async () => {
  const customer = await Customer.open(await windows.person(), server.url);
  const { page } = customer;
  await customer.at('name').focus();
  await page.keyboard.press('Enter');
  assert.equal(await customer.at('join-error').textContent(), 'Please tell us your name.');
  assert.equal(await customer.at('name').getAttribute('aria-invalid'), 'true');
  await page.keyboard.type('Keys');
  await page.keyboard.press('Enter');
  await customer.at('chat').waitFor();
  await eventually(() => page.evaluate(() => document.activeElement.id), 'text');
  await page.keyboard.type('line one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('line two');
  await page.keyboard.press('Enter');
  await eventually(() => customer.messages(), ['me: line one\nline two']);
});

test('a token that the server does not take is dropped, and the customer comes in anew', async () => {
  const context = await windows.person();
  await context.addInitScript(() => {
    if (location.protocol === 'about:') return;
    if (!sessionStorage.getItem('planted')) localStorage.setItem('chatter.visitor_token', '"nonsense"');
    sessionStorage.setItem('planted', '1');
  });
  const customer = await Customer.open(context, server.url);
  await customer.join('Stranger');
  const chat = await customer.chat();
  await customer.page.reload();
  await eventually(() => customer.chat(), chat, 'the same chat');
});
