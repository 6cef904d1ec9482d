// Finding emoji by their English names and keywords.

const MARKS = /\p{M}/gu;
const APOSTROPHES = /(?<=\p{L})['’]|['’](?=\p{L})/gu;
const BETWEEN = /[\s_]+|(?<=\p{L})-(?=\p{L})/u;
const AROUND = /^[“(](?=\p{L})|(?<=\p{L})[”),:]+$/gu;
const SHORTCODE = /^:([\p{L}\p{N}_+-]{2,}):?$/u; // :tada:, while :) and :D stay what they are

const words = (text) =>
  text
    .normalize("NFD")
    .replace(MARKS, "")
    .replace(APOSTROPHES, "")
    .toLowerCase()
    .split(BETWEEN)
    .map((word) => word.replace(AROUND, ""))
    .filter(Boolean);

// How well a word that is looked for fits an emoji's: whole words before beginnings, the name
// before keywords, 0 for not at all.
const fit = (wanted, { names, keywords }) => {
  const begins = (word) => word.startsWith(wanted);
  if (names.includes(wanted)) return 4;
  if (keywords.includes(wanted)) return 3;
  if (names.some(begins)) return 2;
  return keywords.some(begins) ? 1 : 0;
};

// All words have to fit. Among those that fit alike the name that says little else comes first.
const rank = (wanted, entry) => {
  const fits = wanted.map((word) => fit(word, entry));
  if (!fits.every(Boolean)) return 0;
  return fits.reduce((sum, each) => sum + each) + wanted.length / (1 + entry.names.length);
};

const indexOf = (groups) =>
  groups.flatMap(({ emojis }) =>
    emojis.map((emoji) => ({
      emoji,
      names: words(emoji.name),
      keywords: emoji.keywords.flatMap(words),
    })),
  );

// A function from what is looked for to the emoji in which every word of it begins a word, the
// best first. Its index is made when it is first asked.
export const searcher = (groups) => {
  let index = null;
  return (query) => {
    index ??= indexOf(groups);
    const wanted = words(query.trim().replace(SHORTCODE, "$1"));
    if (!wanted.length) return [];
    return index
      .map((entry) => ({ emoji: entry.emoji, rank: rank(wanted, entry) }))
      .filter((found) => found.rank)
      .sort((one, other) => other.rank - one.rank)
      .map((found) => found.emoji);
  };
};
