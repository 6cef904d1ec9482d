// The trips that this tab knows, between the Reflex state and the components: the room's state goes
// in, rows to render come out. One per page; components subscribe to it.

import { eventLoop } from "$/utils/context-registry";
import { ReflexEvent } from "$/utils/state";
import { actions } from "./actions";
import { announce } from "../announce";
import { uploads } from "../attachments/page_uploads";
import { onServerEvent } from "../connection/socket";
import { drafts } from "./drafts";
import { lineOf } from "./message_store";
import { OpenTrip } from "./open_trip";
import { outbox } from "./page_outbox";
import { isLooking, ReadMarkers } from "./read_markers";
import { versionRows } from "./rows";
import { EMPTY, Snapshots } from "./snapshot";

const UNAVAILABLE = "unavailable"; // the server could not find out whether the trip may be shown
const TYPES_MS = 2000; // at most one sign of typing in this time
const REMOVES_MS = 3000; // the browser may take so long to remove what whoever signs out has left
const valueOf = (vars, name) => vars?.[`${name}_rx_state_`];

class Live {
  constructor() {
    this.trips = new Map(); // trip id -> OpenTrip: a trip seen before is there at once
    this.shown = ""; // the trip that the address names
    this.heard = {}; // trip id -> its newest message, as a list of trips tells it
    this.listeners = new Set();
    this.snapshot = EMPTY;
    this.room = "";
    this.userId = "";
    this.problem = ""; // why the trip that the address names is not shown
    this.dividerSeen = 0; // the first unread seq whose line above it has been in view
    this.menu = 0; // the seq of the message whose actions are held open
    this.versions = []; // what a message said before its edits
    this.detailed = 0; // the seq of the message whose details are shown
    this.receipt = null; // when one of my messages went out and how many it reached, as told last
    this.connections = 0; // how often the page has been hydrated
    this.leaving = false; // whether the viewer is signing out here
    this.left = null; // a promise of when nothing of theirs is left here, once they do
    this.target = null; // {tripId, seq} of the message to scroll to
    this.editing = 0; // the seq of the message that is edited in place
    this.page = this.answered = this.changes = null; // the answers that were taken last
    this.missed = null; // the changes that were asked for last
    this.typedAt = 0;
    this.snapshots = new Snapshots(this);
    this.markers = new ReadMarkers((payload) => this.call("mark_read", payload));
    outbox.shows = (tripId) => this.trips.has(tripId);
    outbox.onChange(() => this.publish());
    actions.onChange(() => this.publish());
    uploads.subscribe(() => this.publish());
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getSnapshot = () => this.snapshot;

  // The trip on the page, null while nothing is known of it.
  get open() {
    return this.trips.get(this.shown) ?? null;
  }

  // Show the trip that the address names: what is known of it is there before the server answers.
  show(tripId) {
    if (this.shown === tripId) return;
    this.shown = tripId;
    this.editing = 0;
    this.problem = "";
    this.dividerSeen = this.menu = this.detailed = 0;
    this.target = null;
    this.open?.timeline.arrive();
    this.publish();
  }

  // Take the room's and the session's vars as Reflex has them now.
  read(room, session) {
    const userId = valueOf(session, "user_id") ?? "";
    // Signed out elsewhere: nothing of what is on the page may stay there.
    if (this.userId && !userId) this.beGone();
    this.userId = userId;
    outbox.meet(userId);
    const problem = valueOf(room, "problem") ?? "";
    const problemOf = valueOf(room, "problem_of");
    // While nothing can be read, what is known of a trip stays in view.
    if (problem && problem !== UNAVAILABLE) this.trips.delete(problemOf);
    const hides = problem !== UNAVAILABLE || !this.open;
    this.problem = problemOf === this.shown && hides ? problem : "";
    if (this.problem) return this.publish();
    const tripId = valueOf(room, "trip")?.trip_id ?? "";
    // The room may come before it is known who looks: what they have read and who types depend on it.
    if (!userId || !tripId || (problem && tripId === problemOf)) return this.publish();
    if (!this.trips.has(tripId)) this.trips.set(tripId, new OpenTrip(tripId));
    const open = this.trips.get(tripId);
    const knownUpTo = open.timeline.newest;
    // While the page is not hydrated, what comes is what was missed.
    open.apply(room, userId, tripId === this.shown && isLooking() && outbox.open);
    this.confirm(open, knownUpTo);
    const page = valueOf(room, "page");
    if (page && page !== this.page && page.messages) {
      this.page = page;
      this.trips.get(page.trip_id)?.timeline.applyPage(page);
      for (const message of page.messages) this.confirmOne(message);
    }
    const changes = valueOf(room, "changes");
    if (changes && changes !== this.changes) {
      this.changes = changes;
      this.trips.get(changes.trip_id)?.timeline.applyMissed(changes);
    }
    // While something is missing, what was heard is not all shown yet.
    if (!open.timeline.missed) actions.settle(tripId, open.timeline.lastRev);
    const versions = valueOf(room, "versions");
    if (versions && versions !== this.answered) {
      this.answered = versions;
      this.versions = versionRows(versions);
    }
    const receipt = valueOf(room, "receipt");
    if (receipt && receipt !== this.receipt) {
      this.receipt = receipt;
      this.trips.get(receipt.trip_id)?.timeline.messages.date(receipt.seq, receipt.broadcast_at);
    }
    this.askForMissed();
    this.hear(open);
    this.publish();
  }

  // What became of something that I asked for.
  takeAnswer(answer) {
    const { client_id: clientId } = answer;
    if (outbox.has(clientId)) return this.settleSend(answer);
    actions.answer(clientId, answer);
    // The change may have been here before its answer.
    const open = this.open;
    if (open && !open.timeline.missed) actions.settle(open.tripId, open.timeline.lastRev);
    this.publish();
  }

  // What became of a message of mine.
  settleSend(answer) {
    const tripId = outbox.tripOf(answer.client_id);
    outbox.answer(answer);
    // An answer that was lost comes again when many have followed: its message has its place above.
    const newest = this.trips.get(tripId)?.timeline.newest ?? 0;
    outbox.seen(tripId, newest);
    this.publish();
  }

  // My own messages that have come back from the server leave the outbox.
  confirm({ tripId, timeline }, knownUpTo) {
    for (let seq = knownUpTo + 1; seq <= timeline.newest; seq++) {
      this.confirmOne(timeline.messages.get(seq));
    }
    outbox.seen(tripId, timeline.newest);
  }

  confirmOne(message) {
    if (message?.author_id === this.userId) outbox.confirm(message);
  }

  // A trip's newest message as a list of trips tells it.
  hear(open) {
    const message = open.timeline.messages.get(open.timeline.newest);
    const author = message && open.byId.get(message.author_id);
    const known = this.heard[open.tripId];
    if (!message || (known?.message === message && known.author === author)) return;
    const summary = {
      message,
      author,
      last_seq: message.seq,
      last_rev: message.rev,
      last_at: message.sent_at,
      last_author_id: message.author_id,
      last_author: author?.name ?? "",
      last_line: lineOf(message),
    };
    this.heard = { ...this.heard, [open.tripId]: summary };
  }

  publish() {
    const { open } = this;
    if (open?.trip && !this.problem) this.markers.note(open);
    this.snapshot = this.snapshots.make();
    for (const listener of this.listeners) listener();
  }

  seeDivider() {
    this.dividerSeen = this.snapshot.firstUnread;
    this.publish();
  }

  // Edit a message where it stands; 0 for none.
  edit(seq) {
    this.editing = seq;
    this.menu = 0;
    this.publish();
  }

  // Hold the actions of a message open, or no longer; 0 for none.
  toggleMenu(seq) {
    this.menu = this.menu === seq ? 0 : seq;
    this.publish();
  }

  closeMenu() {
    if (this.menu) this.toggleMenu(this.menu);
  }

  loadVersions(seq) {
    this.versions = [];
    this.call("load_versions", { trip_id: this.shown, seq });
    this.publish();
  }

  // Show when a message of mine was stored and told, and whom it reached; 0 for none.
  showDetails(seq) {
    this.detailed = seq;
    this.menu = 0;
    this.askForReceipt();
    this.publish();
  }

  // When a message was broadcast and how many people it reached does not change any more: once it is
  // known, it is not asked for again. While the page is not hydrated this waits.
  askForReceipt() {
    if (!this.detailed || !outbox.open) return;
    if (this.receiptOf(this.shown, this.detailed)?.broadcast_at) return;
    this.call("load_receipt", { trip_id: this.shown, seq: this.detailed });
  }

  receiptOf(tripId, seq) {
    const { receipt } = this;
    return receipt?.trip_id === tripId && receipt.seq === seq ? receipt : undefined;
  }

  // Whoever looks away or leaves has read what they saw: that waits no longer.
  tellRead() {
    for (const open of this.trips.values()) this.markers.tellNow(open);
  }

  // What a text says as it was written, or as I have edited it just now.
  textOf(seq) {
    return actions.wishOf(this.shown, seq)?.text ?? this.message(seq)?.body.text ?? "";
  }

  hasFiles(seq) {
    return Boolean(this.message(seq)?.body.attachments?.length);
  }

  // How far I have read in any trip that this tab knows.
  readUpTo(tripId) {
    return this.trips.get(tripId)?.timeline.readSeq ?? 0;
  }

  // A key was pressed in the composer; the others hear of it now and then.
  types() {
    const now = Date.now();
    if (!outbox.open || now - this.typedAt < TYPES_MS) return;
    this.typedAt = now;
    this.call("types", {});
    announce("broadcast", "Typing indicator instantly broadcasted to all connected clients: true");
  }

  // `files` are those of the tray that go with it. Gives the reason why it cannot be sent, "" when
  // it can.
  send(body, quote, { kind = "text", files } = {}) {
    const { tripId, timeline } = this.open;
    const problem = outbox.add(tripId, kind, body, quote, files);
    if (problem) return problem;
    timeline.sent();
    this.jumpToLatest();
    if (this.typedAt) {
      announce("broadcast", "Typing indicator instantly broadcasted to all connected clients: false");
    }
    this.typedAt = 0;
    return "";
  }

  // Send a refused message once more: without what it answered, should that be deleted by now.
  retry(clientId) {
    outbox.retry(clientId, (quote) => (this.quote(quote.seq)?.deleted ? null : quote));
  }

  async beGone() {
    if (this.leaving) await this.leaveNothing();
    window.location.reload();
  }

  // Whoever signs out here leaves nothing behind: neither drafts nor what was not sent. A page that
  // went before the browser has removed it all would keep the browser from it.
  leaveNothing() {
    this.left ??= this.letGo();
    return this.left;
  }

  async letGo() {
    drafts.drop(this.userId);
    const removed = outbox.drop();
    this.userId = "";
    this.publish();
    const patience = new Promise((resolve) => setTimeout(resolve, REMOVES_MS));
    await Promise.race([removed, patience]);
  }

  call(handler, payload) {
    eventLoop.addEvents([ReflexEvent(`${this.room}.${handler}`, payload)], [], {});
  }

  // Ask for a page; before the first hydrate and while disconnected the request waits.
  ask(page) {
    if (!page) return;
    if (outbox.open) this.request(page);
    this.publish();
  }

  // What happened to older messages while the room was not heard is asked for once.
  askForMissed() {
    const missed = this.open?.timeline.missed;
    if (!missed || !outbox.open || missed === this.missed) return;
    this.missed = missed;
    this.call("load_changes", { trip_id: this.shown, ...missed });
  }

  request({ before = null, after = null }) {
    this.call("load_page", { trip_id: this.shown, before, after });
  }

  loadOlder() {
    if (this.open) this.ask(this.open.timeline.older());
  }

  loadNewer() {
    if (this.open) this.ask(this.open.timeline.newer());
  }

  // Whether there is such a message to show; it may have to be loaded first.
  has(seq) {
    return Number.isInteger(seq) && seq >= 1 && seq <= (this.open?.timeline.newest ?? 0);
  }

  // Load the pages around a message, unless it is there.
  load(seq) {
    this.ask(this.open.timeline.around(seq));
  }

  // Show a message; the timeline scrolls there once it is among the rows.
  jumpTo(seq) {
    if (!this.has(seq)) return;
    this.target = { tripId: this.shown, seq };
    this.load(seq);
    this.setAtEnd(false);
    this.publish();
  }

  message(seq) {
    return this.open?.timeline.messages.get(seq);
  }

  // What a reply to a message shows of it, null while that is not known.
  quote(seq) {
    return this.open?.timeline.messages.quote(seq) ?? null;
  }

  // Somebody who is or was in the trip on the page.
  person(userId) {
    return this.open?.byId.get(userId);
  }

  setAtEnd(atEnd) {
    if (this.open?.timeline.setAtEnd(atEnd)) this.publish();
  }

  jumpToLatest() {
    this.target = null;
    this.open?.timeline.jumpToLatest();
    this.publish();
  }

  // The server can read and store again: what it could not answer is asked once more.
  again() {
    document.querySelector('[data-testid="toast"][data-passing="true"] button')?.click();
    if (!outbox.open) return;
    uploads.wake();
    outbox.goOn();
    this.missed = null;
    this.askForMissed();
    this.askForReceipt();
    if (this.open?.timeline.asked) this.request(this.open.timeline.asked);
  }

  // The page is hydrated: what was asked for on an earlier connection, or too early, is asked now.
  hydrated() {
    this.leaving = false;
    this.connections += 1;
    for (const open of this.trips.values()) {
      if (open === this.open) continue;
      open.timeline.asked = null;
      this.markers.tell(open);
    }
    actions.resend();
    uploads.wake();
    outbox.resend();
    this.typedAt = 0; // the room has not heard of it, or has forgotten it
    if (!this.open) return this.publish();
    // A marker that was sent into a connection that had ended is sent again.
    this.open.timeline.markedSeq = this.open.marker;
    this.missed = null;
    this.askForMissed();
    this.askForReceipt();
    if (this.open.timeline.asked) this.request(this.open.timeline.asked);
    this.publish();
  }
}

export const live = new Live();

onServerEvent("answer", (answer) => live.takeAnswer(answer));
onServerEvent("again", () => live.again());

// For components of Python: send a message of some kind to the trip on the page.
export function sendMessage(kind, body, replyToSeq) {
  const problem = live.send(body, replyToSeq ? live.quote(replyToSeq) : null, { kind });
  if (problem) announce("refused", problem, { kind }, "warn");
}

export const retryMessage = (clientId) => live.retry(clientId);
