// The parts of the pages that need no page: numbers, back-off, the order of what is sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Team } from '../../web/agent-team.js';
import { Refused, backoffMs, reconnectRule } from '../../web/connection.js';
import { Outbox } from '../../web/outbox.js';
import { Transcript } from '../../web/transcript.js';

const entry = (public_seq) => ({ public_seq });
const page = (numbers, up_to, recovered = false, history = 'h') => ({
  history,
  recovery: { recovered },
  entries: numbers.map(entry),
  up_to,
});
const numbers = (transcript) => transcript.list().map(({ public_seq }) => public_seq);

test('a transcript resumes from where it is and takes each number once', () => {
  const transcript = new Transcript('public_seq');
  assert.deepEqual(transcript.position, {});
  assert.ok(transcript.resume(page([4, 5], 5)));
  assert.deepEqual(transcript.position, { history: 'h', after: 5 });
  assert.equal(transcript.add(entry(6)), true);
  assert.equal(transcript.add(entry(6)), null);
  assert.equal(transcript.add(entry(5)), null);
  assert.equal(transcript.add(entry(8)), false, 'a hole is told');
  assert.deepEqual(numbers(transcript), [4, 5, 6]);
  assert.ok(transcript.resume(page([7, 8], 8, true)));
  assert.deepEqual(numbers(transcript), [4, 5, 6, 7, 8]);
  transcript.prepend([entry(2), entry(3)]);
  assert.equal(transcript.first, 2);
});

test('a page with a hole, and another history, begin anew', () => {
  const transcript = new Transcript('public_seq');
  transcript.resume(page([1, 2], 2));
  assert.equal(transcript.resume(page([4], 4, true)), false);
  assert.deepEqual(transcript.position, {});
  assert.ok(transcript.resume(page([1, 2, 3], 3, false, 'other')));
  assert.deepEqual(numbers(transcript), [1, 2, 3]);
});

test('the reconnect rule follows the close code', () => {
  const rule = { resume: [1001, 1006, 1011, 1012, 1013, 4000, 4001], credentials: [4100, 4101, 4102, 4103] };
  rule.never = [1000, 1002, 1003, 1007, 1009, 4200, 4201, 4202, 4203];
  for (const [name, codes] of Object.entries(rule)) for (const code of codes) assert.equal(reconnectRule(code), name);
});

test('the back-off has full jitter under a bound that doubles', () => {
  assert.equal(backoffMs(0, () => 0), 0);
  assert.deepEqual([0, 1, 2, 3].map((attempt) => backoffMs(attempt, () => 1)), [500, 1000, 2000, 4000]);
  assert.equal(backoffMs(60, () => 1), 30_000);
});

/** A store in memory with the methods an outbox needs. */
function store(items = new Map()) {
  return {
    items,
    get: (key) => structuredClone(items.get(key)),
    set: (key, value) => items.set(key, structuredClone(value)),
    remove: (key) => items.delete(key),
    keys: (prefix) => [...items.keys()].filter((key) => key.startsWith(prefix)),
  };
}

function outbox(kept, request, accepted = []) {
  const hooks = { onAccepted: (item) => accepted.push(item.text), onChange: () => {} };
  return new Outbox({ store: kept, prefix: 'u.', request, ...hooks });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('messages go out one at a time, in order, again under the same id after a loss and a reload', async () => {
  const kept = store();
  const sent = [];
  let answer = () => Promise.reject(new Refused({ code: 'lost' }));
  const request = (frame) => {
    sent.push(frame);
    return answer(frame);
  };
  const before = outbox(kept, request);
  before.add('send_message', 7, 'one');
  before.add('send_message', 7, 'two');
  await settled();
  assert.equal(kept.items.size, 2);

  const accepted = [];
  const after = outbox(kept, request, accepted);
  assert.deepEqual(after.of(7).map(({ text }) => text), ['one', 'two']);
  answer = () => Promise.resolve({});
  after.flush();
  await settled();
  assert.deepEqual(accepted, ['one', 'two']);
  assert.equal(kept.items.size, 0);
  const ids = sent.filter(({ text }) => text === 'one').map(({ client_msg_id }) => client_msg_id);
  assert.equal(new Set(ids).size, 1);
});

test('a message refused for the rate is sent again before the next, a refused one fails and lets the next pass', async () => {
  const sent = [];
  const accepted = [];
  const refusals = [{ code: 'rate_limited', retry_after_ms: 1 }, { code: 'invalid', message: 'no' }];
  const request = (frame) => {
    sent.push(frame.text);
    const refusal = refusals.shift();
    return refusal ? Promise.reject(new Refused(refusal)) : Promise.resolve({});
  };
  const box = outbox(store(), request, accepted);
  for (const text of ['one', 'two', 'three']) box.add('send_message', 1, text);
  await settled();
  await settled();
  assert.deepEqual(sent, ['one', 'one', 'two', 'three']);
  assert.deepEqual(box.of(1).map(({ text, state }) => `${text} ${state}`), ['one failed']);
  box.retry(box.of(1)[0].id);
  await settled();
  assert.deepEqual(accepted, ['two', 'three', 'one']);
});

/**
 * The team of an agent, number 1, on a page of elements that only keep whether they are open. Each reading gets the next of
 * `answers`: the agents, or a refusal; `count.asked` tells how many there were. Time goes by as the test ticks.
 */
function team(t, answers) {
  const elements = new Map();
  const element = () => ({ open: false, addEventListener() {}, append() {}, replaceChildren() {}, setAttribute() {} });
  const byId = (id) => elements.get(id) ?? elements.set(id, element()).get(id);
  globalThis.document = { getElementById: byId, createElement: element };
  t.after(() => delete globalThis.document);
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'], now: 1_000_000 });
  const count = { asked: 0, named: 0 };
  const request = async (frame) => {
    assert.deepEqual(frame, { type: 'read_team' });
    count.asked += 1;
    const answer = answers.shift();
    if (answer.code) throw new Refused(answer);
    return { agents: answer.map((agent) => ({ agent, name: `Agent ${agent}`, categories: [] })) };
  };
  const words = { category: String, agent: String };
  const made = new Team(request, words, { openChat() {}, named: () => (count.named += 1) });
  const pass = async (ms) => {
    t.mock.timers.tick(ms);
    await new Promise(setImmediate);
  };
  return { team: made, count, pass, panel: byId('team') };
}

const REFUSED = { code: 'rate_limited', retry_after_ms: 100 };
const LOST = { code: 'lost' };
const UNABLE = { code: 'retry_later', retry_after_ms: 100 };

test('a reading of the team that was refused is made again until it is answered, and no more then', async (t) => {
  const { team: of, count, pass } = team(t, [REFUSED, [1, 2], UNABLE, REFUSED, [1, 2, 3]]);
  of.begin(1, { watches: false });
  await pass(0);
  await pass(4_999);
  assert.deepEqual([count, of.others], [{ asked: 1, named: 0 }, []], 'not at every turn');
  await pass(1);
  assert.deepEqual([count, of.name(2)], [{ asked: 2, named: 1 }, 'Agent 2'], 'though nobody was missed');
  await pass(60_000);
  assert.equal(count.asked, 2, 'it was answered');

  assert.equal(of.name(3), 'agent 3');
  await pass(0);
  assert.equal(count.asked, 3, 'it is long since');
  await pass(5_000);
  assert.deepEqual([count, of.name(3)], [{ asked: 4, named: 1 }, 'agent 3']);
  await pass(5_000);
  assert.deepEqual([count, of.name(3)], [{ asked: 5, named: 2 }, 'Agent 3']);
  await pass(60_000);
  assert.equal(count.asked, 5, 'it was answered');
});

test('nothing is asked of the team while there is no connection, whoever is missed or looks', async (t) => {
  const { team: of, count, pass, panel } = team(t, [[1], LOST, REFUSED, [1, 2]]);
  panel.open = true;
  await pass(10_000);
  assert.equal(count.asked, 0, 'before the first connection');
  of.begin(1, { watches: false });
  await pass(0);
  of.name(2);
  of.pause();
  of.name(2);
  of.numbers({ online: 1 });
  await pass(60_000);
  assert.equal(count.asked, 1, 'while the connection is lost');

  // It is back, and lost again before the answer, then after a refusal: for so long that whatever was left to be asked later
  // would be asked just after it is back.
  panel.open = false;
  for (const [nth, answered] of [false, true].entries()) {
    of.begin(1, { watches: false });
    t.mock.timers.tick(1);
    if (answered) await pass(0);
    of.pause();
    await pass(0);
    await pass(4_999);
    assert.equal(count.asked, nth + 2, 'at once when it is back, and no more');
  }
  of.begin(1, { watches: false });
  await pass(1);
  assert.deepEqual([count.asked, of.name(2)], [4, 'Agent 2']);
  await pass(60_000);
  assert.equal(count.asked, 4, 'nothing is left from before');
});
