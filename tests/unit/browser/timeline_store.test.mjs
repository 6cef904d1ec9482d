// Which messages a tab knows and shows, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { reactionsOf } from "../../../tripchat/browser/live/message_store.js";
import { SHOWN_AT_MOST, TimelineStore } from "../../../tripchat/browser/live/timeline_store.js";

const WINDOW = 60;
const message = (seq, author = "bo") => ({
  id: `id${seq}`, client_id: `c${seq}`, seq, rev: seq, author_id: author, kind: "text",
  body: { text: `t${seq}` }, sent_at: 1700000000000 + seq * 1000,
});

// The server's side: the vars of a room with `count` messages, and pages of its history.
class Room {
  constructor(count) {
    this.all = Array.from({ length: count }, (_, index) => message(index + 1));
  }
  say(author = "bo") {
    this.all.push(message(this.all.length + 1, author));
  }
  vars() {
    const vars = {};
    for (let slot = 0; slot < WINDOW; slot++) vars[`m${slot}_rx_state_`] = null;
    for (const each of this.all.slice(-WINDOW)) vars[`m${each.seq % WINDOW}_rx_state_`] = each;
    return vars;
  }
  page({ before = null, after = null }) {
    const messages = before
      ? this.all.filter((each) => each.seq < before).slice(-50)
      : this.all.filter((each) => each.seq > after).slice(0, 50);
    return { trip_id: "t", before, after, messages, last_rev: this.all.length };
  }
}

const opened = (count) => {
  const room = new Room(count);
  const store = new TimelineStore("t");
  store.applyRoom(room.vars());
  return { room, store };
};
const seqs = (store) => store.shown().map((each) => each.seq);
const range = (low, high) => Array.from({ length: high - low + 1 }, (_, index) => low + index);

test("a trip opens with its newest messages", () => {
  const { store } = opened(100);
  assert.deepEqual(seqs(store), range(41, 100));
  assert.equal(store.atBeginning, false);
  assert.equal(opened(10).store.atBeginning, true);
});

test("new messages follow, and stay when the window has moved on", () => {
  const { room, store } = opened(10);
  for (let count = 0; count < 200; count++) {
    room.say();
    store.applyRoom(room.vars());
  }
  assert.deepEqual(seqs(store), range(1, 210));
});

test("scrolling up reaches the first message, page by page", () => {
  const { room, store } = opened(300);
  store.setAtEnd(false);
  for (let ask = store.older(); ask; ask = store.older()) store.applyPage(room.page(ask));
  assert.deepEqual(seqs(store), range(1, 300));
  assert.ok(store.atBeginning);
});

test("far back the page stays light, and the way down leads to the end again", () => {
  const { room, store } = opened(2000);
  store.setAtEnd(false);
  for (let ask = store.older(); ask; ask = store.older()) store.applyPage(room.page(ask));
  assert.equal(store.low, 1);
  assert.ok(seqs(store).length <= SHOWN_AT_MOST + 1);
  assert.equal(store.attached, false);
  for (let ask = store.newer(); ask; ask = store.newer()) store.applyPage(room.page(ask));
  assert.equal(store.high, 2000);
  assert.ok(store.attached);
  assert.deepEqual(seqs(store), range(store.low, 2000));
});

test("only one page is under way at a time", () => {
  const { room, store } = opened(300);
  const ask = store.older();
  assert.equal(store.older(), null);
  store.applyPage(room.page(ask));
  assert.notEqual(store.older(), null);
});

test("a page that was not asked for changes nothing", () => {
  const { room, store } = opened(300);
  assert.equal(store.applyPage(room.page({ before: 50 })), false);
  store.older();
  assert.equal(store.applyPage(room.page({ before: 7 })), false);
  assert.deepEqual(seqs(store), range(241, 300));
});

test("after a long absence at the end, the newest messages stand there", () => {
  const { room, store } = opened(100);
  for (let count = 0; count < 500; count++) room.say();
  store.applyRoom(room.vars());
  assert.deepEqual(seqs(store), range(541, 600));
});

test("after a long absence further up, the place is kept and the way down is whole", () => {
  const { room, store } = opened(100);
  store.setAtEnd(false);
  for (let count = 0; count < 300; count++) room.say();
  store.applyRoom(room.vars());
  assert.deepEqual(seqs(store), range(41, 100));
  assert.equal(store.unseen("me"), 300);
  for (let ask = store.newer(); ask; ask = store.newer()) store.applyPage(room.page(ask));
  assert.deepEqual(seqs(store), range(41, 400));
});

test("away from the end new messages are counted, but not my own", () => {
  const { room, store } = opened(80);
  store.setAtEnd(false);
  room.say();
  room.say("me");
  room.say();
  store.applyRoom(room.vars());
  assert.equal(store.unseen("me"), 2);
  store.jumpToLatest();
  assert.equal(store.unseen("me"), 0);
});

test("a link to a message far back shows it among its neighbours", () => {
  const { room, store } = opened(1000);
  store.setAtEnd(false);
  const ask = store.around(500);
  store.applyPage(room.page({ before: ask.before }));
  assert.ok(seqs(store).includes(500));
  assert.deepEqual(seqs(store), range(store.low, store.high));
  store.jumpToLatest();
  assert.deepEqual(seqs(store), range(941, 1000));
});

test("whatever happens, what is shown has no hole and nothing twice", () => {
  let seed = 42;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 200; round++) {
    const { room, store } = opened(random(400));
    for (let step = 0; step < 60; step++) {
      const action = random(7);
      if (action === 0) store.setAtEnd(random(2) === 0);
      else if (action === 1) store.jumpToLatest();
      else if (action === 2 || action === 3) {
        for (let count = random(120); count >= 0; count--) room.say(random(3) ? "bo" : "me");
        store.applyRoom(room.vars());
      } else if (action === 4 && room.all.length) {
        const ask = store.around(1 + random(room.all.length));
        if (ask) store.applyPage(room.page({ before: ask.before }));
      } else {
        const ask = action === 5 ? store.older() : store.newer();
        if (ask) store.applyPage(room.page(ask));
      }
      const shown = seqs(store);
      if (shown.length) assert.deepEqual(shown, range(store.low, store.high));
      assert.ok(store.high === null || store.high <= room.all.length);
      if (store.attached && store.high !== null) assert.equal(store.high, store.newest);
    }
  }
});

const edited = (seq, rev, text) => ({ ...message(seq), rev, body: { text }, edited_at: 1 });
const entry = (rev, what) => ({ [`c${rev % 64}_rx_state_`]: { trip_id: "t", rev, ...what } });

test("an edit reaches a message wherever the reader has scrolled to", () => {
  const { room, store } = opened(300);
  store.setAtEnd(false);
  store.applyPage(room.page(store.older()));
  store.applyRoom({ ...room.vars(), ...entry(301, { message: edited(200, 301, "new") }) });
  assert.equal(store.messages.get(200).body.text, "new");
});

test("a change that overtakes its page is not lost", () => {
  const { room, store } = opened(300);
  store.setAtEnd(false);
  const page = room.page(store.older());
  store.applyRoom({ ...room.vars(), ...entry(301, { message: edited(200, 301, "new") }) });
  store.applyPage(page);
  assert.equal(store.messages.get(200).body.text, "new");
});

test("an older state of a message never replaces a newer one", () => {
  const { room, store } = opened(10);
  store.applyRoom({ ...room.vars(), ...entry(12, { message: edited(5, 12, "second") }) });
  store.applyRoom({ ...room.vars(), ...entry(11, { message: edited(5, 11, "first") }) });
  assert.equal(store.messages.get(5).body.text, "second");
});

test("another trip's changes that still stand in the room's vars are passed over", () => {
  const { room, store } = opened(10);
  const other = { c1_rx_state_: { trip_id: "u", rev: 65, message: edited(5, 65, "elsewhere") } };
  store.applyRoom({ ...room.vars(), ...other });
  assert.equal(store.messages.get(5).body.text, "t5");
});

test("reactions come and go", () => {
  const { room, store } = opened(10);
  const react = (rev, user_id, emoji, there = true) =>
    store.applyRoom({ ...room.vars(), ...entry(rev, { seq: 5, user_id, emoji, there }) });
  react(11, "ana", "👍");
  react(12, "bo", "👍");
  react(13, "bo", "🎉");
  const shown = (user, wanted) =>
    reactionsOf(store.messages.get(5), user, wanted).map(({ emoji, count, mine }) => [emoji, count, mine]);
  assert.deepEqual(shown("ana"), [["👍", 2, true], ["🎉", 1, false]]);
  assert.deepEqual(shown("ana", new Map([["👍", false], ["🔥", true]])), [
    ["👍", 1, false], ["🎉", 1, false], ["🔥", 1, true],
  ]);
  react(14, "ana", "👍", false);
  react(15, "bo", "👍", false);
  assert.deepEqual(shown("ana"), [["🎉", 1, false]]);
  react(16, "bo", "🎉", false);
  assert.deepEqual(shown("ana"), []);
});

test("what a reply quotes follows the original, loaded or not", () => {
  const { room, store } = opened(100);
  const quote = { seq: 3, rev: 3, author_id: "bo", line: "t3", deleted: false };
  store.messages.put({ ...message(101), reply_to_seq: 3, quote });
  assert.equal(store.messages.quotes.get(3).line, "t3");
  const gone = { ...message(3), rev: 102, body: {}, deleted: true };
  store.applyRoom({ ...room.vars(), ...entry(102, { message: gone }) });
  assert.deepEqual(store.messages.quotes.get(3), { ...quote, rev: 102, line: "", deleted: true });
});

test("what was unread when the reader came is set apart until they answer", () => {
  const room = new Room(20);
  const store = new TimelineStore("t");
  store.applyRoom(room.vars(), 15);
  assert.equal(store.unreadFrom("me"), 16);
  store.readSeq = 20;
  assert.equal(store.unreadFrom("me"), 16);
  store.sent();
  assert.equal(store.unreadFrom("me"), 0);
});

test("what comes while nobody looks is set apart, what is watched is not", () => {
  const { room, store } = opened(20);
  store.readSeq = 20;
  store.divide();
  room.say();
  store.applyRoom(room.vars(), 0, true);
  store.readSeq = 21;
  assert.equal(store.unreadFrom("me"), 0);
  room.say("me");
  room.say();
  store.applyRoom(room.vars(), 0, false);
  assert.equal(store.unreadFrom("me"), 23);
});

test("what happened to older messages while the room was not heard is asked for", () => {
  const { room, store } = opened(200);
  store.older();
  store.applyPage(room.page({ before: store.low }));
  assert.equal(store.missed, null);
  const edited = { ...message(100), rev: 201, body: { text: "edited" } };
  store.applyRoom({ ...room.vars(), rev_rx_state_: 201 });
  assert.deepEqual(store.missed, { after_rev: 200, first: 91, last: 140 });
  store.applyMissed({ ...store.missed, complete: true, last_rev: 201, messages: [edited] });
  assert.equal(store.messages.get(100).body.text, "edited");
  assert.equal(store.missed, null);
  store.applyRoom({ ...room.vars(), rev_rx_state_: 201 });
  assert.equal(store.missed, null);
});

test("nothing is asked for when nothing happened, or only newest messages are there", () => {
  const { room, store } = opened(200);
  store.applyRoom({ ...room.vars(), rev_rx_state_: 200 });
  assert.equal(store.missed, null);
  store.applyRoom({ ...room.vars(), rev_rx_state_: 260 });
  assert.equal(store.missed, null);
});

test("when a message was broadcast may be told later, and stays known", () => {
  const { room, store } = opened(100);
  const moment = () => store.messages.get(50).broadcast_at;
  store.messages.date(50, null);
  assert.equal(moment(), undefined);
  store.messages.date(50, 7);
  assert.equal(moment(), 7);
  store.messages.date(50, 8);
  assert.equal(moment(), 7);
  const edited = { ...message(50), rev: 101, body: { text: "edited" } };
  store.applyRoom({ ...room.vars(), ...entry(101, { message: edited }) });
  assert.deepEqual(store.messages.get(50), { ...edited, broadcast_at: 7 });
  store.messages.date(1, 7); // it is not here
  assert.equal(store.messages.has(1), false);
});
