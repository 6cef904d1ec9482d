// A finger that moves what it touches: sideways to the neighbours, down to put it away.

import { useRef, useState } from "react";

const FAR_PX = 72;
const FAST = 0.45; // pixels in a millisecond
const BEGUN_PX = 8;
const AWAY_PX = 110;
const STILL = { dx: 0, dy: 0, active: false };

// At an end it follows with a third of the way.
const held = (dx, may) => (may ? dx : dx / 3);

export function useSwipe({ next, previous, away, hasNext, hasPrevious }) {
  const [moved, setMoved] = useState(STILL);
  const from = useRef(null);

  const end = () => {
    from.current = null;
    setMoved(STILL);
  };

  const onPointerDown = (event) => {
    // A second finger zooms, and what is zoomed is moved about by the browser.
    if (event.pointerType === "mouse" || !event.isPrimary || window.visualViewport?.scale > 1.01) return end();
    from.current = { x: event.clientX, y: event.clientY, at: event.timeStamp, axis: "" };
  };

  const onPointerMove = (event) => {
    const start = from.current;
    if (!start || !event.isPrimary) return;
    const dx = event.clientX - start.x;
    const dy = event.clientY - start.y;
    if (!start.axis && Math.hypot(dx, dy) < BEGUN_PX) return;
    start.axis ||= Math.abs(dx) >= Math.abs(dy) ? "x" : "y";
    if (start.axis === "x") setMoved({ dx: held(dx, dx < 0 ? hasNext : hasPrevious), dy: 0, active: true });
    else setMoved({ dx: 0, dy: Math.max(0, dy), active: true });
  };

  const onPointerUp = (event) => {
    const start = from.current;
    if (!start) return;
    end();
    const dx = event.clientX - start.x;
    const dy = event.clientY - start.y;
    const speed = Math.abs(dx) / Math.max(1, event.timeStamp - start.at);
    if (start.axis === "y" && dy > AWAY_PX) away();
    if (start.axis !== "x" || (Math.abs(dx) < FAR_PX && speed < FAST)) return;
    if (dx < 0) next();
    else previous();
  };

  return { ...moved, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: end } };
}
