import { createElement, useEffect, useState } from "react";
import { tryNow, useConnection } from "./use_connection";
import { next, sentence } from "./words";

// The time, now and then, while somebody counts down to `until`; 0 for nobody.
function useTime(until) {
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!until) return undefined;
    const tick = () => setNow(Date.now());
    tick();
    const ticking = setInterval(tick, 250);
    return () => clearInterval(ticking);
  }, [until]);
  return now;
}

// What is wrong with the connection, when it is tried again, and a way to have that now.
export function ConnectionBanner(props) {
  const connection = useConnection();
  const { status, isOpen, isTrying, nextAt } = connection;
  const now = useTime(nextAt);
  const said = sentence(connection);
  if (!said) return null;
  return createElement(
    "div",
    { ...props, "data-testid": "connection-banner", "data-connection-state": status },
    createElement("span", { role: "status" }, said),
    // Nobody wants each second of it read out.
    createElement("span", { className: "connection-next", "aria-hidden": true }, next(connection, now)),
    isOpen
      ? null
      : createElement(
          "button",
          {
            type: "button",
            className: "connection-try",
            "data-testid": "connection-try",
            disabled: isTrying,
            onClick: tryNow,
          },
          "Try now",
        ),
  );
}
