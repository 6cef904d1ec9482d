// Messages that I have sent and the server has not stored yet. A message leaves only when it has
// come back with its number, or when I discard it after a refusal. Sending the same one again is
// harmless: the server knows it by its client id.

import { eventLoop } from "$/utils/context-registry";
import { ReflexEvent } from "$/utils/state";

export const newClientId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
};

class Outbox {
  constructor() {
    this.room = ""; // full name of the room's state
    this.open = false; // whether the page is connected and hydrated
    this.trips = new Map(); // trip id -> entries, oldest first
    this.listeners = new Set();
  }

  onChange(listener) {
    this.listeners.add(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  pending(tripId) {
    return this.trips.get(tripId) ?? [];
  }

  put(tripId, entries) {
    this.trips.set(tripId, entries);
    this.changed();
  }

  // `quote` is what the message answers, as `message_store` tells it.
  add(tripId, authorId, kind, body, quote = null) {
    const entry = {
      client_id: newClientId(),
      author_id: authorId,
      kind,
      body,
      quote,
      sent_at: Date.now(),
      reason: "",
    };
    this.put(tripId, [...this.pending(tripId), entry]);
    this.send(tripId, entry);
  }

  // While disconnected nothing is sent: all that waits goes out in order after the next hydrate.
  send(tripId, { client_id, kind, body, quote }) {
    if (!this.open) return;
    const reply_to_seq = quote?.seq ?? null;
    const payload = { trip_id: tripId, client_id, kind, body, reply_to_seq };
    eventLoop.addEvents([ReflexEvent(`${this.room}.send`, payload)], [], {});
  }

  resend(tripId) {
    for (const entry of this.pending(tripId)) {
      if (!entry.reason) this.send(tripId, entry);
    }
  }

  confirm(tripId, clientId) {
    const entries = this.pending(tripId);
    const rest = entries.filter((entry) => entry.client_id !== clientId);
    if (rest.length === entries.length) return false;
    this.trips.set(tripId, rest);
    return true;
  }

  refuse(clientId, reason) {
    for (const [tripId, entries] of this.trips) {
      this.trips.set(
        tripId,
        entries.map((entry) => (entry.client_id === clientId ? { ...entry, reason } : entry)),
      );
    }
  }

  // `quoteNow` tells what there is of a quote by now, null for nothing.
  retry(clientId, quoteNow) {
    for (const [tripId, entries] of this.trips) {
      const failed = entries.find((entry) => entry.client_id === clientId);
      if (!failed) continue;
      // A refused message is a new attempt: the refusal of the old one stands in the room's state.
      const again = {
        ...failed,
        client_id: newClientId(),
        quote: failed.quote && quoteNow(failed.quote),
        sent_at: Date.now(),
        reason: "",
      };
      this.put(tripId, [...entries.filter((entry) => entry !== failed), again]);
      this.send(tripId, again);
    }
  }

  discard(clientId) {
    for (const tripId of this.trips.keys()) {
      if (this.confirm(tripId, clientId)) this.changed();
    }
  }
}

export const outbox = new Outbox();

export const discardMessage = (clientId) => outbox.discard(clientId);
