// The scrolling list of a trip's messages: it stays at the end while the reader is there, keeps
// the reader's place when messages are added above or below, and asks for more at its edges.

import { createElement, useEffect, useLayoutEffect, useRef } from "react";
import { live, useTimeline } from "./live";

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
const targetSeq = () => {
  const seq = Number(new URLSearchParams(window.location.search).get("at"));
  return live.has(seq) ? seq : 0;
};

export function Timeline({ children, ...props }) {
  const ref = useRef(null);
  const anchor = useRef(null);
  const target = useRef({ tripId: "", seq: 0 });
  const timeline = useTimeline();
  const { tripId, rows, atEnd, atBeginning, loading } = timeline;

  const settle = () => {
    const list = ref.current;
    if (!list) return;
    const wanted =
      target.current.seq && list.querySelector(`[data-seq="${target.current.seq}"]`);
    if (wanted) {
      wanted.scrollIntoView({ block: "center" });
      wanted.classList.add("is-target");
      target.current.seq = 0;
      live.setAtEnd(distanceToEnd(list) < END_PX);
    } else if (live.getSnapshot().atEnd && !target.current.seq) {
      list.scrollTop = list.scrollHeight;
    } else if (anchor.current?.row.isConnected) {
      const top = list.getBoundingClientRect().top;
      const moved = anchor.current.row.getBoundingClientRect().top - top - anchor.current.offset;
      if (moved) list.scrollTop += moved;
    }
    anchor.current = anchorOf(list);
  };

  const onScroll = () => {
    const list = ref.current;
    anchor.current = anchorOf(list);
    live.setAtEnd(distanceToEnd(list) < END_PX);
    if (list.scrollTop < EDGE_PX) live.loadOlder();
    if (distanceToEnd(list) < EDGE_PX) live.loadNewer();
  };

  useLayoutEffect(() => {
    if (tripId && target.current.tripId !== tripId) {
      target.current = { tripId, seq: targetSeq() };
      if (target.current.seq) {
        live.setAtEnd(false);
        live.show(target.current.seq);
      }
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
  useEffect(() => {
    const observer = new ResizeObserver(settle);
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

export function JumpLatest({ children, ...props }) {
  const { atEnd, unseen } = useTimeline();
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
