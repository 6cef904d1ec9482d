// The page's one emoji picker: search, the groups, and the tone that people are shown in.

import { createElement, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useAnchored } from "./anchored";
import { EmojiBar } from "./bar";
import { catalogue, finder, TONES, withTone } from "./catalogue";
import { EmojiList, focusFirst, groupInView, scrollToGroup } from "./list";
import { recentEmoji, rememberedTone, rememberTone, rememberUse } from "./memory";
import { searcher } from "./search";

const HAND = { emoji: "✋", toned: true };

let picker = null; // the page's, while there is one

// Opens the picker beside a button, which closes it again. `onPick` is called with the emoji that
// is picked, before the picker closes.
export const openEmojiPicker = (anchor, onPick) => picker?.open(anchor, onPick);

// Has everything ready for the picker to open at once: for a button that the pointer comes near.
export const loadEmoji = () => picker?.load();

const groupOf = (slug, name, emojis, testId) =>
  emojis.length ? [{ slug, name, emojis, testId }] : [];

export function EmojiPicker({ newest, children: icons, ...props }) {
  const root = useRef(null);
  const search = useRef(null);
  const list = useRef(null);
  const picked = useRef(null); // whom to tell
  const [data, setData] = useState(null);
  const [failed, setFailed] = useState(false);
  const [query, setQuery] = useState("");
  const [tone, setTone] = useState("");
  const [recent, setRecent] = useState([]);
  const [inView, setInView] = useState("");
  const anchored = useAnchored(root);

  const { groups, whatIs, find } = useMemo(() => {
    const groups = data ? catalogue(data.groups, data.keywords, newest) : [];
    return { groups, whatIs: finder(groups), find: searcher(groups) };
  }, [data, newest]);
  const all = useMemo(() => {
    const known = recent.map(whatIs).filter(Boolean);
    return [...groupOf("recent", "Recently used", known, "emoji-recent"), ...groups];
  }, [groups, whatIs, recent]);
  const searching = query.trim() !== "";
  const shown = useMemo(
    () => (searching ? groupOf("found", "Found", find(query)) : all),
    [searching, query, find, all],
  );

  const load = () => {
    setFailed(false);
    import("./data").then(setData, () => setFailed(true));
  };

  const open = (anchor, onPick) => {
    picked.current = onPick;
    flushSync(() => {
      setQuery("");
      setInView("");
      setTone(rememberedTone());
      setRecent(recentEmoji());
      load();
    });
    anchored.open(anchor);
    list.current.scrollTop = 0;
    // On a touch screen the keyboard would cover what there is to pick from.
    const field = window.matchMedia("(pointer: fine)").matches ? search : root;
    field.current.focus({ preventScroll: true });
  };

  useEffect(() => {
    picker = { open, load };
    return () => {
      picker = null;
    };
  }, []);

  useLayoutEffect(() => {
    list.current.scrollTop = 0;
  }, [query]);

  const pick = (emoji) => {
    rememberUse(emoji);
    picked.current(emoji);
    root.current.hidePopover();
  };

  const onSearchKey = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      focusFirst(list.current);
    } else if (event.key === "Enter" && searching) {
      event.preventDefault();
      const [best] = find(query);
      if (best) pick(withTone(best, tone));
    }
  };

  const jump = (slug) => {
    flushSync(() => setQuery(""));
    scrollToGroup(list.current, slug);
  };

  const status = () => {
    if (failed) return "The emoji could not be loaded. Close this and try once more.";
    if (!data) return "Loading emoji";
    if (!searching) return "";
    if (!shown.length) return `Nothing found for “${query.trim()}”`;
    const { length } = shown[0].emojis;
    return length === 1 ? "1 emoji found" : `${length} emoji found`;
  };

  return createElement(
    "div",
    {
      ...props,
      ...anchored.handlers,
      ref: root,
      popover: "auto",
      role: "dialog",
      tabIndex: -1,
      "aria-label": "Emoji",
      "data-testid": "emoji-picker",
    },
    createElement(
      "div",
      { className: "emoji-head" },
      createElement("input", {
        ref: search,
        type: "search",
        className: "emoji-search",
        "data-testid": "emoji-search",
        value: query,
        placeholder: "Search",
        "aria-label": "Search emoji",
        autoComplete: "off",
        spellCheck: false,
        onChange: (event) => setQuery(event.target.value),
        onKeyDown: onSearchKey,
      }),
      createElement(
        "select",
        {
          className: "emoji-tone",
          "data-testid": "emoji-tone",
          value: tone,
          title: "Skin tone",
          "aria-label": "Skin tone",
          onChange: (event) => {
            rememberTone(event.target.value);
            setTone(event.target.value);
          },
        },
        TONES.map((each) =>
          createElement("option", { key: each, value: each }, withTone(HAND, each)),
        ),
      ),
    ),
    createElement(EmojiBar, {
      groups: all,
      icons,
      current: inView || all[0]?.slug,
      onJump: jump,
    }),
    createElement(
      "p",
      { role: "status", className: shown.length ? "visually-hidden" : "emoji-status" },
      status(),
    ),
    createElement(EmojiList, {
      listRef: list,
      groups: shown,
      tone,
      onPick: pick,
      onLeave: () => search.current.focus(),
      onScroll: () => searching || setInView(groupInView(list.current)),
    }),
  );
}
