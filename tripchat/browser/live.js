// What this tab knows of the open trip, kept between the Reflex state and the components: the
// room's state goes in, rows to render come out. One per page; components subscribe to it.

import { useContext, useLayoutEffect, useSyncExternalStore } from "react";
import { eventLoop, StateStoreContext } from "$/utils/context-registry";
import { ReflexEvent } from "$/utils/state";
import { announce } from "./announce";
import { outbox } from "./outbox";
import { RowBuilder, TimelineStore } from "./timeline_store";

const MARK_READ_MS = 2000; // at most one read marker in this time

const EMPTY = {
  tripId: "",
  rows: [],
  online: [],
  lastMessage: null,
  lastSeq: 0,
  readSeq: 0,
  unseen: 0,
  atEnd: true,
  atBeginning: true,
  loading: false,
};

class LiveTrip {
  constructor() {
    this.stores = new Map(); // trip id -> TimelineStore: a trip seen before is there at once
    this.listeners = new Set();
    this.snapshot = EMPTY;
    this.room = "";
    this.userId = "";
    this.store = null;
    this.members = new Map();
    this.memberList = null;
    this.page = null;
    this.builder = null;
    this.online = [];
    this.marking = null;
    outbox.onChange(() => this.publish());
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getSnapshot = () => this.snapshot;

  // Take the room's and the session's vars as Reflex has them now.
  read(room, session) {
    const value = (vars, name) => vars?.[`${name}_rx_state_`];
    const userId = value(session, "user_id") ?? "";
    // Signed out elsewhere: nothing of what is on the page may stay there.
    if (this.userId && !userId) window.location.reload();
    this.userId = userId;
    const tripId = value(room, "trip")?.trip_id ?? "";
    if (!tripId) return;
    if (this.store?.tripId !== tripId) {
      if (!this.stores.has(tripId)) this.stores.set(tripId, new TimelineStore(tripId));
      this.store = this.stores.get(tripId);
    }
    const members = value(room, "members") ?? [];
    if (members !== this.memberList) {
      this.memberList = members;
      this.members = new Map(members.map((member) => [member.user_id, member]));
    }
    const knownUpTo = this.store.newest;
    this.store.applyRoom(room);
    this.confirm(tripId, knownUpTo);
    const page = value(room, "page");
    if (page && page !== this.page && page.messages) {
      this.page = page;
      this.store.applyPage(page);
    }
    const online = [];
    for (const key in room) {
      const name = key.slice(2, -"_rx_state_".length);
      if (key.startsWith("x_")) outbox.refuse(tripId, name, room[key]);
      else if (key.startsWith("o_") && room[key] && this.members.has(name)) online.push(name);
    }
    if (online.join() !== this.online.join()) this.online = online;
    this.publish();
  }

  // My own messages that have come back from the server leave the outbox.
  confirm(tripId, knownUpTo) {
    for (let seq = knownUpTo + 1; seq <= this.store.newest; seq++) {
      const message = this.store.messages.get(seq);
      if (message?.author_id === this.userId && outbox.confirm(tripId, message.client_id)) {
        announce("broadcast", "Message instantly broadcasted to all connected clients via WebSocket", {
          client_id: message.client_id,
          seq: message.seq,
          sent_at: message.sent_at,
          broadcast_at: message.broadcast_at,
        });
      }
    }
  }

  publish() {
    const store = this.store;
    if (!store) return;
    this.noteRead();
    this.builder ??= new RowBuilder();
    this.snapshot = {
      tripId: store.tripId,
      rows: this.builder.build(
        store.shown(),
        store.attached ? outbox.pending(store.tripId) : [],
        this.members,
        this.userId,
        Date.now(),
      ),
      online: this.online,
      lastMessage: this.lastMessage(),
      lastSeq: store.high ?? 0,
      readSeq: store.readSeq,
      unseen: store.unseen(this.userId),
      atEnd: store.atEnd && store.attached,
      atBeginning: store.atBeginning,
      loading: Boolean(store.asked),
    };
    for (const listener of this.listeners) listener();
  }

  // The newest message as a list of trips tells it.
  lastMessage() {
    const message = this.store.messages.get(this.store.newest);
    if (message !== this.newestMessage) {
      this.newestMessage = message;
      this.summary = message && {
        last_seq: message.seq,
        last_at: message.sent_at,
        last_author_id: message.author_id,
        last_author: this.members.get(message.author_id)?.name ?? "",
        last_line: message.line ?? message.body.text ?? "",
      };
    }
    return this.summary ?? null;
  }

  // What is at the end of a visible page has been read; the server hears of it now and then.
  noteRead() {
    const store = this.store;
    if (!store.atEnd || !store.attached || document.visibilityState !== "visible") return;
    store.readSeq = store.newest;
    if (store.readSeq > store.markedSeq && !this.marking) {
      this.marking = setTimeout(() => {
        this.marking = null;
        if (!outbox.open) return;
        store.markedSeq = store.readSeq;
        this.call("mark_read", { trip_id: store.tripId, seq: store.readSeq });
      }, MARK_READ_MS);
    }
  }

  call(handler, payload) {
    eventLoop.addEvents([ReflexEvent(`${this.room}.${handler}`, payload)], [], {});
  }

  // Ask for a page; before the first hydrate and while disconnected the request waits.
  ask(page) {
    if (!page) return;
    if (outbox.open) this.request(page);
    this.publish();
  }

  request({ before = null, after = null }) {
    this.call("load_page", { trip_id: this.store.tripId, before, after });
  }

  loadOlder() {
    if (this.store) this.ask(this.store.older());
  }

  loadNewer() {
    if (this.store) this.ask(this.store.newer());
  }

  // Whether there is such a message to show; it may have to be loaded first.
  has(seq) {
    return Number.isInteger(seq) && seq >= 1 && seq <= (this.store?.newest ?? 0);
  }

  show(seq) {
    this.ask(this.store.around(seq));
  }

  setAtEnd(atEnd) {
    if (this.store?.setAtEnd(atEnd)) this.publish();
  }

  jumpToLatest() {
    this.store?.jumpToLatest();
    this.publish();
  }

  // The page is hydrated: what was asked for on an earlier connection, or too early, is asked now.
  hydrated() {
    for (const store of this.stores.values()) if (store !== this.store) store.asked = null;
    if (!this.store) return;
    if (this.store.asked) this.request(this.store.asked);
    outbox.resend(this.store.tripId);
  }
}

export const live = new LiveTrip();

if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", () => live.publish());
}

// Connect the page's Reflex state to `live`; rendered once, by the app's frame.
export function useLiveSource(roomState, sessionState, hydrated) {
  const store = useContext(StateStoreContext);
  useLayoutEffect(() => {
    live.room = outbox.room = roomState;
    const update = () => live.read(store.getSnapshot(roomState), store.getSnapshot(sessionState));
    update();
    const stops = [store.subscribe(roomState, update), store.subscribe(sessionState, update)];
    return () => stops.forEach((stop) => stop());
  }, [store, roomState, sessionState]);
  useLayoutEffect(() => {
    outbox.open = hydrated;
    if (hydrated) live.hydrated();
  }, [hydrated]);
}

export function useTimeline() {
  return useSyncExternalStore(live.subscribe, live.getSnapshot, () => EMPTY);
}
