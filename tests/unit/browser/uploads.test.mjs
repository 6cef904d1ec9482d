// Files on their way to the server, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AT_A_TIME, Uploads } from "../../../tripchat/browser/attachments/uploads.js";

// Uploads with what was begun, broken off and collected, and what they wait for.
function page() {
  const seen = { begun: [], aborted: [], collected: [], waiting: [], told: [] };
  const under = new Map(); // id -> how to tell what becomes of it
  const uploads = new Uploads({
    begin({ id }, hear) {
      seen.begun.push(id);
      under.set(id, hear);
      return () => seen.aborted.push(id);
    },
    collect: (id) => seen.collected.push(id),
    later: (call, ms) => seen.waiting.push({ call, ms }),
  });
  uploads.messages = {
    uploaded: (...told) => seen.told.push(["uploaded", ...told]),
    refuseFile: (...told) => seen.told.push(["refused", ...told]),
  };
  const choose = (...ids) =>
    uploads.add(ids.map((id) => ({ id, trip_id: "lisbon", name: id, type: "text/plain", size: 9 })));
  const answer = (id, status, content = {}, retry_after = 0) =>
    under.get(id).settle({ status, content, retry_after });
  const state = (id) => uploads.get(id)?.state;
  return { ...seen, uploads, under, choose, answer, state };
}

const FILES = ["a", "b", "c", "d", "e"];
const entry = (ids, client_id = "m1") => ({
  client_id, trip_id: "lisbon",
  files: ids.map((id) => ({ id, name: id, type: "text/plain", size: 9 })),
});

test("files begin at once, a few at a time, in the order in which they were chosen", () => {
  const { begun, answer, choose, uploads } = page();
  choose(...FILES);
  assert.deepEqual(begun, FILES.slice(0, AT_A_TIME));
  assert.deepEqual(uploads.tray("lisbon").map(({ id }) => id), FILES);
  assert.deepEqual(uploads.tray("porto"), []);
  answer("b", 201, { attachment_id: "B" });
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
});

test("progress is told in hundredths, and the last one is the server's answer", () => {
  const { answer, choose, under, uploads } = page();
  choose("a");
  const shown = [];
  uploads.subscribe(() => shown.push(uploads.get("a").progress));
  for (const share of [0.001, 0.5, 0.5004, 1]) under.get("a").progress(share);
  answer("a", 201, { attachment_id: "A", width: 3 });
  assert.deepEqual(shown, [50, 99, 100]);
  const { state, attachment_id, width } = uploads.get("a");
  assert.deepEqual([state, attachment_id, width], ["ready", "A", 3]);
});

test("a refusal is shown with the server's reason, and can be tried again", () => {
  const { begun, answer, choose, state, uploads } = page();
  choose("a");
  answer("a", 422, { detail: "No such files." });
  assert.deepEqual([state("a"), uploads.get("a").reason], ["failed", "No such files."]);
  uploads.retry("a");
  assert.deepEqual([state("a"), begun], ["uploading", ["a", "a"]]);
  answer("a", 201, { attachment_id: "A" });
  assert.equal(uploads.get("a").reason, "");
});

test("what the connection breaks begins anew, later and later, and at once when it is back", () => {
  const { begun, answer, choose, state, uploads, waiting } = page();
  choose("a");
  for (let attempt = 0; attempt < 8; attempt += 1) {
    answer("a", 0);
    assert.equal(state("a"), "uploading");
    waiting.at(-1).call();
  }
  assert.deepEqual(waiting.map(({ ms }) => ms), [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.equal(begun.length, 9);
  answer("a", 0);
  uploads.wake();
  assert.equal(begun.length, 10);
  answer("a", 0);
  assert.equal(waiting.at(-1).ms, 1000);
});

test("a wait that was ended early does not begin anything twice", () => {
  const { begun, answer, choose, uploads, waiting } = page();
  choose("a");
  answer("a", 0);
  uploads.wake();
  waiting[0].call();
  assert.deepEqual(begun, ["a", "a"]);
});

test("the server is not asked before it wants to be", () => {
  const { answer, begun, choose, waiting } = page();
  choose("a", "b");
  answer("a", 429, {}, 7);
  assert.equal(waiting[0].ms, 7000);
  choose("c");
  assert.deepEqual(begun, ["a", "b"]);
});

test("what the server fails on again and again is given up, an outage is not", () => {
  const { answer, choose, state, waiting } = page();
  choose("a");
  for (let attempt = 0; attempt < 9; attempt += 1) {
    answer("a", 503);
    waiting.at(-1).call();
  }
  for (let attempt = 0; attempt < 5; attempt += 1) {
    assert.equal(state("a"), "uploading");
    answer("a", 500);
    waiting.at(-1).call();
  }
  assert.equal(state("a"), "failed");
});

test("a file that is taken back is broken off, or dropped by the server, and makes way", () => {
  const { aborted, answer, begun, choose, collected, under, uploads } = page();
  choose(...FILES);
  uploads.cancel("a");
  assert.deepEqual([aborted, begun.at(-1)], [["a"], "d"]);
  under.get("a").settle({ status: 201, content: { attachment_id: "A" } });
  assert.equal(uploads.get("a"), undefined, "what was broken off is not heard");
  answer("b", 201, { attachment_id: "B" });
  uploads.cancel("b");
  assert.deepEqual(collected, ["B"]);
  assert.deepEqual(uploads.tray("lisbon").map(({ id }) => id), ["c", "d", "e"]);
});

test("a message takes its files along, and hears when they are there", () => {
  const { answer, begun, choose, told, uploads } = page();
  choose("a", "b");
  uploads.carry(entry(["a", "b"]));
  assert.deepEqual(uploads.tray("lisbon"), []);
  assert.deepEqual(begun, ["a", "b"]);
  answer("a", 201, { attachment_id: "A" });
  answer("b", 413, { detail: "Too large." });
  assert.deepEqual(told, [
    ["uploaded", "m1", "a", { attachment_id: "A" }],
    ["refused", "m1", "b", "Too large."],
  ]);
});

test("after a reload what a message lacks begins, and what it has does not", () => {
  const { begun, state, uploads } = page();
  const message = entry(["a", "b"]);
  message.files[0].attachment_id = "A";
  uploads.carry(message);
  uploads.carry(message);
  assert.deepEqual(begun, ["b"]);
  assert.equal(state("a"), "ready");
});

test("a new attempt begins what was refused, and all if the message was", () => {
  const { answer, begun, choose, uploads } = page();
  choose("a", "b");
  uploads.carry(entry(["a", "b"]));
  answer("a", 201, { attachment_id: "A" });
  answer("b", 422);
  const again = entry(["a", "b"], "m2");
  again.files[0].attachment_id = "A";
  uploads.carry(again);
  assert.deepEqual(begun, ["a", "b", "b"]);
  assert.equal(uploads.get("a").client_id, "m2");
  answer("b", 201, { attachment_id: "B" });
  uploads.carry(entry(["a", "b"], "m3"));
  assert.deepEqual(begun, ["a", "b", "b", "a", "b"]);
});

test("the files of a message that is gone go no further", () => {
  const { aborted, begun, choose, uploads } = page();
  choose(...FILES);
  uploads.carry(entry(["a", "b"]));
  uploads.leave("m1");
  assert.deepEqual(aborted, ["a", "b"]);
  assert.deepEqual(begun.slice(3), ["d", "e"]);
  uploads.drop();
  assert.deepEqual([uploads.files.size, uploads.running.size], [0, 0]);
});

test("a file that ends while it begins holds up nothing", () => {
  const begun = [];
  const uploads = new Uploads({
    begin({ id }, { settle }) {
      begun.push(id);
      settle({ status: 201, content: { attachment_id: id } });
      return () => assert.fail("there is nothing to break off");
    },
  });
  uploads.add(FILES.map((id) => ({ id, trip_id: "lisbon", name: id, type: "", size: 1 })));
  assert.deepEqual(begun, FILES);
  assert.equal(uploads.running.size, 0);
});
