// Which emoji there are to pick, in their groups, and how each looks in a skin tone.

export const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];

const TONE = /[🏻🏼🏽🏾🏿]/gu;
const VARIATION = /\uFE0F/gu;

// What takes the tone: the first character, whose variation selector it replaces, and everybody
// else in the picture.
const TONED = /^(.)\uFE0F?|(?<=\u200D)[🧑👨👩]/gu;

export const withTone = ({ emoji, toned }, tone) =>
  toned && tone ? emoji.replace(TONED, (part, first) => (first ?? part) + tone) : emoji;

// Groups of {emoji, name, toned, keywords}. Nothing newer than the version that the server knows.
export const catalogue = (groups, keywords, newest) =>
  groups.map(({ slug, name, emojis }) => ({
    slug,
    name,
    emojis: emojis
      .filter((each) => Number(each.emoji_version) <= newest)
      .map((each) => ({
        emoji: each.emoji,
        name: each.name,
        toned: Number(each.skin_tone_support_unicode_version) <= newest,
        keywords: keywords[each.emoji] ?? [],
      })),
  }));

const plain = (emoji) => emoji.replace(TONE, "").replace(VARIATION, "");

// A function from an emoji, in whatever tone, to the same with what is known of it.
export const finder = (groups) => {
  const known = new Map(
    groups.flatMap(({ emojis }) => emojis.map((each) => [plain(each.emoji), each])),
  );
  return (emoji) => {
    const found = known.get(plain(emoji));
    return found && { ...found, emoji, toned: false };
  };
};
