// What I do to messages that are there: reactions, edits, deletions. Each is named (`client_id`),
// shown as wanted at once where that is possible, asked for until it is answered, and said again
// after a reconnect: every one says how things should be, so doing it twice does no harm.

import { eventLoop } from "$/utils/context-registry";
import { ReflexEvent } from "$/utils/state";
import { announce } from "../announce";
import { newClientId } from "./outbox";

const NOT_SIGNED_IN = 401;

class Actions {
  constructor() {
    this.room = ""; // full name of the room's state
    this.open = false; // whether the page is connected and hydrated
    this.waiting = []; // {client_id, handler, trip_id, seq, payload, rev, problem}
    this.listeners = new Set();
  }

  onChange(listener) {
    this.listeners.add(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  // A later wish about the same thing takes the place of an earlier one.
  ask(handler, tripId, seq, payload, about = "") {
    const action = { client_id: newClientId(), handler, trip_id: tripId, seq, payload, about, rev: null };
    this.waiting = this.waiting.filter((each) => !isSame(each, action));
    this.waiting.push(action);
    this.send(action);
    this.changed();
    return action.client_id;
  }

  react(tripId, seq, emoji, there) {
    return this.ask("react", tripId, seq, { emoji, there }, emoji);
  }

  edit(tripId, seq, text) {
    return this.ask("edit", tripId, seq, { body: { text } });
  }

  delete(tripId, seq) {
    return this.ask("delete", tripId, seq, {});
  }

  send({ client_id, handler, trip_id, seq, payload }) {
    if (!this.open) return;
    const event = ReflexEvent(`${this.room}.${handler}`, { trip_id, seq, client_id, ...payload });
    eventLoop.addEvents([event], [], {});
  }

  resend() {
    for (const action of this.waiting) if (action.rev === null) this.send(action);
  }

  // The server's answer: {rev} of the change, or the {problem} that was in its way. Whoever is not
  // signed in is asked to: what they want waits.
  answer(clientId, { rev, problem, status }) {
    const action = this.waiting.find((each) => each.client_id === clientId);
    if (!action || action.rev !== null || status === NOT_SIGNED_IN) return;
    if (problem !== undefined) this.waiting = this.waiting.filter((each) => each !== action);
    else action.rev = rev;
  }

  // What the tab has seen come back is done.
  settle(tripId, lastRev) {
    const done = this.waiting.filter(
      (each) => each.trip_id === tripId && each.rev !== null && each.rev <= lastRev,
    );
    if (!done.length) return;
    this.waiting = this.waiting.filter((each) => !done.includes(each));
    for (const { handler, client_id, seq, payload } of done) {
      if (handler !== "react") continue;
      announce("broadcast", "Reaction instantly broadcasted to all connected clients via WebSocket", {
        client_id,
        seq,
        ...payload,
      });
    }
  }

  // My edit or deletion of a message that is on its way: {text?, deleted?}, null for none.
  wishOf(tripId, seq) {
    const wish = this.waiting.findLast(
      (each) => each.handler !== "react" && each.trip_id === tripId && each.seq === seq,
    );
    if (!wish) return null;
    return (wish.wish ??= { text: wish.payload.body?.text, deleted: wish.handler === "delete" });
  }

  // The reactions I want under a message: emoji -> whether it should be there.
  wanted(tripId, seq) {
    const mine = this.waiting.filter(
      (each) => each.handler === "react" && each.trip_id === tripId && each.seq === seq,
    );
    return new Map(mine.map(({ payload }) => [payload.emoji, payload.there]));
  }
}

const isSame = (one, other) =>
  one.handler === other.handler &&
  one.trip_id === other.trip_id &&
  one.seq === other.seq &&
  one.about === other.about;

export const actions = new Actions();
