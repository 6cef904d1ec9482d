// Which photos a viewer goes through, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { photosOf, withShown } from "../../../tripchat/browser/attachments/viewer_photos.js";

const row = (seq, ...ids) => ({
  seq, state: "sent", attachments: { photos: ids.map((id) => ({ attachment_id: id })), files: [] },
});
const places = ({ photos, index, isGone }) => [photos.map((one) => one.attachment_id).join(""), index, isGone];
const ROWS = [row(1, "a", "b"), row(2), row(3, "c"), row(4, "d")];
const known = () => ({});
const deleted = () => ({ deleted: true });

test("all photos of stored messages, in their order", () => {
  const photos = photosOf([...ROWS, { ...row(0, "x"), state: "sending" }]);
  assert.deepEqual(photos.map(({ attachment_id, seq }) => `${attachment_id}${seq}`), ["a1", "b1", "c3", "d4"]);
  assert.deepEqual(places(withShown(photos, "c", null, known)), ["abcd", 2, false]);
});

test("what is deleted is gone, and its place is between its neighbours", () => {
  const [, second, third] = photosOf(ROWS);
  assert.deepEqual(places(withShown(photosOf(ROWS.slice(1)), "b", second, deleted)), ["cd", 0, true]);
  const without = photosOf(ROWS.filter(({ seq }) => seq !== 3));
  assert.deepEqual(places(withShown(without, "c", third, deleted)), ["abd", 2, true]);
  assert.deepEqual(places(withShown([], "c", third, deleted)), ["", 0, true]);
});

test("what the timeline has only let go of stays", () => {
  const [first] = photosOf(ROWS);
  assert.deepEqual(places(withShown(photosOf(ROWS.slice(1)), "a", first, known)), ["acd", 0, false]);
  assert.deepEqual(places(withShown(photosOf(ROWS.slice(1)), "a", first, () => undefined)), ["acd", 0, false]);
});

test("a photo that was never here is not there", () => {
  assert.deepEqual(places(withShown(photosOf(ROWS), "?", null, known)), ["abcd", 0, true]);
});
