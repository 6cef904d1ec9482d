// What I am writing in each trip: the text, what it answers, and whom I chose to name. It stays
// when I look at another trip, and is kept as a draft for the next time. (Its files are the uploads
// that no message has, `attachments/uploads.js`: they stay as long as the tab.)

import { useSyncExternalStore } from "react";
import { drafts, NOTHING } from "../live/drafts";
import { openEmojiPicker } from "../emoji/picker";
import { live } from "../live/live";

const SAVE_MS = 300; // a change is kept at most this much later

class Composing {
  constructor() {
    this.userId = "";
    this.trips = new Map(); // trip id -> {text, reply, mentions}
    this.problems = new Map(); // trip id -> why it cannot be sent as it is
    this.unsaved = new Set();
    this.saving = null;
    this.listeners = new Set();
    this.field = null; // the field one writes in, while there is one
    live.subscribe(() => this.meet(live.userId));
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  setField = (field) => {
    this.field = field;
  };

  changed() {
    for (const listener of this.listeners) listener();
  }

  // What somebody writes is for their eyes only.
  meet(userId) {
    if (this.userId === userId) return;
    if (!live.leaving) this.save();
    this.userId = userId;
    this.trips.clear();
    this.problems.clear();
    this.unsaved.clear();
    this.changed();
  }

  in(tripId) {
    if (!this.userId || !tripId) return NOTHING;
    if (!this.trips.has(tripId)) this.trips.set(tripId, drafts.read(this.userId, tripId));
    return this.trips.get(tripId);
  }

  change(tripId, change) {
    this.trips.set(tripId, { ...this.in(tripId), ...change });
    this.unsaved.add(tripId);
    this.saving ??= setTimeout(() => this.save(), SAVE_MS);
    this.changed();
  }

  // Say why something cannot be sent, "" for no reason any more.
  refuse(tripId, problem) {
    if (this.problem(tripId) === problem) return;
    this.problems.set(tripId, problem);
    this.changed();
  }

  problem = (tripId) => this.problems.get(tripId) ?? "";

  clear(tripId) {
    this.change(tripId, NOTHING);
    this.save();
  }

  // Only what has changed here is written: another tab may have written the rest since.
  save() {
    clearTimeout(this.saving);
    this.saving = null;
    for (const tripId of this.unsaved) drafts.write(this.userId, tripId, this.in(tripId));
    this.unsaved.clear();
  }
}

export const composing = new Composing();

if (typeof document !== "undefined") {
  window.addEventListener("pagehide", () => composing.save());
  document.addEventListener("visibilitychange", () => composing.save());
}

export function useComposing(tripId) {
  return useSyncExternalStore(composing.subscribe, () => composing.in(tripId), () => NOTHING);
}

export function useProblem(tripId) {
  return useSyncExternalStore(composing.subscribe, () => composing.problem(tripId), () => "");
}

// Answer a message of the trip on the page.
export function reply(seq) {
  const message = live.message(seq);
  if (!message || message.deleted) return;
  composing.change(live.shown, { reply: { seq, author_id: message.author_id } });
  composing.field?.focus();
}

// Put a text where the caret is.
export function insertText(text) {
  if (!composing.field) return;
  composing.field.focus();
  // Deprecated, and still the only way that can be undone with the keyboard.
  document.execCommand("insertText", false, text);
}

// Pick an emoji for the text, beside the button that is found by this id.
export function pickEmoji(buttonId) {
  openEmojiPicker(document.getElementById(buttonId), insertText);
}
