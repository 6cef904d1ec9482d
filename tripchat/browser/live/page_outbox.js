// The page's outbox: kept in the browser's storage, shared with the other tabs, sent through Reflex.
//
// A tab holds a lock while it lives, named after itself. Whoever is granted a lock of another tab
// knows that it is gone, sends what it has left, and holds the lock from then on: nobody else does.

import { eventLoop } from "$/utils/context-registry";
import { ReflexEvent } from "$/utils/state";
import { announce } from "../announce";
import { messageFiles, uploads } from "../attachments/page_uploads";
import { Outbox } from "./outbox";
import { OutboxStorage } from "./outbox_storage";
import { lockOf, locks, tab } from "./this_tab";

const forEver = () => new Promise(() => {});

class PageOutbox extends Outbox {
  room = ""; // full name of the room's state
  asked = new Set([tab]); // the tabs whose locks were asked for

  meet(userId) {
    if (this.userId === userId) return;
    super.meet(userId);
    messageFiles.meet(userId, this.unsent());
    if (userId) this.follow();
  }

  hear(...change) {
    super.hear(...change);
    if (locks && this.settled) this.follow();
  }

  resend() {
    if (!locks) for (const author of this.authors()) this.tabs.add(author);
    super.resend();
  }

  // Take over from the tabs that are gone, and from the others as soon as they are.
  async follow() {
    const others = [...this.authors()].filter((author) => !this.asked.has(author));
    if (!locks) return this.adopt(others);
    for (const other of others) this.asked.add(other);
    const gone = await Promise.all(others.map(isGone));
    this.adopt(others.filter((_, index) => gone[index]));
    for (const other of others.filter((_, index) => !gone[index])) {
      hold(other, {}, () => this.adopt([other]));
    }
    if (others.length) this.follow(); // what was heard meanwhile
  }
}

// Have a tab's lock, once it is granted, until this tab ends.
const hold = (name, options, granted) =>
  locks
    .request(lockOf(name), options, (lock) => {
      granted(lock !== null);
      return lock && forEver();
    })
    .catch(() => granted(true));

const isGone = (other) => new Promise((resolve) => hold(other, { ifAvailable: true }, resolve));

export const outbox = new PageOutbox({
  storage: new OutboxStorage(() => window.localStorage),
  tab,
  files: messageFiles,
  send({ trip_id, client_id, kind, body, quote, files }, run) {
    const attachments = files && { attachments: files.map((file) => file.attachment_id) };
    const payload = {
      trip_id,
      client_id,
      kind,
      body: { ...body, ...attachments },
      reply_to_seq: quote?.seq ?? null,
      run,
    };
    eventLoop.addEvents([ReflexEvent(`${outbox.room}.send`, payload)], [], {});
  },
  stored(figures) {
    const line = "Message instantly broadcasted to all connected clients via WebSocket";
    announce("broadcast", line, figures);
  },
  later: (call, ms) => setTimeout(call, ms),
});

uploads.messages = outbox;

if (typeof window !== "undefined") {
  if (locks) hold(tab, {}, () => {});
  window.addEventListener("storage", ({ key, oldValue, newValue, storageArea }) => {
    if (key && storageArea === window.localStorage) outbox.hear(key, oldValue, newValue);
  });
}

export const discardMessage = (clientId) => outbox.discard(clientId);
