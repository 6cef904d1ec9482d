// The page's one socket, watched where Socket.IO itself learns of what happens to it.

import { Socket } from "socket.io-client";
import { announce } from "../announce";

class Connection {
  constructor() {
    this.state = "connecting";
    this.everConnected = false;
    this.listeners = new Set();
    this.events = new Map();
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getState = () => this.state;

  // Call `listener` with what the server sends under this name, on whatever connection.
  on(event, listener) {
    this.events.set(event, listener);
  }

  set(state) {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  connected() {
    this.set("connected");
    announce(
      "connected",
      this.everConnected
        ? "WebSocket Realtime connected successfully - persistent connection established"
        : "WebSocket Realtime subscribed - persistent connection active",
    );
    this.everConnected = true;
  }

  closed(reason) {
    // The page itself closes the socket when one leaves it: nothing is attempted then.
    if (this.state === "connected" && reason !== "io client disconnect") {
      announce(
        "closed",
        "WebSocket Realtime connection closed - attempting reconnection",
        { reason },
        "warn",
      );
    }
    this.set("disconnected");
  }
}

export const connection = new Connection();

// The page has one socket, made deep inside Reflex: its class is the one place to listen at.
const { onconnect, onclose, onerror } = Socket.prototype;
Socket.prototype.onconnect = function (...args) {
  connection.connected();
  for (const [event, listener] of connection.events) this.off(event, listener).on(event, listener);
  return onconnect.apply(this, args);
};
Socket.prototype.onclose = function (...args) {
  connection.closed(args[0]);
  return onclose.apply(this, args);
};
Socket.prototype.onerror = function (...args) {
  if (connection.everConnected) connection.set("disconnected");
  else connection.set("error");
  return onerror.apply(this, args);
};
