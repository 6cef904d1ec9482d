// One trip's messages in this tab: the room's live window, pages of history, and which stretch
// of them is shown. Pure logic, no React and no DOM, so that it can be tested by itself.
//
// A trip's messages are numbered without gaps (`seq`), so what is shown is a range [low, high].
// It is *attached* while it reaches the newest message, and then grows with it; scrolled far
// back, or after a long absence, it ends earlier and newer pages are loaded on the way down.

export const SHOWN_AT_MOST = 400;
const SLOT = /^m\d+_rx_state_$/;
const GROUP_PAUSE_MS = 5 * 60 * 1000;

export class TimelineStore {
  constructor(tripId) {
    this.tripId = tripId;
    this.messages = new Map(); // seq -> message
    this.low = null;
    this.high = null;
    this.newest = 0;
    this.seenAtEnd = 0; // the newest seq when the reader was last at the end
    this.readSeq = 0; // the newest seq that was at the end of a visible page
    this.markedSeq = 0; // the same, as the server has been told
    this.atEnd = true;
    this.asked = null; // the page under way: {before} or {after}
    this.slots = {};
    this.windowLow = Infinity; // the live window runs from here to the newest
  }

  get attached() {
    return this.high === null || this.high >= this.newest;
  }

  get atBeginning() {
    return this.low === null || this.low <= 1;
  }

  // Take the room's vars as they are now; says whether anything changed.
  applyRoom(vars) {
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
      this.messages.set(message.seq, message);
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
    for (const message of page.messages) {
      // The live window is at least as new as any page.
      if (!this.inWindow(message.seq)) this.messages.set(message.seq, message);
    }
    const first = page.messages[0].seq;
    const last = page.messages[page.messages.length - 1].seq;
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
      for (const seq of this.messages.keys()) {
        if ((seq < this.low || seq > this.high) && !this.inWindow(seq)) this.messages.delete(seq);
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

// The rows that the page renders: messages, then those of mine that are still on their way.
// A row keeps its identity while nothing about it changes, so that only changed rows render.
export class RowBuilder {
  constructor(locale, timeZone) {
    this.rows = new Map();
    const form = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
    this.time = form({ hour: "2-digit", minute: "2-digit" });
    this.day = form({ weekday: "long", day: "numeric", month: "long" });
    this.dayWithYear = form({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
    this.date = form({ year: "numeric", month: "2-digit", day: "2-digit" });
  }

  dayLabel(at, now) {
    if (this.date.format(at) === this.date.format(now)) return "Today";
    if (this.date.format(at) === this.date.format(now - 86400000)) return "Yesterday";
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return (sameYear ? this.day : this.dayWithYear).format(at);
  }

  build(messages, pending, members, userId, now) {
    const rows = [];
    const kept = new Map();
    let previous = null;
    const push = (message, state, reason) => {
      const key = `${message.author_id}:${message.client_id}`;
      const old = this.rows.get(key);
      // Formatting a date is what costs here: once for each message.
      const day = old?.message === message ? old.day : this.date.format(message.sent_at);
      const startsDay = !previous || previous.day !== day;
      const startsGroup =
        startsDay ||
        previous.message.author_id !== message.author_id ||
        message.sent_at - previous.message.sent_at > GROUP_PAUSE_MS;
      const author = members.get(message.author_id);
      const dayLabel = startsDay ? this.dayLabel(message.sent_at, now) : "";
      const same =
        old &&
        old.message === message &&
        old.author === author &&
        old.row.mine === (message.author_id === userId) &&
        old.row.state === state &&
        old.row.reason === reason &&
        old.row.starts_group === startsGroup &&
        old.row.day_label === dayLabel;
      const entry = same ? old : { message, author, day };
      if (!same) {
        entry.row = {
          key,
          id: message.id ?? "",
          client_id: message.client_id,
          seq: message.seq ?? 0,
          author_id: message.author_id,
          author_name: author?.name ?? "",
          author_initials: author?.initials ?? "",
          author_hue: author?.hue ?? 0,
          mine: message.author_id === userId,
          state,
          reason,
          kind: message.kind,
          body: message.body,
          iso: new Date(message.sent_at).toISOString(),
          time_label: this.time.format(message.sent_at),
          day_label: dayLabel,
          starts_group: startsGroup,
          edited: false,
        };
      }
      kept.set(key, entry);
      rows.push(entry.row);
      previous = { message, day };
    };
    for (const message of messages) push(message, "sent", "");
    for (const entry of pending) {
      if (!kept.has(`${entry.author_id}:${entry.client_id}`)) {
        push(entry, entry.reason ? "failed" : "sending", entry.reason);
      }
    }
    this.rows = kept;
    return rows;
  }
}
