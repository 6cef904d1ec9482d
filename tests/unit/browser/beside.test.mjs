// Where a popover stands: run by test_modules.py with node's own runner.

import assert from "node:assert/strict";
import { test } from "node:test";
import { place } from "../../../tripchat/browser/emoji/beside.js";

const POPOVER = { width: 300, height: 400 };
const rect = (left, top, width = 32, height = 32) => ({
  left, top, right: left + width, bottom: top + height,
});
const overlap = ({ top, left }, button) =>
  left < button.right && left + POPOVER.width > button.left &&
  top < button.bottom && top + POPOVER.height > button.top;

test("above the button where there is room, else below, their right edges in line", () => {
  const page = { width: 1280, height: 1000 };
  assert.deepEqual(place(rect(800, 600), POPOVER, page), { top: 192, left: 532 });
  assert.deepEqual(place(rect(800, 100), POPOVER, page), { top: 140, left: 532 });
});

test("wherever the button is, the popover is within the page and does not cover it", () => {
  for (const page of [{ width: 1280, height: 1000 }, { width: 900, height: 500 }]) {
    for (let left = 0; left <= page.width - 32; left += 31) {
      for (let top = 0; top <= page.height - 32; top += 31) {
        const button = rect(left, top);
        const at = place(button, POPOVER, page);
        assert.ok(at.left >= 0 && at.left + POPOVER.width <= page.width, JSON.stringify(button));
        assert.ok(at.top >= 0 && at.top + POPOVER.height <= page.height, JSON.stringify(button));
        assert.ok(!overlap(at, button), JSON.stringify(button));
      }
    }
  }
});

test("on a page that is too small it begins at the page's corner", () => {
  const at = place(rect(100, 100), POPOVER, { width: 200, height: 200 });
  assert.deepEqual(at, { top: 8, left: 8 });
});
