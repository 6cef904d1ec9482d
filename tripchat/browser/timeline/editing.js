// Editing a message where it stands: which one, and what its new text is so far.

import { createElement, useEffect, useLayoutEffect, useRef, useState } from "react";
import { actions } from "../live/actions";
import { live } from "../live/live";
import { problemOf } from "../text_problem";

export const startEdit = (seq) => live.edit(seq);

// Edit my newest message that can be; says whether there is one.
export function editLast() {
  const row = live.getSnapshot().rows.findLast((each) => each.editable);
  if (row) live.edit(row.seq);
  return Boolean(row);
}

export const deleteMessage = (seq) => actions.delete(live.shown, seq);

export function MessageEditor({ seq, limit, label, save, cancel, ...props }) {
  const [text, setText] = useState(() => live.textOf(seq));
  const input = useRef(null);
  // Photos and files need no words.
  const isWordless = live.hasFiles(seq) && !text.trim();
  const problem = isWordless ? "" : problemOf(text, limit);

  useEffect(() => {
    input.current.focus();
    input.current.setSelectionRange(text.length, text.length);
    input.current.scrollIntoView({ block: "nearest" });
  }, []);

  useLayoutEffect(() => {
    const area = input.current;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  const close = () => {
    live.edit(0);
    document.getElementById("composer")?.focus();
  };

  const onSubmit = (event) => {
    event?.preventDefault();
    if (problem) return;
    if (text !== live.textOf(seq)) actions.edit(live.shown, seq, text.replaceAll("\r\n", "\n"));
    close();
  };

  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && !event.shiftKey) {
      onSubmit(event);
    }
  };

  return createElement(
    "form",
    { ...props, onSubmit, noValidate: true },
    createElement("textarea", {
      ref: input,
      className: "edit-input",
      "data-testid": "edit-input",
      rows: 1,
      value: text,
      "aria-label": label,
      "aria-invalid": Boolean(problem),
      onChange: (event) => setText(event.target.value),
      onKeyDown,
    }),
    problem && createElement("p", { className: "form-error", role: "alert" }, problem),
    createElement(
      "div",
      { className: "edit-buttons" },
      createElement(
        "button",
        { type: "button", className: "link-button", "data-testid": "edit-cancel", onClick: close },
        cancel,
      ),
      createElement(
        "button",
        { type: "submit", className: "link-button", "data-testid": "edit-save", disabled: Boolean(problem) },
        save,
      ),
    ),
  );
}
