// Messages on their way, as the browser keeps them: one entry for each message, so that two tabs
// never overwrite each other. Pure logic over a Storage.

const PREFIX = "tripchat:outbox:";
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

export const MOST_MESSAGES = 200; // in one trip
export const MOST_CHARS = 1_000_000; // of one person's, in all trips

export const FULL_TRIP = `${MOST_MESSAGES} messages of this trip are waiting to be sent. Send this one when they are through.`;
export const FULL = "Too much is waiting to be sent. Send this when the rest is through.";
export const REFUSED = "This browser has no room left to keep the message until it is sent.";

const isText = (value) => typeof value === "string";
const isFile = (value) =>
  isText(value?.id) && isText(value.name) && isText(value.type) && Number.isFinite(value.size);
const isEntry = (value) =>
  isText(value?.client_id) &&
  isText(value.trip_id) &&
  isText(value.author_id) &&
  isText(value.kind) &&
  isText(value.tab) &&
  isText(value.reason) &&
  value.body !== null &&
  typeof value.body === "object" &&
  Number.isFinite(value.number) &&
  Number.isFinite(value.sent_at) &&
  (value.files === undefined || (Array.isArray(value.files) && value.files.every(isFile)));

// A Storage for where the browser's own is forbidden: it is gone with the page.
export class MemoryStorage {
  constructor() {
    this.items = new Map();
  }

  get length() {
    return this.items.size;
  }

  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    this.items.set(key, value);
  }

  removeItem(key) {
    this.items.delete(key);
  }
}

export class OutboxStorage {
  // `open` gives the Storage; where that is forbidden it throws.
  constructor(open) {
    try {
      this.storage = open() ?? new MemoryStorage();
      void this.storage.length;
    } catch {
      this.storage = new MemoryStorage();
    }
  }

  keys(prefix = PREFIX) {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
    return keys.filter((key) => key?.startsWith(prefix));
  }

  // What a person has on its way, in the order in which it was written.
  entries(userId) {
    const found = this.keys(prefixOf(userId)).map((key) => this.read(key));
    return found.filter((entry) => entry?.author_id === userId).sort(inOrder);
  }

  // The entry under a key; null where there is none that could be sent.
  read(key) {
    return entryOf(key, this.storage.getItem(key));
  }

  // Keep a new entry, in the place of an old one if given; gives the reason why that is not
  // possible, "" when it is.
  add(entry, old = null) {
    const keys = this.keys(prefixOf(entry.author_id)).filter((key) => !old || key !== keyOf(old));
    const ofTrip = keys.filter((key) => key.startsWith(prefixOf(entry.author_id, entry.trip_id)));
    if (ofTrip.length >= MOST_MESSAGES) return FULL_TRIP;
    const taken = keys.map((key) => key.length + (this.storage.getItem(key)?.length ?? 0));
    const text = JSON.stringify(entry);
    if (taken.reduce((sum, chars) => sum + chars, text.length) > MOST_CHARS) return FULL;
    try {
      this.storage.setItem(keyOf(entry), text);
    } catch {
      return REFUSED;
    }
    if (old) this.remove(old);
    return "";
  }

  // Keep an entry as it is by now, if it is still there.
  update(entry) {
    const key = keyOf(entry);
    if (this.storage.getItem(key) === null) return;
    try {
      this.storage.setItem(key, JSON.stringify(entry));
    } catch {
      // What was kept before is sent once more after a reload, and answered as before.
    }
  }

  remove(entry) {
    this.storage.removeItem(keyOf(entry));
  }

  drop(userId) {
    for (const key of this.keys(prefixOf(userId))) this.storage.removeItem(key);
  }

  // What nobody has come back for in a month is let go.
  purge(now) {
    for (const key of this.keys()) {
      const entry = this.read(key);
      if (!entry || entry.sent_at < now - KEPT_MS) this.storage.removeItem(key);
    }
  }
}

const prefixOf = (...ids) => `${PREFIX}${ids.map((id) => `${id}:`).join("")}`;

export const keyOf = ({ author_id, trip_id, client_id }) =>
  `${prefixOf(author_id, trip_id)}${client_id}`;

// The entry that stands under a key, null where anything else does.
export function entryOf(key, text) {
  if (!key?.startsWith(PREFIX) || !text) return null;
  try {
    const entry = JSON.parse(text);
    return isEntry(entry) && keyOf(entry) === key ? entry : null;
  } catch {
    return null;
  }
}

export const inOrder = (one, other) =>
  one.number - other.number || (one.client_id < other.client_id ? -1 : 1);
