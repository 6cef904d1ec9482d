// Where files can be dropped: on the channel, wherever one lets go. What is dropped beside it does
// not take the page away.

import { createElement, useEffect, useRef, useState } from "react";
import { attach } from "./attaching";

const hasFiles = ({ dataTransfer }) => Boolean(dataTransfer?.types.includes("Files"));

export function DropZone({ within, children, ...props }) {
  const [over, setOver] = useState(false);
  const inside = useRef(false); // whether what is dragged comes from this page

  useEffect(() => {
    const isWithin = ({ target }) => target instanceof Element && Boolean(target.closest(within));
    const isOurs = (event) => hasFiles(event) && !inside.current;
    const listeners = {
      dragstart: () => (inside.current = true),
      dragend: () => (inside.current = false),
      dragenter: (event) => isOurs(event) && setOver(isWithin(event)),
      dragover: (event) => {
        if (!isOurs(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = isWithin(event) ? "copy" : "none";
      },
      // Without another element the pointer has left the window.
      dragleave: (event) => event.relatedTarget || setOver(false),
      drop: (event) => {
        setOver(false);
        if (!isOurs(event)) return;
        event.preventDefault();
        if (isWithin(event)) attach(event.dataTransfer.files);
      },
    };
    const all = Object.entries(listeners);
    for (const [name, listener] of all) window.addEventListener(name, listener);
    return () => all.forEach(([name, listener]) => window.removeEventListener(name, listener));
  }, [within]);

  if (!over) return null;
  return createElement("div", { ...props, "data-testid": "drop-zone" }, children);
}
