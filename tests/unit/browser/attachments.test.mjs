// What is taken of chosen files, and how they are told and shown, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attachmentRows } from "../../../tripchat/browser/attachments/attachment_rows.js";
import { choose } from "../../../tripchat/browser/attachments/choosing.js";
import {
  filesLine, familyOf, isPhoto, sizeLabel, typeLabel,
} from "../../../tripchat/browser/attachments/file_words.js";
import { lineOf } from "../../../tripchat/browser/live/message_store.js";

const LIMITS = { already: 0, most: 3, mostBytes: 1024 };
const file = (name, size = 10, type = "image/jpeg") => ({ name, size, type });

test("files that are too large or empty stay behind, and each is named", () => {
  const { taken, problem } = choose([file("a", 1025), file("b", 1024), file("c", 0)], LIMITS);
  assert.deepEqual(taken.map(({ name }) => name), ["b"]);
  assert.match(problem, /“a” is too large: 1 KB/);
  assert.match(problem, /“c” is empty/);
});

test("a message takes as many as it may have, the first ones", () => {
  const { taken, problem } = choose(["a", "b", "c"].map((name) => file(name)), { ...LIMITS, already: 1 });
  assert.deepEqual(taken.map(({ name }) => name), ["a", "b"]);
  assert.match(problem, /at most 3 files/);
  assert.deepEqual(choose([file("a")], LIMITS), { taken: [file("a")], problem: "" });
  assert.deepEqual(choose([file("a")], { ...LIMITS, already: 4 }).taken, []);
});

test("sizes are said as people say them", () => {
  const said = [0, 840, 1000, 1024, 250_000, 2_500_000, 25 * 1024 * 1024, 3e9].map(sizeLabel);
  assert.deepEqual(said, [
    "0 bytes", "840 bytes", "1 KB", "1 KB", "244 KB", "2.4 MB", "25 MB", "2.8 GB",
  ]);
});

test("types are said in a word", () => {
  assert.equal(typeLabel("application/pdf", "x"), "PDF");
  assert.equal(typeLabel("application/octet-stream", "plan.dwg"), "DWG");
  assert.equal(typeLabel("application/octet-stream", "a.very-long-ending"), "File");
  assert.equal(typeLabel("image/png", "pasted"), "Photo");
  assert.deepEqual(
    ["video/mp4", "application/zip", "text/plain", "application/x-thing"].map(familyOf),
    ["video", "archive", "text", "other"],
  );
  assert.deepEqual(["image/png", "image/svg+xml"].map(isPhoto), [true, false]);
});

test("what has no words says its files, as the server does", () => {
  const plan = file("plan.pdf", 1, "application/pdf");
  const lines = [[], [file("a")], [file("a"), file("b")], [plan], [file("a"), plan]].map(filesLine);
  assert.deepEqual(lines, ["", "Photo", "2 photos", "plan.pdf", "2 files"]);
  const line = (body, more = {}) => lineOf({ body, ...more });
  assert.equal(line({ text: "", attachments: [file("a")] }), "Photo");
  assert.equal(line({ text: "Look", attachments: [file("a")] }), "Look");
  assert.equal(line({ text: "", attachments: [file("a")] }, { deleted: true }), "");
  assert.equal(line({}, { line: "A place" }), "A place");
});

const attachment = (id, more = {}) => ({
  attachment_id: id, name: `${id}.jpg`, type: "image/jpeg", size: 2048, width: 400, height: 300, ...more,
});
const nothing = () => undefined;

test("stored photos and files are shown from the server, mine from the page if it has them", () => {
  const message = { body: { attachments: [
    attachment("a"), attachment("b"), attachment("c", { type: "application/pdf" }),
  ] } };
  const { photos, files } = attachmentRows(message, nothing, (id) => (id === "b" ? "blob:b" : undefined));
  assert.deepEqual(photos.map(({ src }) => src), ["/api/attachments/a?size=thumb", "blob:b"]);
  assert.deepEqual(photos.map(({ state, progress, url }) => [state, progress, url])[0],
    ["ready", 100, "/api/attachments/a"]);
  assert.deepEqual(files.map(({ facts, family }) => [facts, family]), [["PDF · 2 KB", "text"]]);
  assert.deepEqual(attachmentRows({ body: {} }, nothing, nothing), { photos: [], files: [] });
});

test("the place of a photo is known before it is there, and never absurd", () => {
  const shapes = [[400, 300], [9000, 100], [100, 9000], [undefined, undefined]].map(([width, height]) => {
    const message = { body: { attachments: [attachment("a", { width, height })] } };
    return attachmentRows(message, nothing, nothing).photos[0].shape;
  });
  assert.deepEqual(shapes, [4 / 3, 2, 0.75, 4 / 3]);
});

test("files on their way show how far they are, in every tab what it knows", () => {
  const files = [
    { id: "f", name: "f.jpg", type: "image/jpeg", size: 9 },
    { id: "g", name: "g.jpg", type: "image/jpeg", size: 9, attachment_id: "G" },
    { id: "h", name: "h.jpg", type: "image/jpeg", size: 9, problem: "No." },
  ];
  const uploads = { f: { state: "uploading", progress: 40, url: "blob:f" } };
  const shown = (uploadOf) => attachmentRows({ body: {}, files }, uploadOf, nothing)
    .photos.map(({ state, progress, src, url }) => [state, progress, src, url]);
  assert.deepEqual(shown((id) => uploads[id])[0], ["uploading", 40, "blob:f", ""]);
  assert.deepEqual(shown(nothing), [
    ["uploading", 0, "", ""],
    ["ready", 100, "/api/attachments/G?size=thumb", ""],
    ["failed", 0, "", ""],
  ]);
});
