// Two windows chat: sides, names, delivery, notes, markup, the end.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Agent, Customer, Windows, eventually, launch } from '../lib/browser.mjs';
import { AGENTS, Server } from '../lib/server.mjs';

let server;
let browser;
let windows;

before(async () => {
  [server, browser] = await Promise.all([Server.start({ maxChats: 50 }), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.end();
});
beforeEach(() => {
  windows = new Windows(browser);
});
afterEach(() => windows.close());

/** A customer and an agent, connected. */
async function pair(name) {
  const agent = await Agent.come(await windows.person(), server.url, AGENTS.ada);
  const customer = await Customer.open(await windows.person(), server.url);
  await customer.join(name);
  await customer.status('in_progress');
  await agent.openChat(name);
  return { agent, customer };
}

test('a customer and an agent talk, each message once and in one order', async () => {
  const { agent, customer } = await pair('Sam One');
  for (let round = 1; round <= 4; round += 1) {
    await customer.say(`question ${round}`);
    await eventually(async () => (await agent.messages()).at(-1), `them: question ${round}`);
    await agent.say(`answer ${round}`);
    await eventually(async () => (await customer.messages()).at(-1), `them: answer ${round}`);
  }
  const expected = [1, 2, 3, 4].flatMap((round) => [`question ${round}`, `answer ${round}`]);
  const texts = async (person) => (await person.messages()).map((line) => line.replace(/^\w+: /, ''));
  assert.deepEqual(await texts(customer), expected);
  assert.deepEqual(await texts(agent), expected);
});

/** Where each message stands in its log: the distances of its bubble from both edges, and its middle. */
function geometry(person) {
  return person.at('log').evaluate((log) => {
    const box = log.getBoundingClientRect();
    const middle = box.left + log.clientWidth / 2;
    return [...log.querySelectorAll('.bubble')].map((bubble) => {
      const { left, right } = bubble.getBoundingClientRect();
      const mine = bubble.closest('[data-from]').dataset.from === 'me';
      const near = mine ? left - box.left : box.left + log.clientWidth - right;
      return { mine, leftOfMiddle: (left + right) / 2 < middle, near };
    });
  });
}

async function sidesHold(person) {
  const bubbles = await geometry(person);
  assert.equal(new Set(bubbles.map(({ mine }) => mine)).size, 2, 'both have written');
  for (const { mine, leftOfMiddle, near } of bubbles) {
    assert.equal(leftOfMiddle, mine, 'own messages left of the middle, others right of it');
    assert.ok(near <= 24, `${near} px from the edge`);
  }
}

test('own messages stand on the left and the other’s on the right, for both, in any direction of text', async () => {
  const { agent, customer } = await pair('Sam Two');
  await customer.say('from the customer');
  await agent.say('from the agent');
  await eventually(async () => (await customer.messages()).length, 2);
  await eventually(async () => (await agent.messages()).length, 2);
  for (const person of [customer, agent]) {
    await sidesHold(person);
    await person.page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await sidesHold(person);
    await person.page.setViewportSize({ width: 360, height: 740 });
    await sidesHold(person);
    const wide = await person.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(wide, false, 'no sideways scrolling on a phone');
  }
});

test('every message shows its sender and time', async () => {
  const { agent, customer } = await pair('Sam Three');
  await customer.say('first');
  await customer.say('second');
  await agent.say('third');
  for (const person of [customer, agent]) {
    await eventually(async () => (await person.messages()).length, 3);
    const heads = await person.at('message').evaluateAll((rows) =>
      rows.map((row) => [row.querySelector('.name').textContent, row.querySelector('time').dateTime]),
    );
    assert.deepEqual(heads.map(([name]) => name), ['Sam Three', 'Sam Three', 'Ada']);
    for (const [, time] of heads) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 600_000, time);
  }
});

test('a message goes from sent to delivered, and to read only once it is seen', async () => {
  const { agent, customer } = await pair('Sam Four');
  // The agent looks at nothing: the chat is closed on their page.
  await agent.page.setViewportSize({ width: 400, height: 700 });
  await agent.at('back').click();
  await customer.say('are you there?');
  await eventually(() => customer.state('are you there?'), 'delivered');
  await eventually(() => agent.item('Sam Four').getAttribute('data-unread'), '1', 'the unread count');
  assert.match(await agent.page.title(), /^\(\d+\)/);
  await agent.openChat('Sam Four');
  await eventually(() => customer.state('are you there?'), 'read');
  await eventually(() => agent.item('Sam Four').getAttribute('data-unread'), '0', 'the unread count');
  await agent.say('yes');
  await eventually(() => agent.state('yes'), 'read');
});

test('what arrives while nobody looks is delivered, unread and in the title', async () => {
  const { agent, customer } = await pair('Sam Away');
  await customer.page.evaluate(() => {
    document.hasFocus = () => !window.away;
    window.away = true;
  });
  await agent.say('hello?');
  await eventually(() => agent.state('hello?'), 'delivered');
  await eventually(() => customer.page.title(), '(1) Ada – Chatter');
  await customer.page.evaluate(() => {
    window.away = false;
    window.dispatchEvent(new Event('focus'));
  });
  await eventually(() => agent.state('hello?'), 'read');
  await eventually(() => customer.page.title(), 'Ada – Chatter');
});

test('markup in names and messages is text and nothing else', async () => {
  const nasty = '<img src=x onerror=alert(1)>"><svg onload=alert(2)> javascript:alert(3)';
  const { agent, customer } = await pair('<b onclick=alert(4)>Sam</b>');
  await customer.say(nasty);
  await eventually(() => agent.messages(), [`them: ${nasty}`]);
  await agent.say(nasty);
  await eventually(() => customer.messages(), [`me: ${nasty}`, `them: ${nasty}`]);
  for (const { page } of [customer, agent]) {
    assert.equal(await page.locator('main img, main svg, main b, main a').count(), 0);
  }
});

test('a note is seen by staff and reaches no customer, not even in a frame', async () => {
  const { agent, customer } = await pair('Sam Five');
  await agent.at('mode-note').check();
  await agent.say('a secret about Sam');
  const note = agent.at('note');
  await note.waitFor();
  assert.equal(await note.getAttribute('data-from'), 'me');
  await eventually(() => note.getAttribute('data-state'), 'sent');
  await agent.at('mode-reply').check();
  await agent.say('a public answer');
  await eventually(() => customer.messages(), ['them: a public answer']);
  await customer.page.reload();
  await eventually(() => customer.messages(), ['them: a public answer']);
  assert.equal(customer.frames.some((frame) => String(frame).includes('secret')), false);
});

test('the customer ends the chat, both see it, and a new one can begin', async () => {
  const { agent, customer } = await pair('Sam Six');
  await customer.say('that was all');
  await eventually(() => customer.state('that was all'), 'read');
  await customer.at('end').click();
  await customer.page.keyboard.press('Escape');
  await customer.status('in_progress');
  await customer.at('end').click();
  await customer.yes();
  await customer.status('resolved');
  assert.match(await customer.at('ended-text').textContent(), /You ended the chat/);
  await eventually(() => customer.at('composer').isVisible(), false);
  await agent.at('log').getByText('Sam Six ended the chat').waitFor();
  await customer.page.reload();
  await customer.status('resolved');
  await customer.at('new-chat').click();
  assert.equal(await customer.at('name').inputValue(), 'Sam Six');
  await customer.join('Sam Six', { category: 'Sales' });
  await customer.status('in_progress');
});

test('the agent ends and reopens the chat, and sets subject and priority', async () => {
  const { agent, customer } = await pair('Sam Seven');
  await agent.at('subject').fill('Broken lamp');
  await agent.at('save-subject').click();
  await agent.at('priority').selectOption('urgent');
  await agent.item('Sam Seven').getByText('urgent').waitFor();
  await agent.at('end').click();
  await agent.yes();
  await customer.status('resolved');
  await customer.at('log').getByText('Ada ended the chat').waitFor();
  await agent.at('reopen').click();
  await customer.status('in_progress');
  await customer.say('one thing more');
  await eventually(() => agent.messages(), ['them: one thing more']);
  await agent.page.reload();
  await agent.openChat('Sam Seven');
  await eventually(() => agent.at('subject').inputValue(), 'Broken lamp');
  await eventually(() => agent.at('priority').inputValue(), 'urgent');
});
