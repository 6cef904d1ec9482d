// The page's connection: how it is, and when the next attempt is made. Pure logic over a `link`,
// which opens and closes it, and a `page`, which says whether anybody could use it.
//
//     connecting    the first attempt is under way
//     connected     over a WebSocket
//     fallback      over HTTP, because WebSockets cannot be opened here
//     disconnected  lost, to be made anew
//     error         never made so far
//
// Attempts are made for as long as the page is open. Only their pace changes.

import { Backoff } from "./backoff.js";
import { HealthCheck } from "./health_check.js";

// Why a connection has ended that others are ready to take the place of.
export const MOVED = "moved";

const ATTEMPT_MS = 8_000; // an attempt that takes longer has failed
const LEAVING_MS = 1_000; // a page that is left is gone by then
const STABLE_MS = 10_000; // a connection that lasted so long was one: the pace starts over
const PROBE_MS = 60_000; // how often a page in fallback looks whether a WebSocket could be opened
const UNNOTICED_MS = 2_000; // how long a connection may be made anew without a word
const FOUND_MS = 2_000; // where no post finds its server, a stream ends sooner
const MOVE_MS = 200; // pages that are told to move at the same moment do so within this time
const HIDDEN_MS = 5 * 60_000; // nobody waits for a page that was hidden for so long
// A browser opens six connections to a host that speaks HTTP/1.1, and a stream holds one: pages that
// nobody sees would leave none for the one that somebody does.
const HIDDEN_STREAM_MS = 10_000;

// So many failures in a row, while plain HTTP works, mean that a way is blocked. Where no WebSocket
// has ever been open, the second refusal tells as much as the fourth.
const FAILURES = 4;
const FIRST_FAILURES = 2;

export class Connection {
  // link: open(), close(), ping(), reachable() and probe() with promises of booleans.
  // page: online, hiddenFor in ms.
  // announce(name, line, detail, level) tells people and programs.
  constructor({ link, page, announce, random }) {
    this.link = link;
    this.page = page;
    this.announce = announce;
    this.random = random ?? Math.random;
    this.backoff = new Backoff(undefined, this.random);
    this.health = new HealthCheck({
      ping: () => {
        announce("ping", "Connection health check - ping sent");
        link.ping();
      },
      dead: () => this.close("no answer to a ping"),
    });
    this.status = "connecting";
    this.transport = "websocket"; // what is open, or is tried next: websocket or stream
    this.isOpen = false;
    this.isTrying = false;
    this.waitsFor = ""; // why no attempt is planned: offline or hidden
    this.nextAt = 0; // when the next attempt is made, in ms of Date.now(); 0 for none planned
    this.openedAt = 0;
    this.failures = 0; // attempts that failed since the last connection or change of transport
    this.hadWebSocket = false;
    this.wasOpen = false;
    this.cause = ""; // why this page itself closes the connection
    this.listeners = new Set();
    this.snapshot = this.look();
  }

  configure({ steps, checkEvery }) {
    this.backoff.steps = steps;
    this.health.every = checkEvery;
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getSnapshot = () => this.snapshot;

  look() {
    return {
      status: this.status,
      transport: this.transport,
      isOpen: this.isOpen,
      isTrying: this.isTrying,
      waitsFor: this.waitsFor,
      nextAt: this.nextAt,
      openedAt: this.openedAt,
      attempt: this.backoff.attempt,
      roundTrip: this.health.roundTrip,
    };
  }

  publish() {
    this.snapshot = this.look();
    for (const listener of this.listeners) listener();
  }

  // What the link tells.

  // An attempt has begun; the page's first one is not asked for here.
  begun() {
    if (this.isOpen || this.isTrying) return;
    this.unplan();
    this.isTrying = true;
    this.deadline = setTimeout(() => {
      this.link.close();
      this.failed("no answer");
    }, ATTEMPT_MS);
    this.publish();
  }

  opened(transport) {
    this.unplan();
    clearTimeout(this.deadline);
    clearTimeout(this.noticed);
    this.isTrying = false;
    this.isOpen = true;
    this.transport = transport;
    this.openedAt = Date.now();
    this.failures = 0;
    this.status = transport === "stream" ? "fallback" : "connected";
    this.announceOpened();
    this.wasOpen = true;
    this.stable = setTimeout(() => this.backoff.reset(), STABLE_MS);
    this.startChecks();
    this.publish();
  }

  announceOpened() {
    const detail = { transport: this.transport, attempt: this.backoff.attempt };
    if (this.transport === "stream") {
      this.announce("connected", "Connected over HTTP - WebSocket is tried again every minute", detail);
      return;
    }
    this.hadWebSocket = true;
    this.announce(
      "connected",
      this.wasOpen
        ? "WebSocket Realtime connected successfully - persistent connection established"
        : "WebSocket Realtime subscribed - persistent connection active",
      detail,
    );
  }

  startChecks() {
    const { every } = this.health;
    this.health.start();
    this.announce("check", `Connection health check started - checking every ${every} seconds`);
    if (this.transport === "stream") this.probing = setInterval(() => this.probe(), PROBE_MS);
  }

  // An attempt has failed.
  failed(reason) {
    if (!this.isTrying) return;
    clearTimeout(this.deadline);
    clearTimeout(this.noticed);
    this.isTrying = false;
    this.failures += 1;
    this.status = this.wasOpen ? "disconnected" : "error";
    this.announce("failed", `Connection attempt failed - ${reason}`, { reason }, "debug");
    this.plan();
    this.changeTransportIfBlocked();
  }

  // The open connection has ended; `cause` is what the transport knows of it.
  lost(reason, cause) {
    if (!this.isOpen) return;
    const found = Date.now() - this.openedAt >= FOUND_MS;
    this.isOpen = false;
    this.openedAt = 0;
    clearTimeout(this.stable);
    clearTimeout(this.moving);
    clearInterval(this.probing);
    this.health.stop();
    if (this.cause === "change") return;
    if (cause === MOVED && found) {
      this.timer = setTimeout(() => this.due(), this.random() * MOVE_MS);
      this.unnoticed();
      return this.publish();
    }
    this.status = "disconnected";
    // Reflex closes the connection of a page that is being left: nobody is there to be told. Should
    // the page stay after all, it goes on.
    if (!this.cause && reason === "io client disconnect") {
      this.timer = setTimeout(() => this.due(), LEAVING_MS);
      return this.publish();
    }
    this.announce(
      "closed",
      "WebSocket Realtime connection closed - attempting reconnection",
      { reason: this.cause || reason },
      "warn",
    );
    this.plan();
  }

  answered() {
    const roundTrip = this.health.answered();
    if (roundTrip === null) return;
    this.announce("pong", "Connection health check - answered", { roundTrip }, "debug");
    this.publish();
  }

  // Something was sent that has to arrive.
  said() {
    if (this.isOpen) this.health.said();
  }

  // When to try.

  plan() {
    if (this.isOpen || this.isTrying || this.timer) return this.publish();
    const patience = this.transport === "stream" ? HIDDEN_STREAM_MS : HIDDEN_MS;
    this.waitsFor = !this.page.online ? "offline" : this.page.hiddenFor >= patience ? "hidden" : "";
    if (!this.waitsFor) {
      const delay = this.backoff.next();
      const { attempt } = this.backoff;
      this.nextAt = Date.now() + delay;
      this.timer = setTimeout(() => this.due(), delay);
      const line = `Scheduling WebSocket reconnection attempt ${attempt} in ${delay} ms`;
      this.announce("scheduled", line, { attempt, delay });
    }
    this.publish();
  }

  unplan() {
    clearTimeout(this.timer);
    this.timer = null;
    this.nextAt = 0;
    this.waitsFor = "";
  }

  due() {
    this.unplan();
    if (this.page.online) this.attempt();
    else this.plan();
  }

  attempt() {
    this.unplan();
    const { attempt } = this.backoff;
    const { transport } = this;
    this.announce("attempt", "Attempting WebSocket reconnection...", { attempt, transport });
    this.link.open();
    this.begun();
  }

  // The page is online or visible again: no more waiting. A connection that seems open is looked at.
  now() {
    if (this.isOpen) this.health.check();
    else if (this.page.online) this.ask();
  }

  // Somebody asks: it is tried whatever the browser says of the network.
  ask() {
    if (!this.isOpen) {
      if (!this.isTrying) this.attempt();
      return;
    }
    this.health.check();
    if (this.transport === "stream") this.probe();
  }

  // Nobody sees the page any more.
  hidden() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const isUnseen = this.page.hiddenFor >= HIDDEN_STREAM_MS;
      if (isUnseen && this.isOpen && this.transport === "stream") this.close("hidden");
    }, HIDDEN_STREAM_MS);
  }

  // The browser has no network.
  offline() {
    if (this.isOpen) this.close("offline");
    else if (this.timer) {
      this.unplan();
      this.plan();
    }
  }

  close(cause) {
    this.cause = cause;
    this.link.close();
    this.cause = "";
  }

  // Which way to go.

  async changeTransportIfBlocked() {
    const isFirst = this.transport === "websocket" && !this.hadWebSocket;
    if (this.failures < (isFirst ? FIRST_FAILURES : FAILURES)) return;
    const { failures } = this;
    const reachable = await this.link.reachable();
    if (!reachable || this.isOpen || this.failures !== failures) return;
    this.failures = 0;
    this.transport = this.transport === "stream" ? "websocket" : "stream";
    this.now();
  }

  async probe() {
    const works = await this.link.probe();
    if (!works || !this.isOpen || this.transport !== "stream") return;
    this.transport = "websocket";
    this.change();
  }

  // The other end is about to stop, and others are there.
  move() {
    if (!this.isOpen) return;
    clearTimeout(this.moving);
    this.moving = setTimeout(() => this.page.online && this.change(), this.random() * MOVE_MS);
  }

  // Make the connection anew, of one's own will: people hear of it only if that takes long.
  change() {
    this.close("change");
    this.attempt();
    this.unnoticed();
  }

  unnoticed() {
    clearTimeout(this.noticed);
    this.noticed = setTimeout(() => {
      this.status = "disconnected";
      this.publish();
    }, UNNOTICED_MS);
  }
}
