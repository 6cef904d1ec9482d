// A trip's messages as this tab knows them, each in its newest state. Pure logic.
//
// What the server tells is numbered (`rev`, the trip's count of changes): whatever comes twice, late,
// or both by broadcast and in a page of history, the newest wins.

import { filesLine } from "../attachments/file_words.js";

export class MessageStore {
  constructor() {
    this.bySeq = new Map();
    this.quotes = new Map(); // seq -> what replies show of that message
  }

  get size() {
    return this.bySeq.size;
  }

  get(seq) {
    return this.bySeq.get(seq);
  }

  has(seq) {
    return this.bySeq.has(seq);
  }

  seqs() {
    return [...this.bySeq.keys()];
  }

  // The oldest message that is here, or of which a quote is; Infinity without any.
  get first() {
    return Math.min(...this.bySeq.keys(), ...this.quotes.keys());
  }

  forget(seq) {
    this.bySeq.delete(seq);
  }

  // Take a message as the server has it; says whether that was news.
  put(message) {
    if (message.quote) this.putQuote(message.quote);
    const known = this.bySeq.get(message.seq);
    if (known && !isNewer(message, known)) return false;
    this.bySeq.set(message.seq, message);
    this.date(message.seq, known?.broadcast_at);
    return true;
  }

  // Note when a message was broadcast, where that was not known. It does not change any more, and is
  // kept when a newer state of the message does not say it.
  date(seq, broadcast_at) {
    const message = this.bySeq.get(seq);
    if (!message || message.broadcast_at || !broadcast_at) return;
    this.bySeq.set(seq, { ...message, broadcast_at });
  }

  // What a reply to a message shows of it.
  quote(seq) {
    const message = this.bySeq.get(seq);
    if (message) this.putQuote(quoteOf(message));
    return this.quotes.get(seq);
  }

  putQuote(quote) {
    const known = this.quotes.get(quote.seq);
    if (!known || known.rev < quote.rev) this.quotes.set(quote.seq, quote);
  }

  // Take a change of some message: {rev, message} or {rev, seq, user_id, emoji, there}. Messages
  // that are not here stay away, but what is quoted of them changes.
  change(entry) {
    if (entry.message) {
      this.putQuote(quoteOf(entry.message));
      return this.bySeq.has(entry.message.seq) && this.put(entry.message);
    }
    const message = this.bySeq.get(entry.seq);
    if (!message || message.rev >= entry.rev) return false;
    const { [entry.user_id]: before, ...reactions } = message.reactions ?? {};
    const { [entry.emoji]: taken, ...mine } = before ?? {};
    if (entry.there) mine[entry.emoji] = entry.rev;
    if (Object.keys(mine).length) reactions[entry.user_id] = mine;
    this.bySeq.set(entry.seq, { ...message, rev: entry.rev, reactions });
    return true;
  }
}

// When a message was broadcast may become known a little later than the message itself.
const isNewer = (message, known) =>
  message.rev > known.rev ||
  (message.rev === known.rev && Boolean(message.broadcast_at) && !known.broadcast_at);

export const lineOf = (message) => {
  if (message.deleted) return "";
  const { text, attachments = [] } = message.body;
  return (message.line ?? (text || filesLine(attachments))).replace(/\s+/g, " ").trim();
};

export const quoteOf = (message) => ({
  seq: message.seq,
  rev: message.rev,
  author_id: message.author_id,
  line: lineOf(message),
  deleted: Boolean(message.deleted),
});

// Reactions as they stand under a message: one entry for each emoji, the first to come first.
// `wanted` overrides what I have: emoji -> whether I want it there.
export function reactionsOf(message, userId, wanted = new Map()) {
  const found = new Map();
  for (const [user, emojis] of Object.entries(message.reactions ?? {})) {
    for (const [emoji, rev] of Object.entries(emojis)) {
      if (user === userId && wanted.get(emoji) === false) continue;
      const entry = found.get(emoji) ?? { emoji, first: Infinity, users: [] };
      entry.users.push([rev, user]);
      entry.first = Math.min(entry.first, rev);
      found.set(emoji, entry);
    }
  }
  for (const [emoji, there] of wanted) {
    const entry = found.get(emoji) ?? { emoji, first: Infinity, users: [] };
    if (!there || entry.users.some(([, user]) => user === userId)) continue;
    entry.users.push([Infinity, userId]);
    found.set(emoji, entry);
  }
  return [...found.values()]
    .sort((a, b) => a.first - b.first || (a.emoji < b.emoji ? -1 : 1))
    .map(({ emoji, users }) => ({
      emoji,
      user_ids: users.sort(([a], [b]) => a - b).map(([, user]) => user),
      count: users.length,
      mine: users.some(([, user]) => user === userId),
    }));
}
