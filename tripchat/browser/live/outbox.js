// Messages that I have sent and the server has not stored yet. Each is kept by the browser before
// it is sent, and leaves only when the server has said its number, or when I discard it after a
// refusal. Sending the same one again is harmless: the server knows it by its client id. Pure logic.
//
// All tabs of a person show what is on its way. Only the tab that wrote a message sends it; when
// that one is gone, another takes over (`page_outbox.js`).
//
// A message with files goes when all of them are with the server. What was written after it does
// not wait for that: a text is there at once although a film still uploads, as people know it from
// other chats. Among those that can go the order is kept.

import { entryOf, inOrder } from "./outbox_storage.js";

const NOTHING = Object.freeze([]);
const NOT_SIGNED_IN = 401;
const UNAVAILABLE = 503; // nothing can be stored just now
const AGAIN_MS = { least: 1000, most: 30_000 };
const SOON_MS = 5000; // while nothing can be stored: the server says so without any effort
const MOST_FAILURES = 20; // of the server; then it is the message

// Refusals that are about the moment and not about the message.
const TOO_MANY = 429;
const isPassing = (status) => status === TOO_MANY || status >= 500;

// Where messages have no files.
const NO_FILES = { carry() {}, leave() {}, sent() {}, discard() {}, drop() {} };

const isComplete = ({ files = NOTHING }) => files.every((file) => file.attachment_id);

export const newClientId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
};

export class Outbox {
  // `send` hands an entry to the server, `stored` hears of each of this tab's own messages once
  // the server has it, `later` calls a function after so many milliseconds, `shows` says whether
  // the tab knows what is said in a trip. `files` sees that the files of an entry get there
  // (`attachments/page_uploads.js`), and hears what became of the entry.
  constructor({ storage, tab, send, stored, later, files = NO_FILES, shows = () => true, now = Date.now }) {
    this.storage = storage;
    this.tab = tab;
    this.tabs = new Set([tab]); // the tabs whose messages this one sends
    this.sendEntry = send;
    this.tellStored = stored;
    this.later = later;
    this.files = files;
    this.shows = shows;
    this.now = now;
    this.userId = "";
    this.open = false; // whether the page is connected and hydrated
    this.settled = false; // whether it is known what tabs that are gone have left behind
    this.resting = false; // whether the server has asked to wait
    this.stuck = false; // whether nothing can be stored at the moment
    this.rest = AGAIN_MS.least;
    this.run = 0; // what is sent together, in order: the server takes nothing of it after a failure
    this.number = 0;
    this.entries = new Map(); // client id -> entry; one with a `seq` waits to be seen
    this.trips = new Map(); // trip id -> its entries in order, made when they are asked for
    this.listeners = new Set();
  }

  onChange(listener) {
    this.listeners.add(listener);
  }

  changed() {
    this.trips.clear();
    for (const listener of this.listeners) listener();
  }

  // Whose messages these are. What others have left here stays for them.
  meet(userId) {
    if (this.userId === userId) return;
    this.userId = userId;
    this.settled = false;
    this.entries.clear();
    this.storage.purge(this.now());
    for (const entry of userId ? this.storage.entries(userId) : NOTHING) {
      // A tab that ended between two steps has left one that is stored.
      if (entry.seq) this.storage.remove(entry);
      else this.put(entry);
    }
    this.changed();
  }

  put(entry) {
    this.number = Math.max(this.number, entry.number);
    this.entries.set(entry.client_id, entry);
  }

  // What is shown of a trip besides its stored messages, oldest first.
  pending(tripId) {
    if (!this.trips.has(tripId)) {
      const found = [...this.entries.values()].filter((entry) => entry.trip_id === tripId);
      this.trips.set(tripId, found.length ? found.sort(inOrder) : NOTHING);
    }
    return this.trips.get(tripId);
  }

  tripOf(clientId) {
    return this.entries.get(clientId)?.trip_id;
  }

  has(clientId) {
    return this.entries.has(clientId);
  }

  // Whatever the server has not stored.
  unsent() {
    return [...this.entries.values()].filter((entry) => !entry.seq).sort(inOrder);
  }

  // The tabs that have written something that is not stored.
  authors() {
    return new Set(this.unsent().map((entry) => entry.tab));
  }

  // `quote` is what the message answers, as `message_store` tells it; `files` are its files, {id,
  // name, type, size} and what else is known of each. Gives the reason why it cannot be sent, ""
  // when it can.
  add(tripId, kind, body, quote = null, files = NOTHING, old = null) {
    const now = this.now();
    const entry = {
      client_id: newClientId(),
      trip_id: tripId,
      author_id: this.userId,
      tab: this.tab,
      number: Math.max(now, this.number + 1),
      kind,
      body,
      quote,
      sent_at: now,
      reason: "",
      ...(files.length > 0 && { files }),
    };
    const problem = this.storage.add(entry, old);
    if (problem) return problem;
    if (old) this.forget(old.client_id);
    this.put(entry);
    this.changed();
    this.send(entry);
    return "";
  }

  // While disconnected nothing is sent: all that waits goes out in order after the next hydrate.
  send(entry) {
    if (entry.files) this.files.carry(entry);
    if (isComplete(entry) && this.open && this.settled && !this.resting) this.sendEntry(entry, this.run);
  }

  // A file of a message is with the server, which tells what it has found it to be.
  uploaded(clientId, fileId, figures) {
    const entry = this.change(clientId, fileId, figures);
    if (entry && !entry.reason && isComplete(entry)) this.send(entry);
  }

  // The server does not take a file of a message: the message is not sent without it.
  refuseFile(clientId, fileId, reason) {
    const entry = this.change(clientId, fileId, { problem: reason });
    if (entry) this.fail(entry, reason);
  }

  change(clientId, fileId, figures) {
    const entry = this.entries.get(clientId);
    if (!entry?.files || entry.seq) return null;
    const files = entry.files.map((file) => (file.id === fileId ? { ...file, ...figures } : file));
    const changed = { ...entry, files };
    this.storage.update(changed);
    this.put(changed);
    this.changed();
    return changed;
  }

  resend() {
    this.run += 1;
    for (const entry of this.unsent()) {
      if (!entry.reason && this.tabs.has(entry.tab)) this.send(entry);
    }
  }

  // These tabs are gone: what they have not sent is sent from here.
  adopt(tabs) {
    const others = [...tabs].filter((tab) => !this.tabs.has(tab));
    for (const tab of others) this.tabs.add(tab);
    if (!this.settled || others.length) {
      this.settled = true;
      this.resend();
    }
  }

  // The server's answer to a send: {seq, ...}, or the {problem} that was in its way.
  answer({ client_id, seq, problem, status, retry_after, ...figures }) {
    const entry = this.entries.get(client_id);
    if (!entry) return;
    if (seq !== undefined) {
      this.rest = AGAIN_MS.least;
      this.stuck = false;
      this.keep(entry, { client_id, seq, ...figures });
      this.changed();
    } else if (problem !== undefined && isPassing(status) && !this.isHopeless(entry, status)) {
      this.pause((retry_after ?? 0) * 1000, status === UNAVAILABLE ? SOON_MS : AGAIN_MS.most);
      // Those behind one that could not be stored are told to wait: it is stuck all the same.
      if (status !== TOO_MANY) this.setStuck(status === UNAVAILABLE);
    } else if (problem !== undefined && status !== NOT_SIGNED_IN) {
      this.setStuck(false);
      this.fail(entry, problem);
    }
  }

  // Whether it is this message that the server fails on, again and again.
  isHopeless(entry, status) {
    if (status < 500 || status === UNAVAILABLE) return false;
    const failures = (entry.failures ?? 0) + 1;
    this.put({ ...entry, failures });
    return failures >= MOST_FAILURES;
  }

  // Nothing is sent for a while; then everything, in order.
  pause(atLeast, most) {
    if (this.resting) return;
    this.resting = true;
    const rest = Math.max(atLeast, Math.min(this.rest, most));
    this.rest = Math.min(2 * this.rest, most);
    this.later(() => {
      if (!this.resting) return; // it has gone on before
      this.resting = false;
      this.resend();
    }, rest);
  }

  // What was in the server's way is gone: nothing waits any longer.
  goOn() {
    this.rest = AGAIN_MS.least;
    this.resting = false;
    this.setStuck(false);
    this.resend();
  }

  setStuck(stuck) {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    this.changed();
  }

  // The server has stored it. It is shown from here until it has come back with the others.
  keep(entry, figures) {
    const { seq } = figures;
    if (!entry.seq) {
      // The other tabs learn the number first: what is just gone was discarded.
      this.storage.update({ ...entry, seq });
      this.storage.remove(entry);
      this.files.sent(entry);
    }
    this.entries.set(entry.client_id, { ...entry, seq, reason: "", told: true });
    if (!this.shows(entry.trip_id)) this.forget(entry.client_id);
    this.trips.clear();
    if (!entry.told && this.tabs.has(entry.tab)) this.tellStored(figures);
  }

  // A message of mine has come back with its number: from now on it is shown as the others are.
  confirm({ client_id, seq, sent_at, broadcast_at }) {
    const entry = this.entries.get(client_id);
    if (!entry) return;
    this.keep(entry, { client_id, seq, sent_at, broadcast_at });
    this.forget(client_id);
  }

  // What the trip shows up to `seq` is not shown from here.
  seen(tripId, seq) {
    for (const entry of this.pending(tripId)) if (entry.seq <= seq) this.forget(entry.client_id);
  }

  forget(clientId) {
    if (this.entries.delete(clientId)) this.trips.clear();
  }

  fail(entry, reason) {
    const failed = { ...entry, reason };
    this.storage.update(failed);
    this.put(failed);
    this.changed();
  }

  // `quoteNow` tells what there is of a quote by now, null for nothing. A new attempt has a name
  // of its own: the answer to the old one may still be on its way. Where it was the message that was
  // refused, the server may have dropped its files: they are uploaded anew.
  retry(clientId, quoteNow) {
    const failed = this.entries.get(clientId);
    if (!failed?.reason) return;
    const { trip_id, kind, body, quote, files = NOTHING } = failed;
    const keeps = files.some((file) => file.problem);
    const again = files.map(({ problem, attachment_id, ...file }) =>
      keeps && attachment_id ? { ...file, attachment_id } : file,
    );
    const problem = this.add(trip_id, kind, body, quote && quoteNow(quote), again, failed);
    if (!problem) return;
    this.put({ ...failed, reason: problem });
    this.changed();
  }

  discard(clientId) {
    const entry = this.entries.get(clientId);
    if (!entry) return;
    this.storage.remove(entry);
    this.files.discard(entry);
    this.forget(clientId);
    this.changed();
  }

  // Whoever signs out here leaves nothing behind. Gives a promise of when it is gone.
  async drop() {
    if (this.userId) this.storage.drop(this.userId);
    const removed = this.userId && this.files.drop(this.userId);
    this.entries.clear();
    this.changed();
    await removed;
  }

  // Another tab has written, changed or removed an entry.
  hear(key, before, after) {
    const was = entryOf(key, before);
    const is = entryOf(key, after);
    if ((is ?? was)?.author_id !== this.userId) return;
    const known = this.entries.get((is ?? was).client_id);
    if (is) {
      // What is stored does not become anything else any more.
      if (!known?.seq && (!is.seq || this.shows(is.trip_id))) this.put(is);
    } else if (!known?.seq) {
      this.files.leave(was);
      this.forget(was.client_id);
    }
    this.changed();
  }
}
