// Where one writes. Enter sends, Shift+Enter breaks the line; what cannot be sent stays here.

import { createElement, useEffect, useId, useLayoutEffect } from "react";
import { attach, pastedFiles, setLimits } from "../attachments/attaching";
import { uploads } from "../attachments/page_uploads";
import { composing, insertText, useComposing, useProblem } from "./composing";
import { editLast } from "../timeline/editing";
import { live } from "../live/live";
import { useLive } from "../live/use_live";
import { useMentionList } from "./mention_list";
import { bodyOf } from "./mention_matching";
import { ReplyBar, useQuote } from "./reply_bar";
import { problemOf } from "../text_problem";

// Each trip has a field of its own: nothing of one, not even what can be undone, is in another.
export function Composer(props) {
  const tripId = useLive("tripId");
  return createElement(TripComposer, { ...props, key: tripId, tripId });
}

function TripComposer({
  tripId,
  limit,
  mostFiles,
  mostBytes,
  label,
  placeholder,
  sendLabel,
  sendIcon,
  cancelIcon,
  children,
  ...props
}) {
  const members = useLive("members");
  const { text, reply, mentions } = useComposing(tripId);
  const quote = useQuote(reply);
  const problem = useProblem(tripId);
  const errorId = useId();
  const replyId = useId();

  const others = members.filter((member) => member.user_id !== live.userId);
  const names = useMentionList(others, ({ user_id, name }, start, end) => {
    const { field } = composing;
    // The name brings its own blank.
    field.setSelectionRange(start, field.value[end] === " " ? end + 1 : end);
    composing.change(tripId, { mentions: [...mentions, { user_id, name }] });
    insertText(`@${name} `);
  });

  useLayoutEffect(() => {
    const { field } = composing;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }, [text]);

  // Where there is a keyboard, an opened trip is ready to be written in.
  useEffect(() => {
    const { field } = composing;
    field.setSelectionRange(field.value.length, field.value.length);
    if (tripId && window.matchMedia("(pointer: fine)").matches) field.focus();
  }, []);

  useEffect(() => setLimits(mostFiles, mostBytes), [mostFiles, mostBytes]);

  const send = (event) => {
    event.preventDefault();
    if (!tripId) return;
    const answers = reply && !quote?.deleted;
    const tray = uploads.tray(tripId);
    const isWordless = tray.length > 0 && !text.trim();
    const refused =
      (isWordless ? "" : problemOf(text, limit)) ||
      (tray.some((file) => file.state === "failed") ? UNSENDABLE : "") ||
      live.send(bodyOf(isWordless ? "" : text, mentions, members), answers ? (quote ?? unseen(reply)) : null, {
        files: tray.map(kept),
      });
    composing.refuse(tripId, refused);
    if (!refused) composing.clear(tripId);
    composing.field.focus();
  };

  const cancelReply = () => {
    composing.change(tripId, { reply: null });
    composing.field.focus();
  };

  const onKeyDown = (event) => {
    // While an input method composes a character, the keys belong to it.
    if (event.nativeEvent.isComposing || names.onKeyDown(event)) return;
    if (event.key === "Enter" && !event.shiftKey) send(event);
    else if (event.key === "ArrowUp" && !text && editLast()) event.preventDefault();
  };

  const onFormKeyDown = (event) => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing || event.defaultPrevented) return;
    if (reply) cancelReply();
  };

  const onChange = (event) => {
    const { value } = event.target;
    composing.change(tripId, value ? { text: value } : { text: "", mentions: [] });
    names.onInput(event);
    const length = [...value.trim()].length;
    composing.refuse(tripId, length > limit ? problemOf(value, limit) : "");
    if (value) live.types();
  };

  const onPaste = (event) => {
    const files = pastedFiles(event.clipboardData);
    if (!files.length) return;
    event.preventDefault();
    attach(files);
  };

  return createElement(
    "form",
    { ...props, onSubmit: send, onKeyDown: onFormKeyDown, onPaste, noValidate: true },
    names.list,
    createElement(
      "p",
      { id: errorId, className: "form-error", role: "alert", "data-testid": "form-error" },
      problem,
    ),
    reply &&
      createElement(ReplyBar, { id: replyId, reply, quote, cancelIcon, onCancel: cancelReply }),
    createElement(
      "div",
      { className: "composer-line" },
      createElement("textarea", {
        ...names.fieldProps,
        ref: composing.setField,
        id: "composer",
        className: "composer-input",
        "data-testid": "composer-input",
        rows: 1,
        value: text,
        placeholder,
        "aria-label": label,
        "aria-invalid": Boolean(problem),
        "aria-describedby": reply ? `${replyId} ${errorId}` : errorId,
        enterKeyHint: "send",
        onChange,
        onKeyDown,
      }),
      children,
      createElement(
        "button",
        {
          type: "submit",
          className: "composer-send",
          "data-testid": "composer-send",
          "aria-label": sendLabel,
        },
        sendIcon,
      ),
    ),
  );
}

// The quote of a message that has not been loaded since the draft was begun.
const unseen = (reply) => ({ ...reply, rev: 0, line: "", deleted: false });

const UNSENDABLE = "A file could not be uploaded. Try it again, or take it away.";

// What the outbox keeps of a file.
const kept = ({ id, name, type, size, width, height, attachment_id }) => ({
  id,
  name,
  type,
  size,
  width,
  height,
  attachment_id,
});
