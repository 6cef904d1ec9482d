// Whatever is late, lost or overtaken on the way: in the end a tab shows what the server has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBelow } from "./chance.mjs";
import { RING, TimelineStore } from "../../../tripchat/browser/live/timeline_store.js";

const WINDOW = 20;
const PER_PAGE = 15;
const MOST_CHANGES = 10;

// The server's side of one trip. Messages are replaced, never changed: what was read stays as it was.
class Trip {
  rev = 0;
  all = [];
  states = new Map(); // seq -> every state that the message has been in, oldest first

  say(reply_to_seq = null) {
    const seq = this.all.length + 1;
    const message = {
      id: `id${seq}`, client_id: `c${seq}`, seq, rev: ++this.rev, author_id: "bo", kind: "text",
      body: { text: `message ${seq}` }, reactions: {}, reply_to_seq,
    };
    this.keep(message);
    return { [`m${seq % WINDOW}_rx_state_`]: this.view(message) };
  }

  edit(seq) {
    const rev = ++this.rev;
    const message = { ...this.all[seq - 1], rev, body: { text: `message ${seq}, edit ${rev}` } };
    this.keep(message);
    return this.entry({ rev, message: this.view(message) });
  }

  react(seq, user_id, emoji) {
    const rev = ++this.rev;
    const before = this.all[seq - 1];
    const { [user_id]: { [emoji]: was, ...mine } = {}, ...reactions } = before.reactions;
    if (!was) mine[emoji] = rev;
    if (Object.keys(mine).length) reactions[user_id] = mine;
    this.keep({ ...before, rev, reactions });
    return this.entry({ rev, seq, user_id, emoji, there: !was });
  }

  keep(message) {
    this.all[message.seq - 1] = message;
    this.states.set(message.seq, [...(this.states.get(message.seq) ?? []), message]);
  }

  entry(what) {
    return { [`c${what.rev % RING}_rx_state_`]: { trip_id: "t", ...what } };
  }

  view(message) {
    if (!message.reply_to_seq) return message;
    return { ...message, quote: this.quote(message.reply_to_seq) };
  }

  quote(seq) {
    const { rev, author_id, body } = this.all[seq - 1];
    return { seq, rev, author_id, line: body.text, deleted: false };
  }

  snapshot() {
    const newest = this.all.slice(-WINDOW).map((each) => [`m${each.seq % WINDOW}_rx_state_`, this.view(each)]);
    return { ...Object.fromEntries(newest), rev_rx_state_: this.rev };
  }

  page({ before = null, after = null }) {
    const found = before
      ? this.all.filter((each) => each.seq < before).slice(-PER_PAGE)
      : this.all.filter((each) => each.seq > after).slice(0, PER_PAGE);
    const messages = found.map((each) => this.view(each));
    return { trip_id: "t", before, after, messages, last_rev: this.rev };
  }

  changes({ after_rev, first, last }) {
    const messages = this.all
      .filter((each) => each.seq >= first && each.seq <= last && each.rev > after_rev)
      .sort((a, b) => a.rev - b.rev)
      .slice(0, MOST_CHANGES)
      .map((each) => this.view(each));
    const complete = messages.length < MOST_CHANGES;
    return { trip_id: "t", after_rev, first, last, messages, complete, last_rev: this.rev };
  }
}

// A tab whose answers come late, or never when the connection is lost; broadcasts overtake them.
class Tab {
  constructor(trip) {
    this.trip = trip;
    this.store = new TimelineStore("t");
    this.vars = {};
    this.connected = false;
    this.requests = []; // not read yet
    this.answers = []; // on their way
    this.missed = null;
    this.connect();
  }

  hears(vars) {
    if (!this.connected) return;
    this.vars = { ...this.vars, ...vars };
    this.store.applyRoom(this.vars);
    this.askForMissed();
  }

  askForMissed() {
    const { missed } = this.store;
    if (!this.connected || !missed || missed === this.missed) return;
    this.missed = missed;
    this.requests.push(() => {
      const changes = this.trip.changes(missed);
      return () => this.store.applyMissed(changes);
    });
  }

  ask(page) {
    if (!page || !this.connected) return;
    this.requests.push(() => {
      const found = this.trip.page(page);
      return () => this.store.applyPage(found);
    });
  }

  read() {
    if (this.requests.length) this.answers.push(this.requests.shift()());
  }

  arrive() {
    if (this.answers.length) this.answers.shift()();
    this.askForMissed();
  }

  lose() {
    this.connected = false;
    this.requests = [];
    this.answers = [];
  }

  connect() {
    if (this.connected) return;
    this.connected = true;
    this.missed = null;
    this.hears(this.trip.snapshot());
    this.askForMissed();
    this.ask(this.store.asked);
  }

  settle() {
    this.connect();
    while (this.requests.length || this.answers.length) {
      this.read();
      this.arrive();
    }
  }
}

function showsWhatThereIs({ store }, trip) {
  for (const seq of store.messages.seqs()) {
    const { quote, ...message } = store.messages.get(seq);
    assert.deepEqual(message, trip.all[seq - 1], `message ${seq}`);
    if (quote) assert.equal(store.messages.quote(quote.seq).line, trip.quote(quote.seq).line);
  }
}

// At any moment each message is as it once was, with no hole, and unless something is known to be
// missing it has in all that was heard.
function showsWhatThereWas({ store }, trip) {
  for (const seq of store.messages.seqs()) {
    const { quote, ...message } = store.messages.get(seq);
    const states = trip.states.get(seq);
    assert.deepEqual(message, states.find(({ rev }) => rev === message.rev), `message ${seq}`);
    const due = states.findLast(({ rev }) => rev <= store.lastRev);
    assert.ok(store.missed || !due || message.rev >= due.rev, `message ${seq}`);
  }
}

for (let seed = 1; seed <= 300; seed++) {
  test(`a tab catches up with everything that happened (${seed})`, () => {
    const random = randomBelow(seed);
    const trip = new Trip();
    const some = () => 1 + random(trip.all.length);
    const says = () => trip.say(trip.all.length && random(2) ? some() : null);
    for (let count = random(120); count >= 0; count--) says();
    const tab = new Tab(trip);
    const doing = [
      () => tab.hears(says()),
      () => tab.hears(trip.edit(some())),
      () => tab.hears(trip.react(some(), ["ana", "bo", "cleo"][random(3)], ["👍", "🎉"][random(2)])),
      () => {
        const seq = some();
        for (let n = random(2 * RING); n; n--) tab.hears(trip.react(seq, "ana", `${n}`));
      },
      () => tab.ask(tab.store.older()),
      () => tab.ask(tab.store.newer()),
      () => tab.ask(tab.store.around(some())),
      () => tab.store.jumpToLatest(),
      () => tab.store.setAtEnd(random(2) === 0),
      () => tab.read(),
      () => tab.read(),
      () => tab.arrive(),
      () => tab.arrive(),
      () => (random(4) ? tab.connect() : tab.lose()),
    ];
    for (let step = 0; step < 200; step++) {
      doing[random(doing.length)]();
      if (step % 10 === 0) showsWhatThereWas(tab, trip);
    }
    tab.settle();
    assert.equal(tab.store.missed, null);
    assert.equal(tab.store.asked, null);
    showsWhatThereIs(tab, trip);
  });
}
