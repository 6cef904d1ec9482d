// A popover that code opens beside a button: it stands within the page, that button closes it
// again, and the focus goes back there.

import { useEffect, useRef } from "react";
import { place } from "./beside";

const isOpen = (popover) => popover.matches(":popover-open");

// `ref` is the popover's; the style sheet puts it at --top and --left. Gives `open(button)` and
// the handlers that the element needs.
export function useAnchored(ref) {
  const anchor = useRef(null);

  const stand = () => {
    if (!anchor.current?.isConnected) return;
    const { clientWidth, clientHeight } = document.documentElement;
    const { style, offsetWidth, offsetHeight } = ref.current;
    const { top, left } = place(
      anchor.current.getBoundingClientRect(),
      { width: offsetWidth, height: offsetHeight },
      { width: clientWidth, height: clientHeight },
    );
    style.setProperty("--top", `${top}px`);
    style.setProperty("--left", `${left}px`);
  };

  const open = (button) => {
    ref.current.hidePopover();
    anchor.current = button;
    ref.current.showPopover({ source: button }); // a popover around the button stays open
    stand();
  };

  useEffect(() => {
    const onClick = (event) => {
      if (!isOpen(ref.current) || !anchor.current.contains(event.target)) return;
      event.preventDefault();
      event.stopPropagation();
      ref.current.hidePopover();
    };
    window.addEventListener("click", onClick, true);
    window.addEventListener("resize", stand);
    return () => {
      window.removeEventListener("click", onClick, true);
      window.removeEventListener("resize", stand);
    };
  }, []);

  // For as long as it is open the button is known as its invoker: a click on it is not one outside.
  const onToggle = ({ newState }) => {
    if (newState === "open") anchor.current.popoverTargetElement = ref.current;
  };

  const onBeforeToggle = ({ newState }) => {
    if (newState === "open") return;
    anchor.current.popoverTargetElement = null;
    // Who has clicked on something else to go on there stays there.
    const { activeElement } = document;
    if (ref.current.contains(activeElement) || activeElement.contains(anchor.current)) {
      anchor.current.focus({ preventScroll: true });
    }
  };

  return { open, handlers: { onToggle, onBeforeToggle } };
}
