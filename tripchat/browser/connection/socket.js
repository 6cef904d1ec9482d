// The page's one socket, made deep inside Reflex, and its connection: Socket.IO's classes are where
// one hears of it, Reflex's own retry is where it is kept from trying at its own pace.

import { WebSocket as WebSocketTransport } from "engine.io-client";
import { Socket } from "socket.io-client";
import { announce } from "../announce";
import { Connection } from "./connection";
import { StreamTransport } from "./stream_transport";

const TRANSPORTS = { websocket: ["websocket"], stream: [StreamTransport] };
const LOOK_MS = 5_000; // how long a look at the server may take

class Link {
  socket = null;
  reconnect = () => {}; // Reflex's: it names the tab and hydrates it anew
  events = new Map();

  open() {
    if (!this.socket) return; // Reflex has not made it yet, and will connect it by itself
    this.socket.wait_connect = false; // Reflex's note of an attempt that was given up
    this.reconnect();
  }

  close() {
    if (!this.socket) return;
    const { engine } = this.socket.io;
    this.socket.disconnect();
    // It would wait until all is sent, which may be never.
    engine?.transport?.close();
  }

  ping() {
    this.socket.emit("ping");
  }

  // Whether the server answers plain HTTP and takes connections: without its database it takes none,
  // on whatever way.
  async reachable() {
    try {
      const signal = AbortSignal.timeout(LOOK_MS);
      const answer = await fetch("/api/health/live", { cache: "no-store", signal });
      return answer.ok && (await answer.json()).database !== "down";
    } catch {
      return false;
    }
  }

  // Whether a WebSocket could be opened: it is, up to the server's greeting.
  probe() {
    const { hostname, port, secure, opts } = this.socket.io.engine;
    const address = `${secure ? "wss" : "ws"}://${hostname}:${port}${opts.path}`;
    return new Promise((resolve) => {
      const socket = new WebSocket(`${address}?EIO=4&transport=websocket`);
      const end = (works) => {
        clearTimeout(deadline);
        socket.close();
        resolve(works);
      };
      const deadline = setTimeout(end, LOOK_MS, false);
      socket.onmessage = () => end(true);
      socket.onerror = socket.onclose = () => end(false);
    });
  }

  // Call `listener` with what the server sends under this name, on whatever connection.
  on(event, listener) {
    this.events.set(event, listener);
  }

  heed(socket) {
    for (const [event, listener] of this.events) socket.off(event, listener).on(event, listener);
    // All that goes up, but for Engine.IO's own answers.
    socket.io.engine.on("packetCreate", ({ type }) => type === "message" && connection.said());
  }
}

const link = new Link();

let hiddenSince = 0;
const page = {
  get online() {
    return navigator.onLine !== false;
  },
  get hiddenFor() {
    return hiddenSince ? Date.now() - hiddenSince : 0;
  },
};

const BLOCKED = "tripchat:websockets-blocked"; // in this tab, on earlier pages

export const connection = new Connection({ link, page, announce });

export const onServerEvent = (event, listener) => link.on(event, listener);

// Reflex answers a ping with one.
onServerEvent("ping", () => connection.answered());

// The worker at the other end stops, while others go on.
onServerEvent("move", () => connection.move());

const { connect, onconnect, onclose, onerror } = Socket.prototype;

Socket.prototype.connect = function () {
  link.socket = this;
  // What Reflex has opened ahead of time may have ended already, or go a way that is known to be
  // blocked.
  if (this.io.engine?.readyState === "closed" || connection.transport === "stream") link.close();
  this.io.opts.transports = TRANSPORTS[connection.transport];
  connection.begun();
  const done = connect.call(this);
  // An end before the server's greeting is no error to Socket.IO: it would wait on.
  const { engine } = this.io;
  engine?.once("close", (reason) => {
    if (!connection.isTrying || engine !== this.io.engine) return;
    link.close();
    connection.failed(reason);
  });
  return done;
};
Socket.prototype.onconnect = function (...args) {
  link.heed(this);
  const { name } = this.io.engine.transport;
  connection.opened(name);
  if (name === "stream") sessionStorage.setItem(BLOCKED, "yes");
  else sessionStorage.removeItem(BLOCKED);
  return onconnect.apply(this, args);
};
Socket.prototype.onclose = function (...args) {
  connection.lost(args[0], args[1]?.message);
  return onclose.apply(this, args);
};
Socket.prototype.onerror = function (...args) {
  connection.failed(args[0]?.message ?? "error");
  return onerror.apply(this, args);
};
// Reflex gives each socket its way to reconnect, and uses it whenever it sees fit: that becomes a
// wish, which changes nothing while an attempt is planned.
Object.defineProperty(Socket.prototype, "reconnect", {
  get: () => () => connection.plan(),
  set: (reconnect) => {
    link.reconnect = reconnect;
  },
});

// Between a WebSocket's end and the moment when one hears of it, words are lost either way: here
// without an error in the browser's console. What matters is said again.
const { doWrite } = WebSocketTransport.prototype;
WebSocketTransport.prototype.doWrite = function (packet, data) {
  if (this.ws?.readyState === WebSocket.OPEN) doWrite.call(this, packet, data);
};

if (typeof window !== "undefined") {
  if (sessionStorage.getItem(BLOCKED)) connection.transport = "stream";
  window.addEventListener("online", () => connection.now());
  window.addEventListener("offline", () => connection.offline());
  // A page that comes back out of the browser's own store of pages.
  window.addEventListener("pageshow", ({ persisted }) => persisted && connection.now());
  document.addEventListener("visibilitychange", () => {
    hiddenSince = document.visibilityState === "hidden" ? Date.now() : 0;
    if (hiddenSince) connection.hidden();
    else connection.now();
  });
}
