// How the page's one WebSocket is: watched where Socket.IO itself learns of it, shown as
// attributes on the app's frame and as a banner when there is something to say.

import { createElement, useContext, useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import { DispatchContext, useStateContext } from "$/utils/context-registry";
import { connection } from "./socket";
import { useLive, useLiveSource } from "../live/live";
import { useTripCards } from "../live/trip_cards";

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
