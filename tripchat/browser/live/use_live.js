// `live` in React: joined to Reflex's state, and read by components.

import { useContext, useLayoutEffect, useSyncExternalStore } from "react";
import { useParams } from "react-router";
import { StateStoreContext } from "$/utils/context-registry";
import { actions } from "./actions";
import { live } from "./live";
import { outbox } from "./page_outbox";
import { isLooking } from "./read_markers";
import { EMPTY } from "./snapshot";

if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", () => {
    if (!isLooking()) live.tellRead();
    live.publish();
  });
  // Reflex closes the socket in listeners of its own, which come after the capturing ones.
  for (const leaving of ["beforeunload", "pagehide"]) {
    window.addEventListener(leaving, () => live.tellRead(), { capture: true });
  }
}

// Connect the page's Reflex state to `live`; rendered once, by the app's frame.
export function useLiveSource(roomState, sessionState, hydrated) {
  const store = useContext(StateStoreContext);
  const { trip_id: tripId = "" } = useParams();
  useLayoutEffect(() => live.show(tripId), [tripId]);
  useLayoutEffect(() => {
    live.room = outbox.room = actions.room = roomState;
    const update = () => live.read(store.getSnapshot(roomState), store.getSnapshot(sessionState));
    update();
    const stops = [store.subscribe(roomState, update), store.subscribe(sessionState, update)];
    return () => stops.forEach((stop) => stop());
  }, [store, roomState, sessionState]);
  useLayoutEffect(() => {
    outbox.open = actions.open = hydrated;
    if (hydrated) live.hydrated();
    else live.publish();
  }, [hydrated]);
}

export function useTimeline() {
  return useSyncExternalStore(live.subscribe, live.getSnapshot, () => EMPTY);
}

// One part of it: what reads it renders again only when that part is another.
export function useLive(name) {
  const get = () => live.snapshot[name];
  return useSyncExternalStore(live.subscribe, get, () => EMPTY[name]);
}
