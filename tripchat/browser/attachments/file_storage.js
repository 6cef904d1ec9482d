// The bytes of files that are on their way, kept by the browser until the message that has them is
// stored: what was chosen in a tunnel survives a reload. Where the browser does not allow that, or
// has no room, a file is on its way for as long as its page lives.

const DATABASE = "tripchat";
const FILES = "files";
const MOST_BYTES = 512 * 1024 * 1024; // of one person's
const KEPT_MS = 24 * 60 * 60 * 1000; // what belongs to no message, where one cannot ask its tab

const answerOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const endOf = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });

export class FileStorage {
  database = null;

  open() {
    this.database ??= new Promise((resolve, reject) => {
      const request = window.indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(FILES, { keyPath: "id" });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => resolve(request.result);
    });
    return this.database;
  }

  // What `use` gives for the store, once what it did there is done; null where the browser keeps
  // nothing.
  async attempt(mode, use) {
    try {
      const database = await this.open();
      const transaction = database.transaction(FILES, mode);
      const [found] = await Promise.all([use(transaction.objectStore(FILES)), endOf(transaction)]);
      return found;
    } catch {
      return null;
    }
  }

  // A file is {id, user_id, tab, kept_at, size, bytes}.
  keep(file) {
    return this.attempt("readwrite", async (store) => {
      const others = await answerOf(store.getAll());
      const mine = others.filter((other) => other.user_id === file.user_id);
      if (mine.reduce((sum, { size }) => sum + size, file.size) > MOST_BYTES) return;
      await answerOf(store.put(file));
    });
  }

  // The bytes of a file, null when they are not here.
  async bytes(id) {
    const found = await this.attempt("readonly", (store) => answerOf(store.get(id)));
    return found?.bytes ?? null;
  }

  remove(ids) {
    return this.attempt("readwrite", (store) => {
      for (const id of ids) store.delete(id);
    });
  }

  drop(userId) {
    return this.removeWhere((file) => file.user_id === userId);
  }

  // Let go what was chosen and never sent, by tabs that are gone: `needed` are the ids that
  // messages of this person wait for, `tabs` those that live, null where that is not known.
  sweep(userId, needed, tabs, now) {
    return this.removeWhere(
      ({ id, user_id, tab, kept_at }) =>
        user_id === userId &&
        !needed.has(id) &&
        (tabs ? !tabs.has(tab) : kept_at < now - KEPT_MS),
    );
  }

  removeWhere(isGone) {
    return this.attempt("readwrite", async (store) => {
      for (const file of await answerOf(store.getAll())) if (isGone(file)) store.delete(file.id);
    });
  }
}
