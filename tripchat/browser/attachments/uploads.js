// Files on their way to the server: those in the trays of the composers, and those of messages that
// wait for them. At most three go at a time; what the connection breaks begins anew. Pure logic.

export const AT_A_TIME = 3;
const AGAIN_MS = { least: 1000, most: 30_000 };
const MOST_FAILURES = 5; // of the server; then it is the file
const NO_CONNECTION = 0;
const NOT_SIGNED_IN = 401;
const TOO_MANY = 429;
const UNAVAILABLE = 503;

const NOTHING = Object.freeze([]);
const FAILED = "The server could not take this file.";

// Refusals that are about the moment and not about the file.
const isPassing = (status) =>
  status === NO_CONNECTION || status === NOT_SIGNED_IN || status === TOO_MANY || status >= 500;

export class Uploads {
  // `begin` sends a file's bytes and gives a function that breaks that off. It tells how far it is
  // (0 to 1), and once what came of it: {status, content, retry_after}, status 0 without an answer.
  // `collect` has the server drop what no message will have, `later` calls a function after so many
  // milliseconds.
  constructor({ begin, collect, later }) {
    this.begin = begin;
    this.collect = collect;
    this.later = later;
    this.messages = null; // the outbox, which hears of the files that its messages wait for
    this.files = new Map(); // id -> file, another object with each change
    this.running = new Map(); // id -> what breaks it off
    this.trays = new Map(); // trip id -> its files, made when they are asked for
    this.rest = AGAIN_MS.least;
    this.resting = false;
    this.version = 0;
    this.listeners = new Set();
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  changed() {
    this.trays.clear();
    for (const listener of this.listeners) listener();
  }

  get(id) {
    return this.files.get(id);
  }

  // What stands above the field of a trip's composer, in the order in which it was chosen.
  tray(tripId) {
    if (!this.trays.has(tripId)) {
      const found = [...this.files.values()].filter(
        (file) => file.trip_id === tripId && !file.client_id,
      );
      this.trays.set(tripId, found.length ? found : NOTHING);
    }
    return this.trays.get(tripId);
  }

  // Files that were chosen for a trip: {id, trip_id, name, type, size}.
  add(files) {
    for (const file of files) this.put(file.id, { ...file, client_id: "", ...FRESH });
    this.next();
  }

  // See that all files of a message get there; those that are not on their way begin.
  carry({ client_id, trip_id, files }) {
    for (const { attachment_id, ...file } of files) {
      const known = this.files.get(file.id);
      const isThere = known && known.attachment_id === attachment_id && known.state !== "failed";
      const state = attachment_id ? { state: "ready", progress: 100, attachment_id } : FRESH;
      if (isThere) this.put(file.id, { client_id });
      else this.put(file.id, { ...file, client_id, trip_id, reason: "", ...state });
    }
    this.next();
  }

  put(id, change) {
    this.version += 1;
    this.files.set(id, { ...this.files.get(id), ...change, version: this.version });
    this.changed();
  }

  // Note what has become known of a file, such as how wide a photo is.
  note(id, figures) {
    if (this.files.has(id)) this.put(id, figures);
  }

  next() {
    if (this.resting) return;
    for (const { id, state } of this.files.values()) {
      if (this.running.size >= AT_A_TIME) return;
      if (state === "uploading" && !this.running.has(id)) this.start(id);
    }
  }

  start(id) {
    let over = false;
    const settle = (answer) => {
      if (over) return;
      over = true;
      this.running.delete(id);
      this.settle(this.files.get(id), answer);
    };
    const progress = (share) => {
      // The last hundredth is the server's answer.
      const percent = Math.min(99, Math.floor(100 * share));
      if (!over && this.files.get(id).progress !== percent) this.put(id, { progress: percent });
    };
    // In place before it begins: it may end at once.
    this.running.set(id, () => (over = true));
    const abort = this.begin(this.files.get(id), { progress, settle });
    if (over) return;
    this.running.set(id, () => {
      over = true;
      abort();
    });
  }

  settle(file, { status, content = {}, retry_after = 0 }) {
    if (status >= 200 && status < 300) {
      this.rest = AGAIN_MS.least;
      this.put(file.id, { ...content, state: "ready", progress: 100, failures: 0 });
      if (file.client_id) this.messages.uploaded(file.client_id, file.id, content);
    } else if (isPassing(status) && !this.isHopeless(file, status)) {
      this.put(file.id, { progress: 0 });
      this.pause(retry_after * 1000);
    } else {
      const reason = content.detail || FAILED;
      this.put(file.id, { state: "failed", progress: 0, reason });
      if (file.client_id) this.messages.refuseFile(file.client_id, file.id, reason);
    }
    this.next();
  }

  // Whether it is this file that the server fails on, again and again.
  isHopeless(file, status) {
    if (status < 500 || status === UNAVAILABLE) return false;
    this.put(file.id, { failures: file.failures + 1 });
    return file.failures + 1 >= MOST_FAILURES;
  }

  // Nothing begins for a while.
  pause(atLeast) {
    if (this.resting) return;
    this.resting = true;
    const rest = Math.max(atLeast, this.rest);
    this.rest = Math.min(2 * this.rest, AGAIN_MS.most);
    this.later(() => this.resting && this.goOn(), rest);
  }

  goOn() {
    this.resting = false;
    this.next();
  }

  // The connection is back: nothing waits any longer.
  wake() {
    this.rest = AGAIN_MS.least;
    this.goOn();
  }

  retry(id) {
    if (this.files.get(id)?.state !== "failed") return;
    this.put(id, FRESH);
    this.next();
  }

  // Take a file back that no message has.
  cancel(id) {
    const file = this.files.get(id);
    if (!file) return;
    this.stop(file);
    if (file.attachment_id) this.collect(file.attachment_id);
    this.changed();
    this.next();
  }

  stop({ id }) {
    this.running.get(id)?.();
    this.running.delete(id);
    this.files.delete(id);
  }

  // The files of a message are no longer this tab's concern.
  leave(clientId) {
    const found = [...this.files.values()].filter((file) => file.client_id === clientId);
    for (const file of found) this.stop(file);
    if (found.length) this.changed();
    this.next();
  }

  // Nothing of it goes on: somebody else looks, or nobody.
  drop() {
    for (const file of this.files.values()) this.stop(file);
    this.changed();
  }
}

const FRESH = {
  state: "uploading",
  progress: 0,
  reason: "",
  failures: 0,
  attachment_id: undefined,
};
