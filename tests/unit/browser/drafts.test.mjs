// What is kept of an unfinished message, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts, NOTHING } from "../../../tripchat/browser/live/drafts.js";
import { MemoryStorage } from "../../../tripchat/browser/live/outbox_storage.js";

// A Storage as browsers have it, with a bound on what it takes.
class Store extends MemoryStorage {
  constructor(most = Infinity) {
    super();
    this.most = most;
  }
  setItem(key, value) {
    if (value.length > this.most) throw new DOMException("full", "QuotaExceededError");
    super.setItem(key, value);
  }
}

const over = (store) => new Drafts(() => store);
const DRAFT = {
  text: "Hello @Ana Lopes,\n\"how\" are you? 👋🏽",
  reply: { seq: 7, author_id: "ana" },
  mentions: [{ user_id: "ana", name: "Ana Lopes" }],
};

test("a draft is there again as it was, for the same person in the same trip alone", () => {
  const store = new Store();
  over(store).write("me", "lisbon", DRAFT);
  assert.deepEqual(over(store).read("me", "lisbon"), DRAFT);
  assert.deepEqual(over(store).read("me", "porto"), NOTHING);
  assert.deepEqual(over(store).read("you", "lisbon"), NOTHING);
  assert.equal(store.length, 1);
});

test("nobody's ids can be read as another's", () => {
  const store = new Store();
  over(store).write("a", "b", DRAFT);
  assert.deepEqual(over(store).read("a:b", ""), NOTHING);
  assert.deepEqual(over(store).read("", "a:b"), NOTHING);
});

test("the last who writes wins", () => {
  const store = new Store();
  over(store).write("me", "lisbon", DRAFT);
  over(store).write("me", "lisbon", { ...DRAFT, text: "Later" });
  assert.equal(over(store).read("me", "lisbon").text, "Later");
});

test("an empty draft leaves nothing behind, a reply alone is one", () => {
  for (const text of ["", "  ", "\n\t\n"]) {
    const store = new Store();
    over(store).write("me", "lisbon", DRAFT);
    over(store).write("me", "lisbon", { text, reply: null, mentions: DRAFT.mentions });
    assert.equal(store.length, 0);
    over(store).write("me", "lisbon", { text, reply: DRAFT.reply, mentions: [] });
    assert.deepEqual(over(store).read("me", "lisbon"), { text, reply: DRAFT.reply, mentions: [] });
  }
});

test("what one who signs out wrote is dropped, and nothing else in the storage", () => {
  const store = new Store();
  store.setItem("theme", "dark");
  for (const user of ["me", "me2", "you"]) {
    for (const trip of ["lisbon", "porto"]) over(store).write(user, trip, DRAFT);
  }
  over(store).drop("me");
  assert.equal(store.length, 5);
  assert.deepEqual(over(store).read("me", "porto"), NOTHING);
  assert.deepEqual(over(store).read("me2", "porto"), DRAFT);
  assert.equal(store.getItem("theme"), "dark");
});

test("a full storage keeps what it had", () => {
  const store = new Store(300);
  over(store).write("me", "lisbon", DRAFT);
  over(store).write("me", "lisbon", { ...DRAFT, text: "x".repeat(300) });
  assert.deepEqual(over(store).read("me", "lisbon"), DRAFT);
});

test("without a storage there are no drafts, and no errors", () => {
  const forbidden = new Drafts(() => {
    throw new DOMException("denied", "SecurityError");
  });
  forbidden.write("me", "lisbon", DRAFT);
  forbidden.drop("me");
  assert.deepEqual(forbidden.read("me", "lisbon"), NOTHING);
  const missing = over(undefined);
  missing.write("me", "lisbon", DRAFT);
  assert.deepEqual(missing.read("me", "lisbon"), NOTHING);
});

test("whatever stands there, a draft is read that can be shown", () => {
  const strange = [
    "", "{", "null", "1", "[]", '"text"', "true", "{}", '{"text":1}', '{"text":"a","reply":7}',
    '{"text":"a","reply":{"seq":"7"}}', '{"text":"a","reply":{"seq":7}}',
    '{"text":"a","mentions":{}}',
    '{"text":"a","mentions":[null,1,{"user_id":1,"name":"x"},{"user_id":"x"}]}',
  ];
  for (const value of strange) {
    const store = new Store();
    over(store).write("me", "lisbon", DRAFT);
    store.setItem(store.key(0), value);
    const { text, reply, mentions } = over(store).read("me", "lisbon");
    assert.ok(text === "" || text === "a", value);
    assert.equal(reply, null, value);
    assert.deepEqual(mentions, [], value);
  }
});
