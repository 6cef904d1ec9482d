// One trip's messages in this tab: the room's live window, pages of history, and which stretch
// of them is shown. Pure logic, no React and no DOM, so that it can be tested by itself.
//
// A trip's messages are numbered without gaps (`seq`), so what is shown is a range [low, high].
// It is *attached* while it reaches the newest message, and then grows with it; scrolled far
// back, or after a long absence, it ends earlier and newer pages are loaded on the way down.

import { MessageStore } from "./message_store.js";

export const SHOWN_AT_MOST = 400;
export const RING = 64; // so many of the newest changes are at hand (`realtime/room.py`)
const SLOT = /^m\d+_rx_state_$/;
const CHANGE = /^c\d+_rx_state_$/;

export class TimelineStore {
  constructor(tripId) {
    this.tripId = tripId;
    this.messages = new MessageStore();
    this.opened = false; // whether the room's vars have been taken once
    this.low = null;
    this.high = null;
    this.newest = 0;
    this.seenAtEnd = 0; // the newest seq when the reader was last at the end
    this.readSeq = 0; // the newest seq that was at the end of a visible page
    this.markedSeq = 0; // the same, as the server knows it
    this.dividerAfter = null; // what follows this seq was unread when the reader came
    this.atEnd = true;
    this.asked = null; // the page under way: {before} or {after}
    this.slots = {};
    this.changes = {};
    this.rev = 0; // the trip's change that the last snapshot was made at; all later ones were heard
    this.lastRev = 0; // the newest change that was heard
    this.missed = null; // changes of older messages to ask for: {after_rev, first, last}
    this.windowLow = Infinity; // the live window runs from here to the newest
  }

  get attached() {
    return this.high === null || this.high >= this.newest;
  }

  get atBeginning() {
    return this.low === null || this.low <= 1;
  }

  // Take the room's vars as they are now; says whether anything changed. `marker` is how far the
  // server knows the reader to have read, `looking` whether the page can be seen.
  applyRoom(vars, marker = 0, looking = true) {
    const isFirst = !this.opened;
    this.opened = true;
    const knownUpTo = this.newest;
    const knownRev = this.lastRev;
    const added = this.applySlots(vars);
    this.noteSnapshot(vars.rev_rx_state_ ?? 0, knownRev);
    const changed = this.applyChanges(vars);
    this.readSeq = Math.max(this.readSeq, marker);
    this.markedSeq = Math.max(this.markedSeq, marker);
    if (isFirst) this.divide();
    else if (this.newest > knownUpTo && this.readSeq >= knownUpTo) {
      // All before was read: what comes while nobody looks begins a new stretch.
      if (!looking || !this.atEnd || !this.attached) this.dividerAfter = knownUpTo;
    }
    return added || changed;
  }

  divide() {
    this.dividerAfter = this.readSeq < this.newest ? this.readSeq : null;
  }

  // The reader comes back to this trip: at its end, with what is unread set apart.
  arrive() {
    this.jumpToLatest();
    this.divide();
  }

  // Whoever answers has seen what came before.
  sent() {
    this.dividerAfter = null;
  }

  // The first message of others beyond the divider, 0 without one; it may not be loaded.
  unreadFrom(userId) {
    if (this.dividerAfter === null || this.dividerAfter >= this.newest) return 0;
    let seq = this.dividerAfter + 1;
    while (seq < this.newest && this.messages.get(seq)?.author_id === userId) seq += 1;
    return this.messages.get(seq)?.author_id === userId ? 0 : seq;
  }

  // The newest messages.
  applySlots(vars) {
    const wasAttached = this.attached;
    const knownUpTo = this.newest;
    let windowLow = Infinity;
    let changed = false;
    for (const key in vars) {
      const message = SLOT.test(key) ? vars[key] : null;
      if (!message) continue;
      windowLow = Math.min(windowLow, message.seq);
      if (this.slots[key] === message) continue;
      this.slots[key] = message;
      this.messages.put(message);
      this.lastRev = Math.max(this.lastRev, message.rev);
      this.newest = Math.max(this.newest, message.seq);
      changed = true;
    }
    if (!changed) return false;
    this.windowLow = windowLow;
    if (this.high === null) {
      this.low = windowLow;
      this.high = this.seenAtEnd = this.newest;
    } else if (wasAttached && windowLow <= knownUpTo + 1) {
      this.high = this.newest;
    } else if (wasAttached && this.atEnd) {
      // More was missed than the window holds: start over from the window.
      this.low = windowLow;
      this.high = this.newest;
    }
    if (this.atEnd && this.attached) this.seenAtEnd = this.newest;
    this.trim();
    return true;
  }

  // Edits, deletions and reactions, in the order in which they happened. Another trip's, which
  // stand in vars that this one has not used yet, are passed over.
  applyChanges(vars) {
    const entries = [];
    for (const key in vars) {
      const entry = CHANGE.test(key) ? vars[key] : null;
      if (!entry || entry.trip_id !== this.tripId || this.changes[key] === entry) continue;
      this.changes[key] = entry;
      this.lastRev = Math.max(this.lastRev, entry.rev);
      entries.push(entry);
    }
    this.replay(entries);
    return entries.length > 0;
  }

  // A snapshot holds the newest messages as they are. What happened to older ones while this tab
  // did not hear the room has to be asked for, from the last change that it knows of.
  noteSnapshot(rev, knownRev) {
    if (rev === this.rev) return;
    this.rev = rev;
    this.lastRev = Math.max(this.lastRev, rev);
    const { first } = this.messages;
    if (knownRev === 0 || rev <= knownRev || first >= this.windowLow) return;
    this.miss(knownRev, first, this.windowLow - 1);
  }

  // What happened after a change to the messages from `first` to `last` has to be asked for.
  miss(after_rev, first, last) {
    const { missed } = this;
    this.missed = {
      after_rev: Math.min(after_rev, missed?.after_rev ?? Infinity),
      first: Math.min(first, missed?.first ?? Infinity),
      last: Math.max(last, missed?.last ?? 0),
    };
  }

  // Take changes that were asked for; there may be more to ask for.
  applyMissed({ after_rev, first, last, complete, last_rev, messages }) {
    const { missed } = this;
    if (!missed || missed.after_rev !== after_rev) return;
    if (missed.first !== first || missed.last !== last) return;
    for (const message of messages) this.messages.change({ message });
    this.missed = complete ? null : { ...missed, after_rev: messages.at(-1).rev };
    if (complete) this.catchUp(last_rev, first, last);
  }

  // The messages from `first` to `last` have come as they were at a change. What happened to them
  // since may have come before them: it is at hand, or has to be asked for.
  catchUp(rev, first, last) {
    if (rev < Math.max(this.rev, this.lastRev - RING)) this.miss(rev, first, last);
    else this.replay(Object.values(this.changes));
  }

  // A reaction tells only itself: a message of which something is missing has to wait for that, or
  // it would have a newer `rev` than what it shows.
  replay(entries) {
    const { first, last } = this.missed ?? {};
    entries.sort((a, b) => a.rev - b.rev);
    for (const entry of entries) {
      if (entry.message || !(entry.seq >= first && entry.seq <= last)) this.messages.change(entry);
    }
  }

  // The request for the page that the reader needs next, or null when there is none.
  older() {
    if (this.asked || this.atBeginning) return null;
    return (this.asked = { before: this.low });
  }

  newer() {
    if (this.asked || this.attached) return null;
    return (this.asked = { after: this.high });
  }

  around(seq) {
    if (seq >= this.low && seq <= this.high) return null;
    return (this.asked = { before: Math.min(seq + 25, this.newest + 1), around: seq });
  }

  // Take a page of history: {before?, after?, messages}.
  applyPage(page) {
    const asked = this.asked;
    if (!asked || page.trip_id !== this.tripId) return false;
    if ((page.before ?? null) !== (asked.before ?? null)) return false;
    if ((page.after ?? null) !== (asked.after ?? null)) return false;
    this.asked = null;
    if (page.messages.length === 0) {
      if (page.before) this.low = 1;
      else this.high = this.newest;
      return true;
    }
    for (const message of page.messages) this.messages.put(message);
    const first = page.messages[0].seq;
    const last = page.messages[page.messages.length - 1].seq;
    this.catchUp(page.last_rev, first, last);
    if (asked.around) {
      this.low = first;
      this.high = last;
    } else if (asked.before) {
      this.low = first;
      // Far back the newest end is let go, so that the page stays light.
      if (this.high - this.low > SHOWN_AT_MOST) this.high = this.low + SHOWN_AT_MOST;
    } else {
      this.high = last;
      if (this.high - this.low > SHOWN_AT_MOST) this.low = this.high - SHOWN_AT_MOST;
    }
    this.joinWindow();
    return true;
  }

  inWindow(seq) {
    return seq >= this.windowLow && seq <= this.newest;
  }

  // Where the shown range touches the live window, it runs on to its end.
  joinWindow() {
    if (this.inWindow(this.high + 1)) this.high = this.newest;
  }

  jumpToLatest() {
    if (!this.attached) {
      this.low = this.windowLow;
      this.high = this.newest;
    }
    this.asked = null;
    this.setAtEnd(true);
  }

  setAtEnd(atEnd) {
    const changed = this.atEnd !== atEnd;
    this.atEnd = atEnd;
    if (atEnd && this.attached) {
      if (this.seenAtEnd !== this.newest) {
        this.seenAtEnd = this.newest;
        return true;
      }
    }
    return changed;
  }

  // At the end of a long conversation the oldest rows are let go; they can be loaded again.
  trim() {
    if (this.atEnd && this.attached && this.high - this.low > SHOWN_AT_MOST) {
      this.low = this.high - SHOWN_AT_MOST / 2;
    }
    if (this.messages.size > 4 * SHOWN_AT_MOST) {
      for (const seq of this.messages.seqs()) {
        if ((seq < this.low || seq > this.high) && !this.inWindow(seq)) this.messages.forget(seq);
      }
    }
  }

  shown() {
    const messages = [];
    if (this.low === null) return messages;
    for (let seq = this.low; seq <= this.high; seq++) {
      const message = this.messages.get(seq);
      if (message) messages.push(message);
    }
    return messages;
  }

  // How many messages of others came since the reader was last at the end.
  unseen(userId) {
    if (this.atEnd && this.attached) return 0;
    let count = this.newest - this.seenAtEnd;
    for (const message of Object.values(this.slots)) {
      if (message.seq > this.seenAtEnd && message.author_id === userId) count -= 1;
    }
    return Math.max(0, count);
  }
}
