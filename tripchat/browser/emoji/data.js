// All emoji and their keywords, as their packages bring them: a chunk of its own, loaded by the
// picker when it is needed.

export { default as groups } from "unicode-emoji-json/data-by-group.json";
export { default as keywords } from "emojilib/dist/emoji-en-US.json";
