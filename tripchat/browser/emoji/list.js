// The emoji to pick from, as a list of options in groups. One of them takes part in the Tab order;
// the arrow keys lead to the others.

import { createElement, memo, useLayoutEffect, useRef } from "react";
import { withTone } from "./catalogue";
import { move, moves } from "./keys";

const OPTION = "[role=option]";
const STOP = `${OPTION}[tabindex="0"]`;

const Option = (emoji, name, testId) =>
  createElement(
    "button",
    {
      key: emoji,
      type: "button",
      role: "option",
      tabIndex: -1,
      className: "emoji-option",
      "data-testid": testId,
      "data-emoji": emoji,
      "aria-label": name,
    },
    emoji,
  );

// The name is an attribute: an element that is out of sight, and not laid out, lends none.
const Group = memo(({ slug, name, emojis, tone, testId = "emoji-option" }) =>
  createElement(
    "div",
    {
      role: "group",
      className: "emoji-group",
      "aria-label": name,
      "data-group": slug,
      style: { "--count": emojis.length },
    },
    createElement("div", { className: "emoji-heading", "aria-hidden": true }, name),
    emojis.map((each) => Option(withTone(each, tone), each.name, testId)),
  ),
);

const optionsOf = (group) => [...group.querySelectorAll(OPTION)];

const columnsOf = (list) => Number(getComputedStyle(list).getPropertyValue("--columns"));

const placeOf = (groups, option) => {
  const group = groups.findIndex((each) => each.contains(option));
  return { group, index: optionsOf(groups[group]).indexOf(option) };
};

// `onLeave` is called for keys that belong to the search field: up from the first row, and text.
export function EmojiList({ groups, tone, listRef, onPick, onLeave, onScroll }) {
  useLayoutEffect(() => {
    if (listRef.current.querySelector(STOP)) return;
    const first = listRef.current.querySelector(OPTION);
    if (first) first.tabIndex = 0;
  }, [groups]);

  const onClick = (event) => {
    const option = event.target.closest(OPTION);
    if (option) onPick(option.dataset.emoji);
  };

  const onFocus = (event) => {
    if (!event.target.matches(OPTION)) return;
    const stop = listRef.current.querySelector(STOP);
    if (stop) stop.tabIndex = -1;
    event.target.tabIndex = 0;
  };

  // A title that were always there would be read out after the name, which is the same.
  const onPointerOver = ({ target }) => {
    if (target.matches(OPTION)) target.title = target.getAttribute("aria-label");
  };

  const onKeyDown = (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    if (key.length === 1 && key !== " ") {
      onLeave(); // what is typed goes on in the search field
    } else if (moves(key)) {
      event.preventDefault();
      const sections = [...listRef.current.children];
      const sizes = sections.map((section) => section.querySelectorAll(OPTION).length);
      const at = placeOf(sections, event.target);
      const to = move(sizes, columnsOf(listRef.current), at, key);
      if (to) optionsOf(sections[to.group])[to.index].focus();
      else onLeave();
    }
  };

  return createElement(
    "div",
    {
      ref: listRef,
      role: "listbox",
      className: "emoji-list",
      hidden: !groups.length,
      "aria-label": "Emoji",
      onClick,
      onFocus,
      onPointerOver,
      onKeyDown,
      onScroll,
    },
    groups.map((group) => createElement(Group, { ...group, key: group.slug, tone })),
  );
}

export const focusFirst = (list) => list.querySelector(STOP)?.focus();

export const scrollToGroup = (list, slug) => {
  list.scrollTop = list.querySelector(`[data-group="${slug}"]`).offsetTop;
};

// The slug of the group at the list's top.
export const groupInView = ({ children, scrollTop }) =>
  [...children].findLast((group) => group.offsetTop <= scrollTop + 1)?.dataset.group ?? "";
