// What is remembered of picking emoji: run by test_modules.py with node's own runner.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  MOST_RECENT,
  recentEmoji,
  rememberedTone,
  rememberTone,
  rememberUse,
} from "../../../tripchat/browser/emoji/memory.js";

const KEY = "tripchat.emoji";
const FORBIDDEN = () => {
  throw new DOMException("no", "SecurityError");
};

class Storage {
  constructor() {
    this.items = new Map();
  }
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  setItem(key, value) {
    this.items.set(key, value);
  }
}

const provide = (descriptor) =>
  Object.defineProperty(globalThis, "localStorage", { configurable: true, ...descriptor });

let storage;
beforeEach(() => {
  storage = new Storage();
  provide({ value: storage });
  rememberTone(""); // what could not be stored before is stored now
  storage.items.clear();
});

test("nothing is remembered at first", () => {
  assert.deepEqual(recentEmoji(), []);
  assert.equal(rememberedTone(), "");
});

test("what was used once comes in the order of use, the last first", () => {
  for (const emoji of ["a", "b", "c"]) rememberUse(emoji);
  assert.deepEqual(recentEmoji(), ["c", "b", "a"]);
});

test("what is used often stays before what was used once", () => {
  for (const emoji of ["a", "a", "a", "b", "c"]) rememberUse(emoji);
  assert.deepEqual(recentEmoji(), ["a", "c", "b"]);
});

test("a habit gives way to a new one", () => {
  for (let use = 0; use < 100; use++) rememberUse("old");
  for (let use = 0; use < 20; use++) rememberUse("new");
  assert.deepEqual(recentEmoji(), ["new", "old"]);
});

test("whatever was used, the last is among them, each once, and they are never too many", () => {
  let seed = 1;
  for (let use = 0; use < 2000; use++) {
    seed = (seed * 48271) % 2147483647;
    const emoji = `e${Math.floor(Math.sqrt(seed % 1600))}`;
    rememberUse(emoji);
    const recent = recentEmoji();
    assert.ok(recent.includes(emoji));
    assert.ok(recent.length <= MOST_RECENT);
    assert.equal(new Set(recent).size, recent.length);
  }
});

test("the tone and the uses do not touch each other", () => {
  rememberUse("a");
  rememberTone("🏽");
  rememberUse("b");
  assert.equal(rememberedTone(), "🏽");
  assert.deepEqual(recentEmoji(), ["b", "a"]);
});

test("another tab's uses count", () => {
  rememberUse("a");
  const { tone, uses } = JSON.parse(storage.getItem(KEY));
  storage.setItem(KEY, JSON.stringify({ tone, uses: [...uses, ["b", 0.5]] }));
  rememberUse("c");
  assert.deepEqual(recentEmoji(), ["c", "a", "b"]);
});

test("whatever else is stored there does no harm", () => {
  const junk = ["", "{", "null", "[]", "7", '"x"', "{}", '{"uses":7}', '{"uses":{}}'];
  const uses = ["null", "[7]", '[["a"]]', '[["a",null]]', '[["a","b"]]', "[[1,1]]", '[["a",-1]]'];
  for (const text of [...junk, ...uses.map((each) => `{"tone":null,"uses":${each}}`)]) {
    storage.setItem(KEY, text);
    assert.deepEqual(recentEmoji(), [], text);
    rememberUse("b");
    assert.deepEqual(recentEmoji(), ["b"], text);
  }
});

for (const [what, descriptor] of [
  ["full", { get: () => Object.assign(new Storage(), { setItem: FORBIDDEN }) }],
  ["forbidden", { get: FORBIDDEN }],
  ["not there", { value: undefined }],
]) {
  test(`with storage that is ${what} it is remembered until the page is left`, () => {
    provide(descriptor);
    rememberUse("a");
    rememberTone("🏿");
    rememberUse("b");
    assert.deepEqual(recentEmoji(), ["b", "a"]);
    assert.equal(rememberedTone(), "🏿");
  });
}
