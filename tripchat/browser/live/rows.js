// The rows that the page renders: messages, then those of mine that are still on their way.
// A row keeps its identity while nothing about it changes, so that only changed rows render.
// Pure logic.

import { attachmentRows } from "../attachments/attachment_rows.js";
import { filesLine } from "../attachments/file_words.js";
import { reactionsOf } from "./message_store.js";
import { listed } from "./words.js";

const GROUP_PAUSE_MS = 5 * 60 * 1000;
const NONE = [];
const NOTHING_ATTACHED = { photos: NONE, files: NONE };
const NAMED = 12;
const WAITS = "Waiting for a connection";

export class RowBuilder {
  constructor(locale, timeZone) {
    this.entries = new Map();
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

  // `messages` oldest first, `pending` mine on their way. Of the rest:
  //   userId      the viewer          members    Map of user id -> member
  //   now         the viewer's clock  quoteOf    seq -> what a reply shows of that message
  //   wanted      seq -> Map of emoji -> whether the viewer wants it there
  //   unreadFrom  the first unread seq, 0 for none
  //   readers     who of the others has read how far (readers.js)
  //   organises   whether the viewer is an organiser
  //   newestMine  the newest seq of the viewer's, 0 for none
  //   names       Map of user id -> name, another one when any has changed
  //   menu        the seq whose actions are held open, 0 for none
  //   editing     the seq that the viewer is editing, 0 for none
  //   connected   whether what is on its way can be sent
  //   wishOf      seq -> the viewer's edit or deletion on its way: {text?, deleted?}
  //   uploadOf    id of a file on its way -> its upload, undefined where this tab has none
  //   previewOf   id of an attachment -> where the page has the photo already
  build(messages, pending, view) {
    const kept = new Map();
    const rows = [];
    let previous = null;
    const push = (message, state, reason) => {
      const key = `${message.author_id}:${message.client_id}`;
      const entry = this.entry(this.entries.get(key), key, message, state, reason, previous, view);
      kept.set(key, entry);
      rows.push(entry.row);
      previous = entry;
    };
    for (const message of messages) push(message, message.deleted ? "deleted" : "sent", "");
    for (const message of pending) {
      if (!kept.has(`${message.author_id}:${message.client_id}`)) {
        if (message.reason) push(message, "failed", message.reason);
        // The server has one with a number: it only has to come back.
        else push(message, "sending", view.connected || message.seq ? "" : WAITS);
      }
    }
    this.entries = kept;
    return rows;
  }

  entry(old, key, message, state, reason, previous, view) {
    // Formatting a date is what costs here: once for each message.
    const day = old?.message.sent_at === message.sent_at ? old.day : this.date.format(message.sent_at);
    const startsDay = previous?.day !== day;
    const startsUnread = Boolean(message.seq) && message.seq === view.unreadFrom;
    const wanted = message.seq ? view.wanted(message.seq) : undefined;
    const mine = message.author_id === view.userId;
    const entry = {
      message,
      day,
      author: view.members.get(message.author_id),
      quote: message.quote ? (view.quoteOf(message.quote.seq) ?? message.quote) : null,
      quoted: message.quote && view.members.get(message.quote.author_id),
      wanted: wanted?.size ? JSON.stringify([...wanted]) : "",
      mine,
      state,
      reason,
      startsUnread,
      dayLabel: startsDay ? this.dayLabel(message.sent_at, view.now) : "",
      startsGroup:
        startsDay ||
        startsUnread ||
        previous.message.author_id !== message.author_id ||
        message.sent_at - previous.message.sent_at > GROUP_PAUSE_MS,
      seenBy: mine && message.seq ? view.readers.of(message.seq) : "",
      isNewestMine: mine && message.seq === view.newestMine,
      names: message.reactions || wanted?.size ? view.names : null,
      deletable: state === "sent" && (mine || view.organises),
      isOpen: Boolean(message.seq) && message.seq === view.menu,
      isEdited: Boolean(message.seq) && message.seq === view.editing,
      wish: message.seq ? view.wishOf(message.seq) : null,
      uploads: (message.files ?? NONE).map(({ id }) => view.uploadOf(id)?.version).join(),
    };
    if (old && Object.keys(entry).every((name) => entry[name] === old[name])) return old;
    entry.row = this.row(key, entry, wanted, view);
    return entry;
  }

  row(key, entry, wanted, view) {
    const { message, author, quote, quoted, mine, wish } = entry;
    const isText = message.kind === "text" && entry.state === "sent";
    return {
      key,
      id: message.id ?? "",
      client_id: message.client_id,
      seq: message.seq ?? 0,
      author_id: message.author_id,
      author_name: author?.name ?? "",
      author_initials: author?.initials ?? "",
      author_hue: author?.hue ?? 0,
      mine,
      state: entry.state,
      reason: entry.reason,
      kind: message.kind,
      body: wish?.text === undefined ? bodyFor(message, view.userId) : { text: wish.text },
      attachments: message.deleted
        ? NOTHING_ATTACHED
        : attachmentRows(message, view.uploadOf, view.previewOf),
      changing: wish !== null,
      names_me: (message.body.mentions ?? NONE).includes(view.userId),
      quote_seq: quote?.seq ?? 0,
      quote_author: quoted?.name ?? "",
      quote_line: quote?.line ?? "",
      quote_deleted: Boolean(quote?.deleted),
      reactions: message.deleted ? NONE : reactionsFor(message, wanted, view),
      seen_by: entry.seenBy,
      newest_mine: entry.isNewestMine,
      editing: entry.isEdited,
      editable: mine && isText,
      deletable: entry.deletable,
      menu: entry.isOpen,
      iso: new Date(message.sent_at).toISOString(),
      time_label: this.time.format(message.sent_at),
      edited: Boolean(message.edited_at),
      edited_iso: message.edited_at ? new Date(message.edited_at).toISOString() : "",
      day_label: entry.dayLabel,
      starts_group: entry.startsGroup,
      starts_unread: entry.startsUnread,
    };
  }
}

// The body with what is meant for the viewer marked as such.
function bodyFor(message, userId) {
  if (!message.body.html || !message.body.mentions?.includes(userId)) return message.body;
  const me = `data-user-id="${userId}"`;
  return { ...message.body, html: message.body.html.replaceAll(me, `${me} data-me="true"`) };
}

function reactionsFor(message, wanted, view) {
  return reactionsOf(message, view.userId, wanted).map(({ user_ids, ...reaction }) => {
    const names = user_ids.map((id) => (id === view.userId ? "You" : (view.names.get(id) ?? "")));
    return { ...reaction, who: listed(names, NAMED) };
  });
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

const momentOf = (at) => {
  if (!at) return "";
  const isToday = day.format(at) === day.format(Date.now());
  return isToday ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
};

// When a message was stored and told to the others, how many of them it reached (null where that is
// not known), and who has read it. There may have been more `others` than there are by now.
export function detailsOf(message, reached, others, readers) {
  const of = Math.max(others, reached ?? 0);
  return {
    stored: momentOf(message.sent_at),
    broadcast: momentOf(message.broadcast_at),
    reached: reached === null || !of ? "" : `${reached} of ${of} ${of === 1 ? "member" : "members"}`,
    read: listed(readers, NAMED),
  };
}

// What was not sent to a trip that is closed to me.
export const unsentRows = (pending) =>
  pending
    .filter((entry) => !entry.seq)
    .map(({ client_id, body, files, reason, sent_at }) => ({
      client_id,
      text: body.text || filesLine(files ?? NONE),
      reason,
      iso: new Date(sent_at).toISOString(),
    }));

// The trips that have refused messages of mine, with how many.
export function refusals(unsent) {
  const counts = new Map();
  for (const { trip_id, reason } of unsent) {
    if (reason) counts.set(trip_id, (counts.get(trip_id) ?? 0) + 1);
  }
  return [...counts].map(([trip_id, count]) => ({ trip_id, count }));
}

// What a message said before its edits, newest first.
export function versionRows({ versions }) {
  return versions.map(({ number, kind, body, written_at }) => ({
    number,
    kind,
    body,
    attachments: NOTHING_ATTACHED,
    iso: new Date(written_at).toISOString(),
  })).reverse();
}
