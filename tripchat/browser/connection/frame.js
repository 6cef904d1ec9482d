// The outermost element of every page: it carries what the page says of itself to programs, and
// joins the connection and Reflex's state to the live side.

import { createElement, useContext, useEffect, useLayoutEffect } from "react";
import { DispatchContext, useStateContext } from "$/utils/context-registry";
import { useLive, useLiveSource } from "../live/use_live";
import { useTripCards } from "../live/trip_cards";
import { connection } from "./socket";
import { updates } from "./update";
import { useConnection } from "./use_connection";

// Stands at the page's root, so that this module is there before the socket is made.
export function ConnectionWatch({ steps, checkEvery, build, children }) {
  connection.configure({ steps, checkEvery });
  updates.madeBy(build);
  return children;
}

export function AppFrame({ pageTitle, children, ...given }) {
  const { rootState, roomState, listState, sessionState, ...props } = given;
  const root = useStateContext(rootState);
  const session = useStateContext(sessionState);
  const { status, transport, isOpen } = useConnection();
  const dispatch = useContext(DispatchContext);
  // A page that comes back is not ready before it is hydrated anew: until then the server does not
  // know which trip is open in it.
  useLayoutEffect(() => {
    if (!isOpen) dispatch[rootState]({ is_hydrated_rx_state_: false });
  }, [isOpen, dispatch, rootState]);
  const hydrated = Boolean(root?.is_hydrated_rx_state_) && isOpen;
  useLiveSource(roomState, sessionState, hydrated);
  const title = useLive("trip").title || pageTitle;
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
      "data-connection-state": status,
      "data-user-id": session?.user_id_rx_state_ ?? "",
      "data-transport": transport,
    },
    children,
  );
}
