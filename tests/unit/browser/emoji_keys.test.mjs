// The keys of the emoji picker, without a browser: run by test_modules.py with node's own runner.

import assert from "node:assert/strict";
import { test } from "node:test";
import { move, moves } from "../../../tripchat/browser/emoji/keys.js";

const COLUMNS = 4;
const SIZES = [3, 10, 1, 8];
const places = SIZES.flatMap((size, group) =>
  Array.from({ length: size }, (_, index) => ({ group, index })),
);
const go = (place, key) => move(SIZES, COLUMNS, place, key);
const FIRST = places[0];
const LAST = places.at(-1);

test("right and left go through all in their order, and stop at the ends", () => {
  for (const [number, place] of places.entries()) {
    assert.deepEqual(go(place, "ArrowRight"), places[number + 1] ?? LAST);
    assert.deepEqual(go(place, "ArrowLeft"), places[number - 1] ?? FIRST);
  }
});

test("down goes to the next row, into a shorter one at its end", () => {
  assert.deepEqual(go({ group: 0, index: 2 }, "ArrowDown"), { group: 1, index: 2 });
  assert.deepEqual(go({ group: 1, index: 3 }, "ArrowDown"), { group: 1, index: 7 });
  assert.deepEqual(go({ group: 1, index: 7 }, "ArrowDown"), { group: 1, index: 9 });
  assert.deepEqual(go({ group: 1, index: 9 }, "ArrowDown"), { group: 2, index: 0 });
  assert.deepEqual(go({ group: 2, index: 0 }, "ArrowDown"), { group: 3, index: 0 });
  assert.deepEqual(go({ group: 3, index: 6 }, "ArrowDown"), { group: 3, index: 6 });
});

test("up goes to the row before, and out above the first", () => {
  assert.deepEqual(go({ group: 3, index: 7 }, "ArrowUp"), { group: 3, index: 3 });
  assert.deepEqual(go({ group: 3, index: 3 }, "ArrowUp"), { group: 2, index: 0 });
  assert.deepEqual(go({ group: 2, index: 0 }, "ArrowUp"), { group: 1, index: 8 });
  assert.deepEqual(go({ group: 1, index: 3 }, "ArrowUp"), { group: 0, index: 2 });
  assert.equal(go({ group: 0, index: 1 }, "ArrowUp"), null);
});

test("every key leads to a place that is there, and every place can be reached", () => {
  for (const columns of [1, 2, 3, 4, 8, 12]) {
    for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"]) {
      for (const place of places) {
        const to = move(SIZES, columns, place, key);
        assert.ok(to === null || (to.index >= 0 && to.index < SIZES[to.group]), key);
      }
    }
    let place = FIRST;
    const rows = SIZES.reduce((sum, size) => sum + Math.ceil(size / columns), 0);
    for (let row = 1; row < rows; row++) place = move(SIZES, columns, place, "ArrowDown");
    assert.equal(place.group, SIZES.length - 1);
    assert.deepEqual(move(SIZES, columns, place, "ArrowDown"), place);
  }
});

test("Home and End go to the first and the last", () => {
  for (const place of places) {
    assert.deepEqual(go(place, "Home"), FIRST);
    assert.deepEqual(go(place, "End"), LAST);
  }
});

test("no other key moves", () => {
  for (const key of ["Enter", "a", " ", "Tab", "toString", "constructor"]) {
    assert.equal(moves(key), false, key);
  }
});
