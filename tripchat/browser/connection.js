// How the page's one WebSocket is: watched where Socket.IO itself learns of it, shown as
// attributes on the app's frame and as a banner when there is something to say.

import { createElement, useContext, useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import { Socket } from "socket.io-client";
import { DispatchContext, useStateContext } from "$/utils/context-registry";
import { announce } from "./announce";
import { useLive, useLiveSource } from "./live/live";
import { useTripCards } from "./live/trip_cards";

class Connection {
  constructor() {
    this.state = "connecting";
    this.everConnected = false;
    this.listeners = new Set();
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getState = () => this.state;

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

const connection = new Connection();

// The page has one socket, made deep inside Reflex: its class is the one place to listen at.
const { onconnect, onclose, onerror } = Socket.prototype;
Socket.prototype.onconnect = function (...args) {
  connection.connected();
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

// Stands at the page's root, so that this module is there before the socket is made.
export const ConnectionWatch = ({ children }) => children;

const useConnectionState = () =>
  useSyncExternalStore(connection.subscribe, connection.getState, () => "connecting");

export function AppFrame({ rootState, roomState, listState, sessionState, children, ...props }) {
  const root = useStateContext(rootState);
  const session = useStateContext(sessionState);
  const state = useConnectionState();
  const dispatch = useContext(DispatchContext);
  // A page that comes back is not ready before it is hydrated anew: until then the server does not
  // know which trip is open in it.
  useLayoutEffect(() => {
    if (state === "disconnected") dispatch[rootState]({ is_hydrated_rx_state_: false });
  }, [state, dispatch, rootState]);
  const hydrated = Boolean(root?.is_hydrated_rx_state_) && state === "connected";
  useLiveSource(roomState, sessionState, hydrated);
  const { title } = useLive("trip");
  const unread = useTripCards(listState, sessionState).reduce((sum, card) => sum + card.unread, 0);
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ""}${title ? `${title} · ` : ""}TripChat`;
  }, [title, unread]);
  return createElement(
    "div",
    {
      ...props,
      "data-testid": "app",
      "data-hydrated": String(hydrated),
      "data-connection-state": state,
      "data-user-id": session?.user_id_rx_state_ ?? "",
      "data-transport": "websocket",
    },
    children,
  );
}

const BANNERS = {
  disconnected: "Connection lost. Trying to reconnect…",
  error: "TripChat can't be reached. Trying again…",
};

export function ConnectionBanner(props) {
  const state = useConnectionState();
  if (!BANNERS[state]) return null;
  return createElement(
    "div",
    {
      ...props,
      role: "status",
      "data-testid": "connection-banner",
      "data-connection-state": state,
    },
    BANNERS[state],
  );
}
