// The photos of the trip, one at a time on the whole screen. https://www.w3.org/WAI/ARIA/apg/patterns/dialog-modal/

import { createElement, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { live } from "../live/live";
import { useLive } from "../live/use_live";
import { Photo } from "./photo";
import { photosOf, withShown } from "./viewer_photos";
import { useSwipe } from "./swipe";

class Viewer {
  constructor() {
    this.shown = ""; // the id of the photo that is looked at, "" while the viewer is closed
    this.listeners = new Set();
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  show(attachmentId) {
    this.shown = attachmentId;
    for (const listener of this.listeners) listener();
  }
}

const viewer = new Viewer();

export const openViewer = (attachmentId) => viewer.show(attachmentId);

export function PhotoViewer(props) {
  const shown = useSyncExternalStore(viewer.subscribe, () => viewer.shown, () => "");
  return shown ? createElement(OpenViewer, { ...props, shown }) : null;
}

function OpenViewer({ shown, closeIcon, previousIcon, nextIcon, downloadIcon, goneIcon, ...props }) {
  const dialog = useRef(null);
  const closer = useRef(null);
  const last = useRef(null); // the photo that was looked at last
  const tripId = useLive("tripId");
  const { photos, index, isGone } = withShown(photosOf(useLive("rows")), shown, last.current, (seq) =>
    live.message(seq),
  );
  const photo = photos[index];
  useEffect(() => {
    if (photo && !isGone) last.current = photo;
  });

  const close = () => dialog.current?.close();
  const go = (to) => photos[to] && viewer.show(photos[to].attachment_id);
  const before = index - 1;
  const after = isGone ? index : index + 1;
  const swipe = useSwipe({
    next: () => go(after),
    previous: () => go(before),
    away: close,
    hasNext: after < photos.length,
    hasPrevious: before >= 0,
  });

  useLayoutEffect(() => {
    const element = dialog.current;
    element.showModal();
    closer.current.focus();
    return () => element.close();
  }, []);

  // What held the focus may be gone with the photo.
  useEffect(() => {
    if (isGone && document.activeElement === document.body) closer.current.focus();
  }, [isGone]);

  // A viewer is of one trip.
  const opened = useRef(tripId);
  useEffect(() => {
    if (tripId !== opened.current) close();
  }, [tripId]);

  const onClose = () => {
    const { activeElement } = document;
    const isLost = activeElement === document.body || dialog.current.contains(activeElement);
    viewer.show("");
    if (isLost) document.getElementById("composer")?.focus();
  };

  const onKeyDown = (event) => {
    const target = {
      ArrowLeft: before,
      ArrowRight: after,
      Home: 0,
      End: photos.length - 1,
    }[event.key];
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(target);
  };

  const counter = isGone ? "" : `${index + 1} of ${photos.length}`;
  const step = (testId, label, to, icon) =>
    createElement(
      "button",
      {
        type: "button",
        className: `viewer-button ${testId}`,
        "data-testid": testId,
        "aria-label": label,
        // A button that was disabled in one's hands would lose the focus.
        "aria-disabled": !photos[to],
        onClick: () => go(to),
      },
      icon,
    );

  return createElement(
    "dialog",
    {
      ...props,
      ref: dialog,
      onClose,
      onKeyDown,
      "aria-label": "Photos of this trip",
      "data-testid": "viewer",
      "data-attachment-id": shown,
      "data-state": isGone ? "gone" : "shown",
    },
    createElement(
      "header",
      { className: "viewer-head" },
      createElement(
        "p",
        { className: "viewer-words", role: "status" },
        createElement("span", { className: "viewer-name", "data-testid": "viewer-name" }, isGone ? "" : photo?.name),
        createElement("span", { className: "viewer-counter", "data-testid": "viewer-counter" }, counter),
      ),
      !isGone &&
        createElement(
          "a",
          {
            className: "viewer-button",
            href: photo?.url,
            download: photo?.name,
            "aria-label": "Download",
            title: "Download",
            "data-testid": "viewer-download",
          },
          downloadIcon,
        ),
      createElement(
        "button",
        {
          type: "button",
          className: "viewer-button",
          "aria-label": "Close",
          title: "Close",
          ref: closer,
          "data-testid": "viewer-close",
          onClick: close,
        },
        closeIcon,
      ),
    ),
    createElement(
      "div",
      {
        ...swipe.handlers,
        className: "viewer-stage",
        "data-testid": "viewer-stage",
        onClick: ({ target }) => target.closest(".viewer-frame") || close(),
      },
      isGone
        ? createElement(
            "p",
            { className: "viewer-gone", role: "status" },
            goneIcon,
            "This photo was deleted.",
          )
        : photos.map((each, at) =>
            Math.abs(at - index) > 1
              ? null
              : createElement(Slide, {
                  key: each.attachment_id,
                  photo: each,
                  offset: at - index,
                  swipe,
                  goneIcon,
                }),
          ),
    ),
    step("viewer-previous", "Previous photo", before, previousIcon),
    step("viewer-next", "Next photo", after, nextIcon),
  );
}

// One photo: its thumbnail, which is there already, until the whole of it is. The neighbours are
// loaded beside the one that is looked at.
function Slide({ photo, offset, swipe, goneIcon }) {
  const [loaded, setLoaded] = useState(false);
  const isShown = offset === 0;
  return createElement(
    "div",
    {
      className: "viewer-slide",
      "aria-hidden": !isShown,
      style: {
        transform: `translate(calc(${100 * offset}% + ${swipe.dx}px), ${isShown ? swipe.dy : 0}px)`,
        transition: swipe.active ? "none" : undefined,
      },
    },
    createElement(
      "div",
      {
        className: "viewer-frame",
        style: { "--width": photo.width || 1600, "--height": photo.height || 1200 },
      },
      !loaded && createElement("img", { src: photo.src, alt: "", className: "viewer-thumb", draggable: false }),
      createElement(Photo, {
        src: photo.url,
        alt: isShown ? photo.name : "",
        goneIcon,
        onLoad: () => setLoaded(true),
        className: "viewer-photo",
        ...(isShown && { "data-testid": "viewer-photo", "data-loaded": String(loaded) }),
      }),
    ),
  );
}
