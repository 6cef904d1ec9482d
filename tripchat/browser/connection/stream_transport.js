// The fallback: an Engine.IO transport for networks that let no WebSocket through. What the server
// sends comes as server-sent events, what the page sends goes up in POSTs; above it everything is
// as on a WebSocket.
//
// A stream that breaks is resumed by the browser itself, from the last event that it has heard.

import { Transport } from "engine.io-client";
import { decodePacket, encodePacket } from "engine.io-parser";
import { MOVED } from "./connection";

const RESUME_MS = 4_000; // a stream that is not back by then has ended
const POSTS = 3; // how often the same packets are posted before the way counts as blocked
const REPOST_MS = 500;
const CLOSE = "1"; // Engine.IO's packet

const tripPath = () => window.location.pathname.match(/^\/trip\/[^/]+/)?.[0].replace("/trip/", "/trips/") ?? "";

const encoded = (packet) => new Promise((resolve) => encodePacket(packet, true, resolve));

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class StreamTransport extends Transport {
  get name() {
    return "stream";
  }

  doOpen() {
    this.path = `/api${tripPath()}/events`;
    this.link = ""; // the server's name for this stream
    this.posted = 0;
    this.ending = new AbortController();
    this.source = new EventSource(`${this.path}?${new URLSearchParams(this.query)}`);
    this.source.onmessage = ({ data, lastEventId }) => this.heard(data, lastEventId);
    this.source.onopen = () => clearTimeout(this.resuming);
    // A close waits for what is on its way: longer than a page has that is being left.
    window.addEventListener("pagehide", this.bidFarewell);
    this.source.onerror = () => {
      if (!this.link || this.source.readyState === EventSource.CLOSED) this.broken("stream closed");
      else this.resuming = setTimeout(() => this.broken("stream not resumed"), RESUME_MS);
    };
  }

  heard(data, id) {
    if (!this.link) {
      this.link = id.slice(0, id.lastIndexOf("."));
      this.onOpen();
    }
    this.onPacket(decodePacket(data));
  }

  broken(reason) {
    if (this.readyState === "closed") return;
    this.stop();
    this.onError(reason);
  }

  stop() {
    window.removeEventListener("pagehide", this.bidFarewell);
    clearTimeout(this.resuming);
    this.source.close();
    this.ending.abort();
  }

  async write(packets) {
    this.writable = false;
    const body = await this.bodyOf(packets);
    for (let tries = 1; this.readyState === "open"; tries++) {
      const status = await this.post(body);
      if (status === 204) break;
      // The worker that knew the stream is gone, and there is one that says so.
      if (status === 404) return this.broken(MOVED);
      // What the server has refused it would refuse again.
      if (tries === POSTS || (status >= 400 && status < 500)) return this.broken(`post refused ${status}`);
      await pause(REPOST_MS);
    }
    this.writable = true;
    this.emitReserved("drain");
  }

  // Numbered, so that the server takes once what it is told twice.
  async bodyOf(packets) {
    this.posted += 1;
    const said = await Promise.all(packets.map(encoded));
    return JSON.stringify({ link: this.link, n: this.posted, packets: said });
  }

  // The answer's status, 0 for none.
  async post(body, options = { signal: this.ending.signal }) {
    const headers = { "Content-Type": "application/json" };
    try {
      const answer = await fetch(this.path, { method: "POST", headers, body, ...options });
      return answer.status;
    } catch {
      return 0;
    }
  }

  doClose() {
    this.stop();
    this.bidFarewell();
  }

  // Told even while the page is being left.
  bidFarewell = () => {
    const farewell = { link: this.link, n: this.posted + 1, packets: [CLOSE] };
    if (this.link) this.post(JSON.stringify(farewell), { keepalive: true });
  };
}
