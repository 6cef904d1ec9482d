// The bar above the emoji: a button for each group, which leads there.

import { createElement, memo, useRef } from "react";
import { move, moves } from "./keys";

// `icons` are elements whose keys are the groups' slugs.
export const EmojiBar = memo(({ groups, icons, current, onJump }) => {
  const bar = useRef(null);

  const onKeyDown = (event) => {
    const buttons = [...bar.current.children];
    if (!moves(event.key)) return;
    event.preventDefault();
    const at = { group: 0, index: buttons.indexOf(event.target) };
    const to = move([buttons.length], buttons.length, at, event.key);
    if (to) buttons[to.index].focus();
  };

  return createElement(
    "div",
    { ref: bar, role: "toolbar", className: "emoji-bar", "aria-label": "Groups", onKeyDown },
    groups.map(({ slug, name }) =>
      createElement(
        "button",
        {
          key: slug,
          type: "button",
          className: "emoji-jump",
          tabIndex: slug === current ? 0 : -1,
          title: name,
          "aria-label": name,
          "aria-current": slug === current,
          onClick: () => onJump(slug),
        },
        icons.find((icon) => icon.key === slug),
      ),
    ),
  );
});
