// The browser's timeline, without a browser: run by test_timeline_store.py with node's own runner.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RowBuilder, SHOWN_AT_MOST, TimelineStore } from "../../../tripchat/browser/timeline_store.js";

const WINDOW = 60;
const message = (seq, author = "bo") => ({
  id: `id${seq}`, client_id: `c${seq}`, seq, author_id: author, kind: "text",
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
    return { trip_id: "t", before, after, messages };
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

const members = new Map([["bo", { user_id: "bo", name: "Bo", initials: "B", hue: 7 }]]);
const builder = () => new RowBuilder("en-GB", "Europe/Lisbon");
const NOW = Date.UTC(2026, 4, 3, 12);
const at = (when, seq, author = "bo") => ({ ...message(seq, author), sent_at: when });

test("a row keeps its identity while nothing about it changes", () => {
  const rows = builder();
  const messages = [message(1), message(2)];
  const first = rows.build(messages, [], members, "me", NOW);
  const second = rows.build([...messages, message(3)], [], members, "me", NOW);
  assert.equal(second[0], first[0]);
  assert.equal(second[1], first[1]);
});

test("who the viewer is may become known after the messages", () => {
  const rows = builder();
  const messages = [message(1, "me")];
  assert.equal(rows.build(messages, [], members, "", NOW)[0].mine, false);
  assert.equal(rows.build(messages, [], members, "me", NOW)[0].mine, true);
});

test("days are divided where the viewer's day begins", () => {
  const midnight = Date.UTC(2026, 4, 2, 23); // 00:00 on the 3rd in Lisbon
  const [before, after] = builder().build(
    [at(midnight - 1000, 1), at(midnight, 2)], [], members, "me", NOW,
  );
  assert.equal(before.day_label, "Yesterday");
  assert.equal(after.day_label, "Today");
  assert.equal(after.time_label, "00:00");
});

test("messages of one author within minutes are one group", () => {
  const rows = builder().build(
    [at(NOW, 1), at(NOW + 60000, 2), at(NOW + 60001, 3, "me"), at(NOW + 3600000, 4, "me")],
    [], members, "me", NOW,
  );
  assert.deepEqual(rows.map((row) => row.starts_group), [true, false, true, true]);
  assert.deepEqual(rows.map((row) => row.mine), [false, false, true, true]);
});

test("what is on its way stands last, once, and becomes the message it was", () => {
  const rows = builder();
  const mine = { ...at(NOW, undefined, "me"), client_id: "x", reason: "" };
  const [waiting] = rows.build([], [mine], members, "me", NOW);
  assert.equal(waiting.state, "sending");
  const stored = { ...at(NOW + 5, 9, "me"), client_id: "x" };
  const after = rows.build([stored], [mine], members, "me", NOW);
  assert.deepEqual(after.map((row) => [row.key, row.state]), [[waiting.key, "sent"]]);
  const refused = rows.build([], [{ ...mine, client_id: "y", reason: "No." }], members, "me", NOW);
  assert.deepEqual(refused.map((row) => [row.state, row.reason]), [["failed", "No."]]);
});
