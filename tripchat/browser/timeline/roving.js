// One stop for the Tab key in a long list: the arrow keys go from message to message, and to the
// photos and files in them; the newest is where one comes in. https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/

import { useLayoutEffect } from "react";

// Those that can have the focus: of many photos only some are in view.
const stopsOf = (list) =>
  [...list.querySelectorAll("[data-roving]:not(:disabled)")].filter((stop) => stop.checkVisibility());

function stopAt(list, stop) {
  for (const other of list.querySelectorAll('[data-roving][tabindex="0"]')) other.tabIndex = -1;
  if (stop) stop.tabIndex = 0;
}

export function useRoving(ref, rows) {
  useLayoutEffect(() => {
    const list = ref.current;
    if (!list.contains(document.activeElement) || document.activeElement === list) {
      stopAt(list, stopsOf(list).at(-1));
    }
  }, [rows]);

  const onKeyDown = (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.target.matches("[data-roving]")) return;
    const stops = stopsOf(event.currentTarget);
    const next = stops[stops.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    stopAt(event.currentTarget, next);
    next.focus({ preventScroll: true });
    next.closest("[data-testid=message]").scrollIntoView({ block: "nearest" });
  };

  return { onKeyDown };
}
