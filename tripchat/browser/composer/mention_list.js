// The list of members that opens while one types `@` and a name. The focus stays in the field.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import { createElement, useEffect, useId, useRef, useState } from "react";
import { matching, queryAt } from "./mention_matching";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

// Whether a name came in one piece together with its `@`, so that nothing of it is to be completed.
const isWhole = ({ inputType, data }, query, people) =>
  (inputType === "insertFromPaste" || data?.endsWith(`@${query}`)) &&
  people.some(({ name }) => name.toLowerCase() === query.toLowerCase());

// Follows what is typed into a field. `people` are those who can be named; `onChoose` gets the one
// who was chosen, and from where to where the text is that their name replaces.
export function useMentionList(people, onChoose) {
  const id = useId();
  const [typed, setTyped] = useState(null); // {at, query} of the name that is being typed
  const [pointed, setPointed] = useState(0);
  const closed = useRef(null); // {at, query} for which there shall be no list
  const options = typed ? matching(people, typed.query) : [];
  const isOpen = options.length > 0;
  const active = Math.min(pointed, options.length - 1);
  const optionId = (index) => `${id}-${index}`;

  const close = (name) => {
    closed.current = name;
    setTyped(null);
  };

  const choose = (member) => {
    close({ at: typed.at, query: `${member.name} ` });
    onChoose(member, typed.at, typed.at + 1 + typed.query.length);
  };

  const onInput = ({ target, nativeEvent }) => {
    const name = queryAt(target.value, target.selectionEnd);
    const known = closed.current;
    const isClosed = known && name?.at === known.at && name.query.startsWith(known.query);
    if (!isClosed) closed.current = null;
    setPointed(0);
    if (isClosed || (name && isWhole(nativeEvent, name.query, people))) setTyped(null);
    else setTyped(name);
  };

  // A caret that moves away leaves the name behind.
  const onSelect = ({ target: { selectionStart, selectionEnd } }) => {
    const end = typed && typed.at + 1 + typed.query.length;
    if (typed && (selectionStart !== end || selectionEnd !== end)) setTyped(null);
  };

  // Says whether the key was meant for the list.
  const onKeyDown = (event) => {
    if (!isOpen || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false;
    const { key } = event;
    if (key in STEPS) setPointed((active + STEPS[key] + options.length) % options.length);
    else if (key === "Enter" || key === "Tab") choose(options[active]);
    else if (key === "Escape") close(typed);
    else return false;
    event.preventDefault();
    return true;
  };

  return {
    onInput,
    onKeyDown,
    fieldProps: {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-expanded": isOpen,
      "aria-controls": isOpen ? id : undefined,
      "aria-activedescendant": isOpen ? optionId(active) : undefined,
      onSelect,
      onBlur: () => setTyped(null),
    },
    list:
      isOpen &&
      createElement(MentionList, { id, options, active, optionId, choose, point: setPointed }),
  };
}

function MentionList({ id, options, active, optionId, choose, point }) {
  const list = useRef(null);

  useEffect(() => {
    list.current.children[active].scrollIntoView({ block: "nearest" });
  }, [active]);

  return createElement(
    "ul",
    {
      ref: list,
      id,
      role: "listbox",
      className: "mention-list",
      "aria-label": "Mention somebody",
      // The field keeps the focus.
      onMouseDown: (event) => event.preventDefault(),
    },
    options.map((member, index) =>
      createElement(
        "li",
        {
          key: member.user_id,
          id: optionId(index),
          role: "option",
          className: "mention-option",
          "aria-selected": index === active,
          "data-testid": "mention-option",
          "data-user-id": member.user_id,
          onPointerMove: () => point(index),
          onClick: () => choose(member),
        },
        createElement(
          "span",
          { className: "avatar avatar-s", style: { "--hue": member.hue }, "aria-hidden": true },
          member.initials,
        ),
        createElement("span", { className: "mention-name" }, member.name),
      ),
    ),
  );
}
