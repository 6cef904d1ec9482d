import { createElement, useEffect, useState } from "react";

const SHOWN_MS = 2000;

/** navigator.clipboard exists only on https and localhost; elsewhere the old command still works. */
const copy = async (text, button) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  button.after(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  button.focus();
};

export function CopyButton({ text, done, children, ...rest }) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const click = async (event) => {
    await copy(text, event.currentTarget);
    setCopied(true);
  };
  const label = createElement("span", { "aria-live": "polite" }, copied ? done : children);
  return createElement("button", { ...rest, type: "button", onClick: click }, label);
}
