// What the components read of `live`, made anew with each change: plain values, and rows that keep
// their identity while nothing about them changes.

import { uploads } from "../attachments/page_uploads";
import { previewOf } from "../attachments/previews";
import { actions } from "./actions";
import { outbox } from "./page_outbox";
import { detailsOf, refusals, RowBuilder, unsentRows } from "./rows";

const NO_TRIP = {
  trip_id: "",
  title: "",
  destination: "",
  starts_on: "",
  ends_on: "",
  time_zone: "",
};
const NO_TYPISTS = { ids: "", words: "" };
const NO_DETAILS = { stored: "", broadcast: "", reached: "", read: "" };
export const EMPTY = {
  tripId: "",
  trip: NO_TRIP,
  problem: "",
  members: [],
  organises: false,
  typists: NO_TYPISTS,
  rows: [],
  heard: {},
  versions: [],
  details: NO_DETAILS,
  unsent: [],
  unsentCount: 0,
  stuck: false,
  refusals: [],
  readSeq: 0,
  lastSeq: 0,
  firstUnread: 0,
  unreadAbove: 0,
  unseen: 0,
  atEnd: true,
  atBeginning: true,
  loading: false,
  connections: 0,
};

export class Snapshots {
  constructor(live) {
    this.live = live;
    this.builder = new RowBuilder();
  }

  make() {
    const { open, problem } = this.live;
    return open?.trip && !problem ? this.ofTrip(open) : this.ofNone();
  }

  // A page without a trip, or with one that is not shown.
  ofNone() {
    const { connections, heard, problem, shown } = this.live;
    return {
      ...EMPTY,
      connections,
      problem,
      heard,
      unsent: problem ? unsentRows(outbox.pending(shown)) : EMPTY.unsent,
      unsentCount: outbox.unsent().length,
      stuck: outbox.stuck,
      refusals: refusals(outbox.unsent()),
    };
  }

  // The trip on the page.
  ofTrip(open) {
    const { live } = this;
    const { tripId, timeline } = open;
    const messages = timeline.shown();
    const unreadFrom = timeline.unreadFrom(live.userId);
    return {
      tripId,
      trip: open.trip,
      problem: "",
      members: open.members,
      organises: open.organises(live.userId),
      // Who has lost the connection does not hear that somebody stops.
      typists: outbox.open ? open.typists : NO_TYPISTS,
      rows: this.builder.build(messages, timeline.attached ? outbox.pending(tripId) : [], {
        userId: live.userId,
        now: Date.now(),
        members: open.byId,
        quoteOf: (seq) => timeline.messages.quotes.get(seq),
        wanted: (seq) => actions.wanted(tripId, seq),
        wishOf: (seq) => actions.wishOf(tripId, seq),
        readers: open.readers,
        names: open.names,
        unreadFrom,
        organises: open.organises(live.userId),
        newestMine: messages.findLast((one) => one.author_id === live.userId && !one.deleted)?.seq ?? 0,
        editing: live.editing,
        menu: live.menu,
        connected: outbox.open,
        uploadOf: (id) => uploads.get(id),
        previewOf,
      }),
      versions: live.versions,
      details: live.detailed ? this.detailsOf(open) : NO_DETAILS,
      unsent: EMPTY.unsent,
      refusals: EMPTY.refusals,
      unsentCount: outbox.unsent().length,
      stuck: outbox.stuck,
      heard: live.heard,
      readSeq: timeline.readSeq,
      lastSeq: timeline.high ?? 0,
      firstUnread: unreadFrom,
      unreadAbove: unreadFrom && live.dividerSeen !== unreadFrom ? timeline.newest - unreadFrom + 1 : 0,
      unseen: timeline.unseen(live.userId),
      atEnd: timeline.atEnd && timeline.attached,
      atBeginning: timeline.atBeginning,
      loading: Boolean(timeline.asked),
      connections: live.connections,
    };
  }

  detailsOf({ tripId, timeline, readers, members }) {
    const message = timeline.messages.get(this.live.detailed);
    if (!message) return NO_DETAILS;
    const reached = this.live.receiptOf(tripId, message.seq)?.reached ?? null;
    return detailsOf(message, reached, members.length - 1, readers.names(message.seq));
  }
}
