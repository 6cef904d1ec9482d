// What becomes of messages on their way, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBelow } from "./chance.mjs";
import { Outbox } from "../../../tripchat/browser/live/outbox.js";
import {
  FULL_TRIP,
  MOST_MESSAGES,
  OutboxStorage,
} from "../../../tripchat/browser/live/outbox_storage.js";
import { SharedStorage } from "./storage.mjs";

let tabs = 0;

// A tab, with what it has sent, what it was told was stored, and what it waits for.
function openTab(shared, { userId = "me", open = true, adopted = [], clock = { now: 1000 } } = {}) {
  const tab = { sent: [], stored: [], waiting: [], name: `tab${(tabs += 1)}` };
  const view = shared.tab((...change) => tab.outbox.hear(...change));
  tab.view = view;
  tab.outbox = new Outbox({
    storage: new OutboxStorage(() => view),
    tab: tab.name,
    send: (entry, run) => tab.sent.push({ ...entry, run }),
    stored: (figures) => tab.stored.push(figures),
    later: (call, ms) => tab.waiting.push({ call, ms }),
    now: () => clock.now,
  });
  tab.outbox.meet(userId);
  tab.outbox.open = open;
  tab.outbox.adopt(adopted);
  tab.write = (text, tripId = "lisbon") => tab.outbox.add(tripId, "text", { text });
  tab.texts = () => tab.sent.map((entry) => entry.body.text);
  tab.shown = (tripId = "lisbon") => tab.outbox.pending(tripId).map((entry) => entry.body.text);
  return tab;
}

const idOf = (tab, text) => tab.sent.findLast((entry) => entry.body.text === text).client_id;

test("a message is kept before it is sent, and until the server has said its number", () => {
  const shared = new SharedStorage();
  const tab = openTab(shared);
  let keptBefore = 0;
  tab.outbox.sendEntry = () => (keptBefore = shared.items.size);
  tab.write("Hello");
  assert.equal(keptBefore, 1);
  const [{ client_id }] = tab.outbox.pending("lisbon");
  tab.outbox.answer({ client_id, seq: 7, sent_at: 1, broadcast_at: 2 });
  assert.equal(shared.items.size, 0);
  assert.deepEqual(tab.shown(), ["Hello"], "shown until it has come back with the others");
  tab.outbox.seen("lisbon", 6);
  assert.deepEqual(tab.shown(), ["Hello"]);
  tab.outbox.seen("lisbon", 7);
  assert.deepEqual(tab.shown(), []);
});

test("what comes back is stored, whether an answer came or not, and is told once", () => {
  for (const order of [["answer"], ["confirm"], ["answer", "confirm"], ["confirm", "answer"]]) {
    const shared = new SharedStorage();
    const tab = openTab(shared);
    tab.write("Hello");
    const message = { client_id: idOf(tab, "Hello"), seq: 3, sent_at: 1, broadcast_at: 2 };
    for (const way of order) tab.outbox[way](message);
    assert.deepEqual(tab.stored, [message], order.join());
    assert.equal(shared.items.size, 0);
  }
});

test("while offline nothing is sent; then everything, in order, of all trips", () => {
  const tab = openTab(new SharedStorage(), { open: false });
  for (const [text, trip] of [["1", "lisbon"], ["2", "porto"], ["3", "lisbon"]]) tab.write(text, trip);
  assert.deepEqual(tab.sent, []);
  assert.deepEqual(tab.shown(), ["1", "3"]);
  tab.outbox.open = true;
  tab.outbox.resend();
  assert.deepEqual(tab.texts(), ["1", "2", "3"]);
});

test("after a reload all is shown at once, and sent in order with the same names", () => {
  const shared = new SharedStorage();
  const clock = { now: 5000 };
  const before = openTab(shared, { clock });
  for (const text of ["1", "2", "3"]) before.write(text);
  shared.close(before.view);
  clock.now = 4000; // clocks are set back
  const after = openTab(shared, { open: false, clock });
  assert.deepEqual(after.shown(), ["1", "2", "3"]);
  after.write("4");
  after.outbox.adopt([before.name]);
  assert.deepEqual(after.sent, []);
  after.outbox.open = true;
  after.outbox.resend();
  assert.deepEqual(after.texts(), ["1", "2", "3", "4"]);
  assert.deepEqual(
    after.sent.slice(0, 3).map((entry) => entry.client_id),
    before.sent.map((entry) => entry.client_id),
  );
});

test("nothing is sent before it is known what tabs that are gone have left", () => {
  const shared = new SharedStorage();
  openTab(shared, { open: false }).write("1");
  const [{ tab: gone }] = openTab(shared).outbox.pending("lisbon");
  const tab = openTab(shared);
  tab.outbox.settled = false;
  tab.write("2");
  assert.deepEqual(tab.texts(), []);
  tab.outbox.adopt([gone]);
  assert.deepEqual(tab.texts(), ["1", "2"]);
});

test("another tab shows it and does not send it, until the first one is gone", () => {
  const shared = new SharedStorage();
  const [one, two] = [openTab(shared, { open: false }), openTab(shared)];
  one.write("Hello");
  shared.deliver(two.view);
  assert.deepEqual(two.shown(), ["Hello"]);
  two.outbox.resend();
  assert.deepEqual(two.sent, []);
  shared.close(one.view);
  two.outbox.adopt([one.name]);
  assert.deepEqual(two.texts(), ["Hello"]);
});

test("another tab goes on showing what is stored until it has heard of it itself", () => {
  const shared = new SharedStorage();
  const [one, two] = [openTab(shared), openTab(shared)];
  one.write("Hello");
  shared.deliver(two.view);
  one.outbox.answer({ client_id: idOf(one, "Hello"), seq: 3 });
  shared.deliver(two.view);
  assert.deepEqual(two.shown(), ["Hello"]);
  two.outbox.seen("lisbon", 3);
  assert.deepEqual(two.shown(), []);
  assert.deepEqual(two.stored, [], "it was not its own");
});

test("another tab that hears of it first may say so", () => {
  const shared = new SharedStorage();
  const [one, two] = [openTab(shared), openTab(shared)];
  one.write("Hello");
  shared.deliver(two.view);
  const message = { client_id: idOf(one, "Hello"), seq: 3, sent_at: 1, broadcast_at: 2 };
  two.outbox.confirm(message);
  assert.equal(shared.items.size, 0);
  shared.deliver(one.view);
  assert.deepEqual(one.shown(), ["Hello"]);
  one.outbox.confirm(message);
  assert.deepEqual(one.shown(), []);
  assert.deepEqual(one.stored, [message]);
  assert.deepEqual(two.stored, []);
});

test("a refusal stays, in all tabs and after a reload, and is not sent again", () => {
  const shared = new SharedStorage();
  const [one, two] = [openTab(shared), openTab(shared)];
  one.write("Hello");
  one.outbox.answer({ client_id: idOf(one, "Hello"), problem: "No.", status: 422 });
  shared.deliver(two.view);
  const three = openTab(shared, { adopted: [one.name] });
  for (const tab of [one, two, three]) {
    assert.deepEqual(tab.outbox.pending("lisbon").map((entry) => entry.reason), ["No."]);
    tab.sent = [];
    tab.outbox.resend();
    assert.deepEqual(tab.sent, []);
  }
});

test("a new attempt has a new name, takes the old one's place, and may be made in any tab", () => {
  const shared = new SharedStorage();
  const [one, two] = [openTab(shared), openTab(shared)];
  one.outbox.add("lisbon", "text", { text: "Hello" }, { seq: 4 });
  const first = idOf(one, "Hello");
  one.outbox.answer({ client_id: first, problem: "No.", status: 422 });
  shared.deliver(two.view);
  two.outbox.retry(first, () => null);
  shared.deliver(one.view);
  for (const tab of [one, two]) {
    const [again, ...more] = tab.outbox.pending("lisbon");
    assert.deepEqual([again.reason, again.quote, more], ["", null, []]);
    assert.notEqual(again.client_id, first);
    assert.equal(again.tab, two.name);
  }
  assert.equal(shared.items.size, 1);
  assert.deepEqual(two.texts(), ["Hello"]);
});

test("what is discarded is gone everywhere", () => {
  const shared = new SharedStorage();
  const [one, two] = [openTab(shared), openTab(shared)];
  one.write("Hello");
  shared.deliver(two.view);
  two.outbox.discard(idOf(one, "Hello"));
  shared.deliver(one.view);
  for (const tab of [one, two]) assert.deepEqual(tab.shown(), []);
  assert.equal(shared.items.size, 0);
});

test("who is not signed in is no refusal: it waits for them", () => {
  const shared = new SharedStorage();
  const tab = openTab(shared);
  tab.write("Hello");
  tab.outbox.answer({ client_id: idOf(tab, "Hello"), problem: "Sign in.", status: 401 });
  tab.outbox.meet("");
  assert.deepEqual(tab.shown(), []);
  tab.outbox.meet("you");
  assert.deepEqual(tab.shown(), []);
  tab.outbox.meet("me");
  tab.outbox.adopt([]);
  assert.deepEqual(tab.texts(), ["Hello", "Hello"]);
});

test("too many at once are sent again after a while, in order", () => {
  for (const refusal of [{ status: 429, retry_after: 3 }, { status: 500 }]) {
    const tab = openTab(new SharedStorage());
    for (const text of ["1", "2", "3"]) tab.write(text);
    for (const text of ["1", "2", "3"]) {
      tab.outbox.answer({ client_id: idOf(tab, text), problem: "Later.", ...refusal });
    }
    tab.write("4");
    assert.deepEqual(tab.texts(), ["1", "2", "3"]);
    assert.deepEqual(tab.shown(), ["1", "2", "3", "4"]);
    const [{ call, ms }, ...more] = tab.waiting;
    assert.deepEqual([ms, more], [(refusal.retry_after ?? 1) * 1000, []]);
    call();
    assert.deepEqual(tab.texts().slice(3), ["1", "2", "3", "4"]);
  }
});

test("a message that the server fails on again and again has failed, and holds nobody up", () => {
  const tab = openTab(new SharedStorage());
  tab.write("Hello");
  for (let times = 1; tab.outbox.pending("lisbon")[0].reason === ""; times += 1) {
    assert.ok(times < 100);
    tab.outbox.answer({ client_id: idOf(tab, "Hello"), problem: "Wrong.", status: 500 });
    tab.waiting.splice(0).forEach(({ call }) => call());
  }
  assert.equal(tab.outbox.resting, false);
});

test("while nothing can be stored a message waits, however long, and is tried again soon", () => {
  const tab = openTab(new SharedStorage());
  tab.write("Hello");
  for (let times = 1; times <= 100; times += 1) {
    const refusal = { problem: "Later.", status: 503, retry_after: 1 };
    tab.outbox.answer({ client_id: idOf(tab, "Hello"), ...refusal });
    assert.equal(tab.outbox.pending("lisbon")[0].reason, "");
    assert.equal(tab.outbox.stuck, true);
    const [{ call, ms }] = tab.waiting.splice(0);
    assert.ok(ms >= 1000 && ms <= 5000);
    call();
    assert.equal(tab.texts().length, times + 1);
  }
  tab.outbox.answer({ client_id: idOf(tab, "Hello"), seq: 1 });
  assert.equal(tab.outbox.stuck, false);
});

test("it goes on saying that nothing can be stored while those behind the first are told to wait", () => {
  const tab = openTab(new SharedStorage());
  for (const text of ["1", "2"]) tab.write(text);
  tab.outbox.answer({ client_id: idOf(tab, "1"), problem: "Later.", status: 503 });
  tab.outbox.answer({ client_id: idOf(tab, "2"), problem: "After the first.", status: 429 });
  assert.equal(tab.outbox.stuck, true);
  tab.outbox.answer({ client_id: idOf(tab, "1"), problem: "Not yours.", status: 403 });
  assert.equal(tab.outbox.stuck, false);
});

test("when things can be stored again, what waits goes out at once, and only once", () => {
  const tab = openTab(new SharedStorage());
  for (const text of ["1", "2"]) tab.write(text);
  for (const text of ["1", "2"]) {
    tab.outbox.answer({ client_id: idOf(tab, text), problem: "Later.", status: 503 });
  }
  tab.outbox.goOn();
  assert.equal(tab.outbox.stuck, false);
  assert.deepEqual(tab.texts(), ["1", "2", "1", "2"]);
  tab.waiting.splice(0).forEach(({ call }) => call());
  assert.deepEqual(tab.texts(), ["1", "2", "1", "2"]);
});

test("a full trip takes no more, and says so", () => {
  const tab = openTab(new SharedStorage(), { open: false });
  for (let n = 0; n < MOST_MESSAGES; n += 1) assert.equal(tab.write(`${n}`), "");
  assert.equal(tab.write("one more"), FULL_TRIP);
  assert.equal(tab.shown().length, MOST_MESSAGES);
});

test("whoever signs out leaves nothing, others' stays", () => {
  const shared = new SharedStorage();
  const mine = openTab(shared, { open: false });
  const theirs = openTab(shared, { userId: "you", open: false });
  mine.write("Mine");
  theirs.write("Theirs");
  mine.outbox.drop();
  assert.deepEqual(mine.shown(), []);
  assert.deepEqual(openTab(shared).shown(), []);
  assert.deepEqual(openTab(shared, { userId: "you" }).shown(), ["Theirs"]);
});

test("a tab that ended between two steps leaves nothing to be sent twice", () => {
  const shared = new SharedStorage();
  const one = openTab(shared);
  one.write("Hello");
  one.outbox.storage.remove = () => {}; // the end
  one.outbox.answer({ client_id: idOf(one, "Hello"), seq: 3 });
  const two = openTab(shared, { adopted: [one.name] });
  assert.deepEqual([two.shown(), two.sent, shared.items.size], [[], [], 0]);
});

// Two tabs and a server that does what it is told, or refuses, or is not heard; reloads and
// crashes at any time. In the end all that was written is stored once, or was refused.

class Server {
  constructor() {
    this.stored = []; // {client_id, seq, trip_id, text}
    this.refused = new Set();
  }

  take(entry, refuses) {
    const { client_id, trip_id, body } = entry;
    const known = this.stored.find((each) => each.client_id === client_id);
    if (known) return { client_id, seq: known.seq };
    if (refuses) {
      this.refused.add(client_id);
      return { client_id, problem: "No.", status: 422 };
    }
    const seq = this.stored.filter((each) => each.trip_id === trip_id).length + 1;
    this.stored.push({ client_id, seq, trip_id, text: body.text });
    return { client_id, seq };
  }
}

function play(seed) {
  const pick = randomBelow(seed);
  const shared = new SharedStorage();
  const server = new Server();
  const clock = { now: 1000 };
  const written = []; // {text, trip, by}
  const live = new Set();
  const sentBy = new Map(); // client id -> names of the tabs that sent it while others lived
  const open = () => {
    const tab = openTab(shared, { open: pick(2) === 1, clock, adopted: [] });
    live.add(tab);
    adoptGone(tab);
    return tab;
  };
  const adoptGone = (tab) => {
    const names = new Set([...live].flatMap((each) => [...each.outbox.tabs]));
    tab.outbox.adopt([...tab.outbox.authors()].filter((name) => !names.has(name)));
  };
  const pair = [open(), open()];
  const done = [0, 0]; // how many of what it sent the server has taken
  const exchange = (which, { refuses = false, answers = true } = {}) => {
    const tab = pair[which];
    const entry = tab.sent[done[which]];
    if (!entry) return false;
    done[which] += 1;
    const by = sentBy.get(entry.client_id) ?? new Set();
    sentBy.set(entry.client_id, by.add(tab));
    assert.ok([...by].filter((each) => live.has(each)).length <= 1, "sent by two tabs that live");
    const answer = server.take(entry, refuses);
    if (answers) tab.outbox.answer(answer);
    return true;
  };
  const end = (which) => {
    live.delete(pair[which]);
    shared.close(pair[which].view);
    pair[which] = open();
    done[which] = 0;
    for (const tab of live) {
      shared.deliver(tab.view);
      adoptGone(tab);
    }
  };
  for (let step = 0; step < 60; step += 1) {
    clock.now += pick(3);
    const which = pick(2);
    const tab = pair[which];
    switch (pick(9)) {
      case 0:
      case 1: {
        const [text, trip] = [`${written.length}`, ["lisbon", "porto"][pick(2)]];
        assert.equal(tab.write(text, trip), "");
        written.push({ text, trip, by: tab.name });
        break;
      }
      case 2:
        exchange(which);
        break;
      case 3:
        exchange(which, { answers: false });
        break;
      case 4:
        exchange(which, { refuses: pick(3) === 0 });
        break;
      case 5: // the connection is lost, and what was under way with it
        tab.outbox.open = false;
        done[which] = tab.sent.length;
        break;
      case 6:
        if (!tab.outbox.open) {
          tab.outbox.open = true;
          tab.outbox.resend();
        }
        break;
      case 7:
        end(which);
        break;
      default:
        shared.deliver(tab.view);
    }
    for (const { text, trip } of written) {
      const shownBy = pair.map((each) => each.shown(trip).filter((one) => one === text).length);
      assert.ok(Math.max(...shownBy) <= 1, `${text} is shown twice`);
    }
  }
  for (const which of [0, 1]) {
    shared.deliver(pair[which].view);
    adoptGone(pair[which]);
    pair[which].outbox.open = false;
    done[which] = pair[which].sent.length;
    pair[which].outbox.open = true;
    pair[which].outbox.resend();
    while (exchange(which));
  }
  const refused = [...pair[0].outbox.storage.entries("me")];
  assert.ok(refused.every((entry) => entry.reason), "something is left that was not refused");
  for (const { text, trip } of written) {
    const stored = server.stored.filter((each) => each.text === text && each.trip_id === trip);
    const failed = refused.filter((each) => each.body.text === text);
    assert.equal(stored.length + failed.length, 1, `${text}: lost, or there twice`);
  }
  return { written, server };
}

test("whatever happens, nothing is lost, stored twice or sent by two tabs that live", () => {
  for (let seed = 1; seed <= 1500; seed += 1) {
    try {
      play(seed);
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
});

test("what waits is sent in the order in which it was written, over any number of reloads", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const pick = randomBelow(seed);
    const shared = new SharedStorage();
    const clock = { now: 1000 };
    const gone = [];
    const server = new Server();
    let tab = openTab(shared, { clock, open: false });
    for (let text = 0; text < 30; text += 1) {
      clock.now += pick(5) - 2;
      tab.write(`${text}`);
      if (pick(4) === 0) {
        shared.close(tab.view);
        gone.push(tab.name);
        tab = openTab(shared, { clock, open: false, adopted: gone });
      }
    }
    tab.outbox.open = true;
    tab.outbox.resend();
    for (const entry of tab.sent) server.take(entry);
    const texts = server.stored.map((each) => each.text);
    assert.deepEqual(texts, Array.from({ length: 30 }, (_, text) => `${text}`), `seed ${seed}`);
  }
});

test("what the server could not store for now is not overtaken", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const pick = randomBelow(seed);
    const shared = new SharedStorage();
    const tab = openTab(shared);
    const stored = [];
    let failed = -1;
    let done = 0;
    let written = 0;
    // Takes them one by one as `RoomState.send` does, while the database comes and goes.
    const take = ({ client_id, body, run }) => {
      if (run <= failed) return tab.outbox.answer({ client_id, problem: "Wait.", status: 429 });
      if (pick(3) === 0) {
        failed = run;
        return tab.outbox.answer({ client_id, problem: "No database.", status: 503 });
      }
      if (!stored.includes(body.text)) stored.push(body.text);
      tab.outbox.answer({ client_id, seq: stored.indexOf(body.text) + 1 });
    };
    while (written < 30 || tab.outbox.unsent().length) {
      const chance = pick(4);
      if (chance === 0 && written < 30) tab.write(`${(written += 1)}`);
      else if (chance === 1 && tab.waiting.length) tab.waiting.shift().call();
      else if (chance === 2 && pick(10) === 0) tab.outbox.resend(); // a new hydrate
      else if (done < tab.sent.length) take(tab.sent[done++]);
      else if (tab.waiting.length) tab.waiting.shift().call();
    }
    const wanted = Array.from({ length: 30 }, (_, index) => `${index + 1}`);
    assert.deepEqual(stored, wanted, `seed ${seed}`);
  }
});
