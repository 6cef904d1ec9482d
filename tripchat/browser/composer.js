// Where one writes. Enter sends, Shift+Enter breaks the line; what cannot be sent stays here.

import { createElement, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { live, useTimeline } from "./live";
import { outbox } from "./outbox";

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;

// The reason why a text cannot be sent, "" when it can. The server has the last word.
const problemOf = (text, limit) => {
  const length = [...text.trim()].length;
  if (length === 0) return "Write something first.";
  if (length > limit) {
    return `This is ${length - limit} characters too long: a message may have ${limit.toLocaleString()}.`;
  }
  if (CONTROL.test(text.replaceAll("\r", ""))) return "This text has characters that cannot be sent.";
  return "";
};

export function Composer({ limit, label, placeholder, sendLabel, children, ...props }) {
  const { tripId } = useTimeline();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  const input = useRef(null);
  const errorId = useId();

  useLayoutEffect(() => {
    const area = input.current;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  // Where there is a keyboard, an opened trip is ready to be written in.
  useEffect(() => {
    if (tripId && window.matchMedia("(pointer: fine)").matches) input.current.focus();
  }, [tripId]);

  const send = (event) => {
    event?.preventDefault();
    const refused = problemOf(text, limit);
    setProblem(refused);
    if (!refused && tripId) {
      live.jumpToLatest();
      outbox.add(tripId, live.userId, "text", { text: text.replaceAll("\r\n", "\n") });
      setText("");
    }
    input.current.focus();
  };

  const onKeyDown = (event) => {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    send(event);
  };

  const onChange = (event) => {
    setText(event.target.value);
    const length = [...event.target.value.trim()].length;
    setProblem(length > limit ? problemOf(event.target.value, limit) : "");
  };

  return createElement(
    "form",
    { ...props, onSubmit: send, noValidate: true },
    createElement(
      "p",
      { id: errorId, className: "form-error", role: "alert", "data-testid": "form-error" },
      problem,
    ),
    createElement(
      "div",
      { className: "composer-line" },
      createElement("textarea", {
        ref: input,
        id: "composer",
        className: "composer-input",
        "data-testid": "composer-input",
        rows: 1,
        value: text,
        placeholder,
        "aria-label": label,
        "aria-invalid": Boolean(problem),
        "aria-describedby": errorId,
        enterKeyHint: "send",
        onChange,
        onKeyDown,
      }),
      createElement(
        "button",
        {
          type: "submit",
          className: "composer-send",
          "data-testid": "composer-send",
          "aria-label": sendLabel,
        },
        children,
      ),
    ),
  );
}
