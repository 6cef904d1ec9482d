// Messages with files on their way, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../../tripchat/browser/live/outbox.js";
import { OutboxStorage } from "../../../tripchat/browser/live/outbox_storage.js";
import { SharedStorage } from "./storage.mjs";

const photo = (id, more = {}) => ({ id, name: `${id}.jpg`, type: "image/jpeg", size: 9, ...more });

// A tab, with what it has sent and what it has asked for its files.
function openTab(shared = new SharedStorage(), { name = "tab", adopted = [] } = {}) {
  const tab = { sent: [], asked: [] };
  tab.view = shared.tab((...change) => tab.outbox.hear(...change));
  const ask = (what) => (of) => tab.asked.push([what, of.client_id ?? of]);
  tab.outbox = new Outbox({
    storage: new OutboxStorage(() => tab.view),
    tab: name,
    send: (entry) => tab.sent.push(entry),
    stored: () => {},
    later: () => {},
    files: Object.fromEntries(
      ["carry", "leave", "sent", "discard", "drop"].map((what) => [what, ask(what)]),
    ),
  });
  tab.outbox.meet("me");
  tab.outbox.open = true;
  tab.outbox.adopt(adopted);
  tab.write = (text, ...files) => tab.outbox.add("lisbon", "text", { text }, null, files);
  tab.texts = () => tab.sent.map((entry) => entry.body.text);
  tab.pending = () => tab.outbox.pending("lisbon");
  return tab;
}

test("a message with files goes when all of them are there", () => {
  const tab = openTab();
  tab.write("Look", photo("a"), photo("b"));
  const [{ client_id }] = tab.pending();
  assert.deepEqual([tab.sent, tab.asked], [[], [["carry", client_id]]]);
  tab.outbox.uploaded(client_id, "a", { attachment_id: "A" });
  assert.deepEqual(tab.sent, []);
  tab.outbox.uploaded(client_id, "b", { attachment_id: "B", width: 4 });
  assert.deepEqual(tab.sent[0].files.map((file) => file.attachment_id), ["A", "B"]);
  assert.equal(tab.sent[0].files[1].width, 4);
  tab.outbox.answer({ client_id, seq: 1 });
  assert.deepEqual(tab.asked.at(-1), ["sent", client_id]);
});

test("what is uploaded already goes at once, and a text has no files", () => {
  const tab = openTab();
  tab.write("Look", photo("a", { attachment_id: "A" }));
  tab.write("Hello");
  assert.deepEqual(tab.texts(), ["Look", "Hello"]);
  assert.deepEqual(tab.asked, [["carry", tab.sent[0].client_id]], "it leaves the tray");
  assert.equal("files" in tab.sent[1], false);
});

test("a later text does not wait for an upload", () => {
  const tab = openTab();
  tab.write("A film", photo("a"));
  tab.write("A word");
  assert.deepEqual(tab.texts(), ["A word"]);
  tab.outbox.uploaded(tab.pending()[0].client_id, "a", { attachment_id: "A" });
  assert.deepEqual(tab.texts(), ["A word", "A film"]);
});

test("what was uploaded while offline is sent with the others, in order", () => {
  const tab = openTab();
  tab.outbox.open = false;
  tab.write("A film", photo("a"));
  tab.write("A word");
  tab.outbox.uploaded(tab.pending()[0].client_id, "a", { attachment_id: "A" });
  assert.deepEqual(tab.sent, []);
  tab.outbox.open = true;
  tab.outbox.resend();
  assert.deepEqual(tab.texts(), ["A film", "A word"]);
});

test("after a reload the files that are there are known, and the others are asked for", () => {
  const shared = new SharedStorage();
  const before = openTab(shared, { name: "before" });
  before.write("Look", photo("a"), photo("b"));
  const [{ client_id }] = before.pending();
  before.outbox.uploaded(client_id, "a", { attachment_id: "A" });
  shared.close(before.view);
  const after = openTab(shared, { name: "after" });
  assert.deepEqual(after.asked, [], "the tab that wrote it may still be there");
  after.outbox.adopt(["before"]);
  assert.deepEqual(after.asked, [["carry", client_id]]);
  after.outbox.uploaded(client_id, "b", { attachment_id: "B" });
  assert.deepEqual(after.sent[0].files.map((file) => file.attachment_id), ["A", "B"]);
});

test("a file that is refused fails its message; a new attempt keeps the others", () => {
  const tab = openTab();
  tab.write("Look", photo("a"), photo("b"));
  const [{ client_id }] = tab.pending();
  tab.outbox.uploaded(client_id, "a", { attachment_id: "A" });
  tab.outbox.refuseFile(client_id, "b", "Not such a file.");
  assert.equal(tab.pending()[0].reason, "Not such a file.");
  tab.outbox.resend();
  assert.deepEqual(tab.sent, []);
  tab.outbox.retry(client_id);
  const [again] = tab.pending();
  assert.notEqual(again.client_id, client_id);
  assert.deepEqual(again.files, [photo("a", { attachment_id: "A" }), photo("b")]);
  assert.deepEqual(tab.asked.at(-1), ["carry", again.client_id]);
});

test("where the message was refused, its files are uploaded anew", () => {
  const tab = openTab();
  tab.write("Look", photo("a", { attachment_id: "A" }));
  const [{ client_id }] = tab.pending();
  tab.outbox.answer({ client_id, problem: "There is no such file.", status: 422 });
  tab.outbox.retry(client_id);
  assert.deepEqual(tab.pending()[0].files, [photo("a")]);
  assert.equal(tab.sent.length, 1);
});

test("what is discarded takes its files along; the tab that uploads them hears of it", () => {
  const shared = new SharedStorage();
  const one = openTab(shared, { name: "one" });
  const two = openTab(shared, { name: "two" });
  one.write("Look", photo("a"));
  shared.deliver(two.view);
  const [{ client_id }] = two.pending();
  assert.deepEqual(two.asked, [], "only the tab that wrote it uploads");
  two.outbox.discard(client_id);
  assert.deepEqual(two.asked, [["discard", client_id]]);
  shared.deliver(one.view);
  assert.deepEqual(one.asked.at(-1), ["leave", client_id]);
  assert.deepEqual(one.pending(), []);
  one.outbox.uploaded(client_id, "a", { attachment_id: "A" });
  assert.deepEqual(one.sent, []);
});

test("whoever signs out leaves no files behind", () => {
  const tab = openTab();
  tab.write("Look", photo("a"));
  tab.outbox.drop();
  assert.deepEqual(tab.asked.at(-1), ["drop", "me"]);
});

test("what is no list of files is no message", () => {
  const shared = new SharedStorage();
  const tab = openTab(shared);
  tab.write("Look", photo("a"));
  const [[key, text]] = shared.items;
  const kept = JSON.parse(text);
  for (const files of [7, [null], [{ id: 1 }], [{ ...photo("a"), size: "9" }]]) {
    shared.items.set(key, JSON.stringify({ ...kept, files }));
    assert.deepEqual(new OutboxStorage(() => tab.view).entries("me"), []);
  }
});
