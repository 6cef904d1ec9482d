// Messages as the rows that a page renders, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Readers } from "../../../tripchat/browser/live/readers.js";
import { detailsOf, RowBuilder } from "../../../tripchat/browser/live/rows.js";

const message = (seq, author = "bo") => ({
  id: `id${seq}`, client_id: `c${seq}`, seq, rev: seq, author_id: author, kind: "text",
  body: { text: `t${seq}` }, sent_at: 1700000000000 + seq * 1000,
});
const members = new Map([["bo", { user_id: "bo", name: "Bo", initials: "B", hue: 7 }]]);
const builder = () => new RowBuilder("en-GB", "Europe/Lisbon");
const NOW = Date.UTC(2026, 4, 3, 12);
const view = (userId, more = {}) => ({
  userId, now: NOW, members, quoteOf: () => undefined, wanted: () => new Map(), wishOf: () => null,
  unreadFrom: 0, newestMine: 0, editing: 0, menu: 0, names: new Map([["bo", "Bo"]]),
  readers: new Readers([]), connected: true, ...more,
});
const at = (when, seq, author = "bo") => ({ ...message(seq, author), sent_at: when });

test("a row keeps its identity while nothing about it changes", () => {
  const rows = builder();
  const messages = [message(1), message(2)];
  const first = rows.build(messages, [], view("me"));
  const second = rows.build([...messages, message(3)], [], view("me"));
  assert.equal(second[0], first[0]);
  assert.equal(second[1], first[1]);
});

test("who the viewer is may become known after the messages", () => {
  const rows = builder();
  const messages = [message(1, "me")];
  assert.equal(rows.build(messages, [], view(""))[0].mine, false);
  assert.equal(rows.build(messages, [], view("me"))[0].mine, true);
});

test("days are divided where the viewer's day begins", () => {
  const midnight = Date.UTC(2026, 4, 2, 23); // 00:00 on the 3rd in Lisbon
  const [before, after] = builder().build(
    [at(midnight - 1000, 1), at(midnight, 2)], [], view("me"),
  );
  assert.equal(before.day_label, "Yesterday");
  assert.equal(after.day_label, "Today");
  assert.equal(after.time_label, "00:00");
});

test("messages of one author within minutes are one group", () => {
  const rows = builder().build(
    [at(NOW, 1), at(NOW + 60000, 2), at(NOW + 60001, 3, "me"), at(NOW + 3600000, 4, "me")],
    [], view("me"),
  );
  assert.deepEqual(rows.map((row) => row.starts_group), [true, false, true, true]);
  assert.deepEqual(rows.map((row) => row.mine), [false, false, true, true]);
});

test("what is on its way stands last, once, and becomes the message it was", () => {
  const rows = builder();
  const mine = { ...at(NOW, undefined, "me"), client_id: "x", reason: "" };
  const [waiting] = rows.build([], [mine], view("me"));
  assert.equal(waiting.state, "sending");
  const stored = { ...at(NOW + 5, 9, "me"), client_id: "x" };
  const after = rows.build([stored], [mine], view("me"));
  assert.deepEqual(after.map((row) => [row.key, row.state]), [[waiting.key, "sent"]]);
  const refused = rows.build([], [{ ...mine, client_id: "y", reason: "No." }], view("me"));
  assert.deepEqual(refused.map((row) => [row.state, row.reason]), [["failed", "No."]]);
});

test("a row tells who of the others has seen my message", () => {
  const others = [["Ana", 0], ["Bo", 1], ["Cy", 2]];
  const readers = new Readers(others.map(([name, read_seq]) => ({ name, read_seq })));
  const rows = builder().build(
    [message(1, "me"), message(2, "me"), message(3, "me")], [], view("me", { readers }),
  );
  assert.deepEqual(rows.map((row) => row.seen_by), ["Seen by Cy and Bo", "Seen by Cy", ""]);
});

test("everyone is said where everyone has seen it", () => {
  const readers = new Readers([{ name: "Ana", read_seq: 5 }, { name: "Bo", read_seq: 9 }]);
  assert.deepEqual([1, 5, 6, 9, 10].map((seq) => readers.of(seq)), [
    "Seen by everyone", "Seen by everyone", "Seen by Bo", "Seen by Bo", "",
  ]);
});

test("an edit on its way shows the words that are wanted", () => {
  const rows = builder();
  const before = rows.build([message(1, "me"), message(2, "me")], [], view("me"));
  const wish = { text: "better", deleted: false };
  const wishOf = (seq) => (seq === 2 ? wish : null);
  const after = rows.build([message(1, "me"), message(2, "me")], [], view("me", { wishOf }));
  assert.deepEqual([after[1].body.text, after[1].changing], ["better", true]);
  assert.equal(before[1].changing, false);
});

test("only my own texts can be edited, and nothing of what is deleted is left", () => {
  const gone = { ...message(3, "me"), body: {}, deleted: true, reactions: {} };
  const [theirs, mine, deleted] = builder().build(
    [message(1), message(2, "me"), gone], [], view("me"),
  );
  assert.deepEqual([theirs.editable, mine.editable, deleted.editable], [false, true, false]);
  assert.deepEqual([deleted.state, deleted.reactions], ["deleted", []]);
});

test("a mention of the viewer is marked for the viewer alone", () => {
  const html = '<span class="mention" data-user-id="me">@Me</span>';
  const named = { ...message(1), body: { text: "@Me", html, mentions: ["me"] } };
  const [mine] = builder().build([named], [], view("me"));
  const [theirs] = builder().build([named], [], view("bo"));
  assert.deepEqual([mine.names_me, theirs.names_me], [true, false]);
  assert.match(mine.body.html, /data-user-id="me" data-me="true"/);
  assert.equal(theirs.body.html, html);
});

test("my wish shows in the row before the server knows, and only that row changes", () => {
  const rows = builder();
  const messages = [message(1), message(2)];
  const before = rows.build(messages, [], view("me"));
  const wanted = (seq) => new Map(seq === 2 ? [["👍", true]] : []);
  const after = rows.build(messages, [], view("me", { wanted }));
  assert.equal(after[0], before[0]);
  assert.deepEqual(after[1].reactions.map(({ emoji, mine }) => [emoji, mine]), [["👍", true]]);
});

test("a message never reached more people than there are said to be", () => {
  const reached = (people, others) => detailsOf(message(1), people, others, []).reached;
  assert.equal(reached(3, 5), "3 of 5 members");
  assert.equal(reached(0, 1), "0 of 1 member");
  assert.equal(reached(3, 2), "3 of 3 members"); // one has left since
  assert.equal(reached(0, 0), "");
  assert.equal(reached(null, 5), "");
});
