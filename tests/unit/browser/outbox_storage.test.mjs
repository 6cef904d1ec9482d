// How messages on their way are kept, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  entryOf,
  FULL,
  FULL_TRIP,
  keyOf,
  MOST_CHARS,
  MOST_MESSAGES,
  OutboxStorage,
  REFUSED,
} from "../../../tripchat/browser/live/outbox_storage.js";
import { SharedStorage } from "./storage.mjs";

const DAY = 24 * 60 * 60 * 1000;
let number = 0;
const entry = (more = {}) => ({
  client_id: `c${(number += 1)}`,
  trip_id: "lisbon",
  author_id: "me",
  tab: "tab",
  number,
  kind: "text",
  body: { text: "Hello\n\"you\" 👋🏽" },
  quote: null,
  sent_at: 1_000_000,
  reason: "",
  ...more,
});
const over = (shared) => {
  const view = shared.tab();
  return new OutboxStorage(() => view);
};

test("entries are there again as they were, in the order of their numbers", () => {
  const shared = new SharedStorage();
  const [first, second, third] = [entry(), entry({ trip_id: "porto" }), entry()];
  for (const each of [third, first, second]) assert.equal(over(shared).add(each), "");
  assert.deepEqual(over(shared).entries("me"), [first, second, third]);
  over(shared).remove(second);
  assert.deepEqual(over(shared).entries("me"), [first, third]);
});

test("nobody's entries are another's", () => {
  const shared = new SharedStorage();
  const mine = entry({ author_id: "a", trip_id: "b" });
  over(shared).add(mine);
  for (const other of ["a:b", "", "ab", "A"]) assert.deepEqual(over(shared).entries(other), []);
  over(shared).drop("b");
  assert.deepEqual(over(shared).entries("a"), [mine]);
  over(shared).drop("a");
  assert.equal(shared.items.size, 0);
});

test("two tabs never overwrite each other", () => {
  const shared = new SharedStorage();
  const [one, two] = [over(shared), over(shared)];
  const sent = Array.from({ length: 20 }, () => entry());
  for (const [index, each] of sent.entries()) (index % 2 ? one : two).add(each);
  assert.deepEqual(one.entries("me"), sent);
});

test("a trip takes so many messages, and another one the same again", () => {
  const shared = new SharedStorage();
  const storage = over(shared);
  const kept = Array.from({ length: MOST_MESSAGES }, () => entry());
  for (const each of kept) assert.equal(storage.add(each), "");
  assert.equal(storage.add(entry()), FULL_TRIP);
  assert.equal(storage.add(entry({ trip_id: "porto" })), "");
  assert.equal(storage.add(entry({ author_id: "you" })), "");
  assert.equal(storage.add(entry(), kept[0]), "", "in the place of another there is room");
  assert.equal(storage.entries("me").length, MOST_MESSAGES + 1);
});

test("a person's messages have so much room in all", () => {
  const shared = new SharedStorage();
  const storage = over(shared);
  const large = (trip_id) => entry({ trip_id, body: { text: "x".repeat(MOST_CHARS / 3) } });
  assert.equal(storage.add(large("a")), "");
  assert.equal(storage.add(large("b")), "");
  assert.equal(storage.add(large("c")), FULL);
  assert.equal(storage.add(entry({ trip_id: "c" })), "");
  assert.equal(storage.add({ ...large("a"), author_id: "you" }), "");
  let chars = 0;
  for (const key of storage.keys("tripchat:outbox:me:")) chars += key.length + shared.items.get(key).length;
  assert.ok(chars <= MOST_CHARS);
});

test("what the browser refuses is not kept, and what was there stays", () => {
  const shared = new SharedStorage(2000);
  const storage = over(shared);
  const first = entry();
  storage.add(first);
  const larger = entry({ body: { text: "x".repeat(2000) } });
  assert.equal(storage.add(larger), REFUSED);
  assert.equal(storage.add(larger, first), REFUSED);
  storage.update({ ...first, reason: "x".repeat(2000) });
  assert.deepEqual(storage.entries("me"), [first]);
});

test("where there is no storage, there is one until the page goes", () => {
  for (const open of [
    () => undefined,
    () => null,
    () => {
      throw new DOMException("denied", "SecurityError");
    },
  ]) {
    const storage = new OutboxStorage(open);
    const mine = entry();
    assert.equal(storage.add(mine), "");
    assert.deepEqual(storage.entries("me"), [mine]);
    storage.remove(mine);
    assert.deepEqual(storage.entries("me"), []);
  }
});

test("an update brings nothing back that was removed", () => {
  const shared = new SharedStorage();
  const storage = over(shared);
  const mine = entry();
  storage.add(mine);
  storage.update({ ...mine, reason: "no" });
  assert.equal(storage.entries("me")[0].reason, "no");
  storage.remove(mine);
  storage.update({ ...mine, reason: "no" });
  assert.deepEqual(storage.entries("me"), []);
});

test("what is older than a month, or cannot be read, is let go, and nothing else", () => {
  const shared = new SharedStorage();
  const storage = over(shared);
  const now = 100 * DAY;
  const [old, young, others] = [
    entry({ sent_at: now - 31 * DAY }),
    entry({ sent_at: now - 29 * DAY }),
    entry({ sent_at: now - 29 * DAY, author_id: "you" }),
  ];
  for (const each of [old, young, others]) storage.add(each);
  shared.items.set("tripchat:outbox:me:lisbon:broken", "{");
  shared.items.set("tripchat:draft:me:lisbon", "mine");
  shared.items.set("theme", "dark");
  storage.purge(now);
  assert.deepEqual(storage.entries("me"), [young]);
  assert.deepEqual(storage.entries("you"), [others]);
  assert.equal(shared.items.get("tripchat:draft:me:lisbon"), "mine");
  assert.equal(shared.items.get("theme"), "dark");
});

test("whatever stands there, only what can be sent is read", () => {
  const good = entry();
  const key = keyOf(good);
  assert.deepEqual(entryOf(key, JSON.stringify(good)), good);
  const wrong = [null, "", "{", "null", "1", "[]", "true", "{}"];
  for (const name of Object.keys(good).filter((each) => each !== "quote")) {
    for (const value of [undefined, null, {}, ""]) {
      const strange = { ...good, [name]: value };
      const isFine =
        (name === "body" && typeof value === "object" && value) ||
        (["tab", "kind", "reason"].includes(name) && value === "");
      if (!isFine) wrong.push(JSON.stringify(strange));
    }
  }
  for (const text of wrong) assert.equal(entryOf(key, text), null, text);
  assert.equal(entryOf("theme", JSON.stringify(good)), null);
  assert.equal(entryOf(keyOf(entry()), JSON.stringify(good)), null, "under another's key");
});
