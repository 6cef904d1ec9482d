// How far I have read: noted when the end of the conversation is in sight, told to the server a
// little later.

import { outbox } from "./page_outbox";

// Markers of those who are here are spread over a time that grows with their number: a message
// makes all of them move at once.
const WITHIN_MS = { each: 20, least: 200, most: 2000 };

export const isLooking = () => document.visibilityState === "visible";

export class ReadMarkers {
  // `send` tells the server {trip_id, seq}.
  constructor(send) {
    this.send = send;
  }

  // What is at the end of a visible page has been read; the server hears of it soon.
  note(open) {
    const { timeline, members } = open;
    if (!timeline.atEnd || !timeline.attached || !isLooking()) return;
    timeline.readSeq = timeline.newest;
    if (timeline.readSeq <= timeline.markedSeq || open.marking) return;
    const here = members.filter((member) => member.online).length;
    const { each, least, most } = WITHIN_MS;
    const within = Math.min(most, Math.max(least, each * here));
    open.marking = setTimeout(() => {
      open.marking = null;
      this.tell(open);
    }, within * Math.random());
  }

  // What waits to be told waits no longer.
  tellNow(open) {
    if (!open.marking) return;
    clearTimeout(open.marking);
    open.marking = null;
    this.tell(open);
  }

  // While the page is not hydrated this waits, in whatever trip.
  tell({ tripId, timeline }) {
    if (!outbox.open || timeline.readSeq <= timeline.markedSeq) return;
    timeline.markedSeq = timeline.readSeq;
    this.send({ trip_id: tripId, seq: timeline.readSeq });
  }
}
