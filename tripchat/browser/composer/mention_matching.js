// Whom an `@` in a text names: while it is typed, and when it is sent. Pure logic.

const MOST = 8;

const LETTER = "[\\p{L}\\p{M}\\p{N}_]";
// An `@` after one of these stands inside an e-mail or web address, or a word.
const INSIDE = /[\p{L}\p{M}\p{N}_.+\-/%=@]$/u;
const NAME = new RegExp(`(?<!${LETTER})@`, "gu");

// As a reader compares names: without case and accents. A stroke is no accent to Unicode.
const STROKED = { ł: "l", ø: "o", đ: "d", ħ: "h", ı: "i" };
const folded = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[łøđħı]/g, (letter) => STROKED[letter]);
const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

// The name that is being typed before the caret: {at, query}, null when there is none.
export function queryAt(text, caret) {
  const before = text.slice(0, caret);
  const at = before.lastIndexOf("@");
  if (at < 0 || INSIDE.test(before.slice(0, at))) return null;
  const query = before.slice(at + 1);
  return /^\s|\n/.test(query) ? null : { at, query };
}

// Those whose name has the query in it, first where a word of it begins so.
export function matching(members, query) {
  const wanted = folded(query);
  const begins = new RegExp(`(?<!${LETTER})${literally(wanted)}`, "u");
  const found = members
    .map((member) => ({ member, name: folded(member.name) }))
    .filter(({ name }) => name.includes(wanted))
    .map((each) => ({ ...each, rank: begins.test(each.name) ? 0 : 1 }));
  found.sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name));
  return found.slice(0, MOST).map(({ member }) => member);
}

// What is sent: the text, and the ids of those it names when somebody in it was chosen from the
// list and is still a member. A name that two people share means the one who was chosen; where one
// name begins with another, the longer one counts.
export function bodyOf(text, chosen, members) {
  const stay = chosen.filter(({ user_id }) => members.some((member) => member.user_id === user_id));
  const ids = [];
  let anyChosen = false;
  for (const { index } of text.matchAll(NAME)) {
    const mine = longestAt(text, index, stay);
    const all = longestAt(text, index, members);
    const wins = mine.length && (!all.length || mine[0].name.length >= all[0].name.length);
    anyChosen ||= Boolean(wins);
    for (const { user_id } of wins ? mine : all) if (!ids.includes(user_id)) ids.push(user_id);
  }
  return anyChosen ? { text, mentions: ids } : { text };
}

// Those whose full name follows the `@` at `at`: of several names the longest.
function longestAt(text, at, people) {
  const there = people.filter(({ name }) => {
    const pattern = new RegExp(`@${literally(name)}(?!${LETTER})`, "iuy");
    pattern.lastIndex = at;
    return pattern.test(text);
  });
  const longest = Math.max(...there.map(({ name }) => name.length));
  return there.filter(({ name }) => name.length === longest);
}
