// The scrolling list of a trip's messages: it stays at the end while the reader is there, keeps
// the reader's place when messages are added above or below, and asks for more at its edges.

import { createElement, useEffect, useLayoutEffect, useRef } from "react";
import { live } from "../live/live";
import { useLive, useTimeline } from "../live/use_live";
import { useRoving } from "./roving";

const END_PX = 48; // closer to the end than this counts as being there
const EDGE_PX = 600; // closer to an edge than this more is loaded

const distanceToEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight;

// The first row in view and where it stands: what has to stay where it is.
const anchorOf = (list) => {
  const top = list.getBoundingClientRect().top;
  for (const row of list.querySelectorAll("[data-testid=message]")) {
    const box = row.getBoundingClientRect();
    if (box.bottom > top) return { row, offset: box.top - top };
  }
  return null;
};

// The message that the address names, 0 for none.
const addressedSeq = () => {
  const seq = Number(new URLSearchParams(window.location.search).get("at"));
  return live.has(seq) ? seq : 0;
};

// The message to scroll to, 0 for none.
const targetOf = (tripId) => (live.target?.tripId === tripId ? live.target.seq : 0);

const reveal = (message) => {
  message.scrollIntoView({ block: "center" });
  message.classList.remove("is-target");
  void message.offsetWidth; // so that the animation begins anew
  message.classList.add("is-target");
};

export function Timeline({ children, ...props }) {
  const ref = useRef(null);
  const anchor = useRef(null);
  const arrived = useRef("");
  const { tripId, rows, atEnd, atBeginning, loading, firstUnread } = useTimeline();
  const roving = useRoving(ref, rows);

  const settle = () => {
    const list = ref.current;
    if (!list) return;
    const target = targetOf(tripId);
    const wanted = target && list.querySelector(`[data-seq="${target}"]`);
    if (wanted) {
      live.target = null;
      reveal(wanted);
      live.setAtEnd(distanceToEnd(list) < END_PX);
    } else if (live.getSnapshot().atEnd && !target) {
      list.scrollTop = list.scrollHeight;
    } else if (anchor.current?.row.isConnected) {
      const top = list.getBoundingClientRect().top;
      const moved = anchor.current.row.getBoundingClientRect().top - top - anchor.current.offset;
      if (moved) list.scrollTop += moved;
    }
    look();
  };

  // Note what is in view.
  const look = () => {
    const list = ref.current;
    anchor.current = anchorOf(list);
    if (!firstUnread || live.dividerSeen === firstUnread) return;
    const divider = list.querySelector("[data-testid=unread-divider]");
    if (divider && divider.getBoundingClientRect().top >= list.getBoundingClientRect().top) {
      live.seeDivider();
    }
  };

  const onScroll = () => {
    const list = ref.current;
    look();
    live.setAtEnd(distanceToEnd(list) < END_PX);
    if (list.scrollTop < EDGE_PX) live.loadOlder();
    if (distanceToEnd(list) < EDGE_PX) live.loadNewer();
  };

  // Escape closes the open menu and goes back to its button.
  const onKeyDown = (event) => {
    if (event.key !== "Escape" || !live.menu) return roving.onKeyDown(event);
    ref.current.querySelector(`[data-seq="${live.menu}"] [data-roving]`)?.focus();
    live.closeMenu();
  };

  useLayoutEffect(() => {
    if (tripId && arrived.current !== tripId) {
      arrived.current = tripId;
      anchor.current = null;
      const seq = addressedSeq();
      if (seq) live.jumpTo(seq);
    }
    settle();
  }, [tripId, rows, atEnd]);

  // A short page of rows leaves nothing to scroll: ask until the list is full.
  useEffect(() => {
    const list = ref.current;
    if (!loading && !atBeginning && list.scrollHeight <= list.clientHeight + EDGE_PX) {
      live.loadOlder();
    }
  }, [rows, loading, atBeginning]);

  // Late images, a turned phone, an opened keyboard: the place is kept.
  const latest = useRef(settle);
  latest.current = settle;
  useEffect(() => {
    const observer = new ResizeObserver(() => latest.current());
    observer.observe(ref.current);
    if (ref.current.firstElementChild) observer.observe(ref.current.firstElementChild);
    return () => observer.disconnect();
  }, []);

  return createElement(
    "div",
    {
      ...props,
      ref,
      onScroll,
      onKeyDown,
      tabIndex: 0,
      role: "log",
      "aria-live": "polite",
      "aria-relevant": "additions",
      "aria-busy": loading,
      "data-testid": "timeline",
      "data-at-end": String(atEnd),
    },
    createElement("div", { className: "timeline-rows" }, children),
  );
}

export const jumpTo = (seq) => live.jumpTo(seq);

export function JumpLatest({ children, ...props }) {
  const atEnd = useLive("atEnd");
  const unseen = useLive("unseen");
  if (atEnd) return null;
  const label = unseen ? `${unseen} new` : "Latest";
  return createElement(
    "button",
    {
      ...props,
      type: "button",
      "data-testid": "jump-latest",
      "data-new": String(unseen),
      "aria-label": unseen ? `Jump to latest, ${unseen} new messages` : "Jump to latest",
      onClick: () => live.jumpToLatest(),
    },
    children,
    label,
  );
}

export function JumpUnread({ children, ...props }) {
  const firstUnread = useLive("firstUnread");
  const unread = useLive("unreadAbove");
  if (!firstUnread || !unread) return null;
  return createElement(
    "button",
    {
      ...props,
      type: "button",
      "data-testid": "jump-unread",
      "data-unread": String(unread),
      onClick: () => live.jumpTo(firstUnread),
    },
    children,
    `${unread} unread`,
  );
}
