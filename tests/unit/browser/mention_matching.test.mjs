// Whom an `@` names, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, matching, queryAt } from "../../../tripchat/browser/composer/mention_matching.js";

const people = (...names) => names.map((name, index) => ({ user_id: `u${index}`, name }));
const found = (members, query) => matching(members, query).map(({ name }) => name);

// The query in a text with a | where the caret is.
const typed = (marked) => queryAt(marked.replace("|", ""), marked.indexOf("|"))?.query ?? null;

test("a name begins with an @ at the start of a word", () => {
  for (const [text, query] of [
    ["@|", ""],
    ["@An|", "An"],
    ["Hi @An|", "An"],
    ["first line\n@b|", "b"],
    ["(@Ana|)", "Ana"],
    ["“@Ana|", "Ana"],
    ["*@Ana|", "Ana"],
    ["Hi,@Ana|", "Ana"],
    ["@Ana Lo|", "Ana Lo"],
    ["@Ana |", "Ana "],
    ["@Ana and @B|", "B"],
    ["@A|na Lopes", "A"],
    ["👋@Ana|", "Ana"],
  ]) {
    assert.equal(typed(text), query, text);
  }
});

test("there is no name in addresses, after a blank, on another line or behind the caret", () => {
  for (const text of [
    "|", "|@Ana", "Ana|", "@ |", "see you @ 5|", "@\n|", "@Ana\nhello|", "@@|", "100%@a|",
    "ana@|", "ana@exam|", "ana.lopes@exam|", "ana+trip@exam|", "ana_@exam|", "an-a@exam|", "7@a|",
    "анна@exam|", "e\u0301@exam|", "https://example.com/@ana|",
  ]) {
    assert.equal(typed(text), null, text);
  }
});

test("where a word begins so comes first, then where it stands anywhere", () => {
  const members = people("Joana Silva", "Bo Anders", "Ana Lopes", "Susana", "Zoe");
  assert.deepEqual(found(members, "an"), ["Ana Lopes", "Bo Anders", "Joana Silva", "Susana"]);
  assert.deepEqual(found(members, "silva"), ["Joana Silva"]);
  assert.deepEqual(found(members, ""), [
    "Ana Lopes", "Bo Anders", "Joana Silva", "Susana", "Zoe",
  ]);
  assert.deepEqual(matching(members, "x"), []);
});

test("a name with blanks is found while it is typed, and no more after its end", () => {
  const members = people("Ana Lopes", "Ana");
  assert.deepEqual(found(members, "ana"), ["Ana", "Ana Lopes"]);
  assert.deepEqual(found(members, "ana "), ["Ana Lopes"]);
  assert.deepEqual(found(members, "ana lo"), ["Ana Lopes"]);
  assert.deepEqual(found(members, "ana lopes"), ["Ana Lopes"]);
  assert.deepEqual(matching(members, "ana lopes "), []);
});

test("neither case nor accents matter", () => {
  const cases = {
    "Élodie Núñez": ["elo", "ÉLO", "nun", "NÚÑ", "E\u0301lodie", "éLODIE nUñ"],
    "Łukasz Øst": ["luk", "łuk", "ŁUK", "ost", "øst"],
    "Σοφία": ["σοφ", "σοφια", "ΣΟΦΊΑ"],
    "O'Neil-Šmid": ["o'n", "neil", "smid"],
    "c++ (dev) [1]": ["c++", "(d", "[1]", "dev"],
  };
  for (const [name, queries] of Object.entries(cases)) {
    for (const query of queries) assert.deepEqual(found(people(name), query), [name], query);
  }
});

test("the list is never long", () => {
  const many = people(...Array.from({ length: 100 }, (_, index) => `Guest ${index}`));
  assert.equal(matching(many, "").length, 8);
  assert.equal(matching(many, "guest").length, 8);
});

test("every prefix of a name finds it", () => {
  const members = people("Ana Lopes", "Bo", "Zoë van den Berg", "李小龍", "Ünal Ça", "İpek");
  for (const { name } of members) {
    for (let length = 0; length <= name.length; length++) {
      const query = name.slice(0, length);
      assert.ok(found(members, query).includes(name), `${query} of ${name}`);
      assert.ok(found(members, query.toLowerCase()).includes(name), `${query} of ${name}`);
    }
  }
});

test("without a choice the text says by itself whom it names", () => {
  const members = people("Ana", "Bo");
  assert.deepEqual(bodyOf("Hi @Ana", [], members), { text: "Hi @Ana" });
  assert.deepEqual(bodyOf("Hi", [], members), { text: "Hi" });
});

test("those who were chosen are named while their name is there", () => {
  const members = people("Ana", "Bo Smith");
  const [ana, bo] = members;
  assert.deepEqual(bodyOf("@Ana and @bo smith!", [bo, ana], members).mentions, ["u0", "u1"]);
  assert.deepEqual(bodyOf("(@Bo Smith)", [ana, bo], members).mentions, ["u1"]);
  for (const text of ["Bo Smith", "@Bo Smithers", "@Bo", "me@Bo Smith", "@ Bo Smith"]) {
    assert.deepEqual(bodyOf(text, [bo], members), { text }, text);
  }
});

test("whoever is written in full besides is named too", () => {
  const members = people("Ana", "Bo", "Cleo");
  assert.deepEqual(bodyOf("@Ana @Bo", [members[0]], members).mentions, ["u0", "u1"]);
});

test("of two with one name the one who was chosen is meant", () => {
  const members = people("Ana", "Ana", "Bo");
  assert.deepEqual(bodyOf("@Ana", [members[1]], members).mentions, ["u1"]);
  assert.deepEqual(bodyOf("@ana @Bo", [members[1]], members).mentions, ["u1", "u2"]);
});

test("where a name begins with another, the longer one counts", () => {
  const members = people("Ana", "Ana Lopes", "Ana Lopes-Diaz");
  const [ana, lopes, diaz] = members;
  assert.deepEqual(bodyOf("@Ana Lopes", [lopes], members).mentions, ["u1"]);
  assert.deepEqual(bodyOf("@Ana Lopes", [ana], members), { text: "@Ana Lopes" });
  assert.deepEqual(bodyOf("@Ana Lopes-Diaz", [diaz, ana], members).mentions, ["u2"]);
  assert.deepEqual(bodyOf("@Ana, @Ana Lopes", [ana, lopes], members).mentions, ["u0", "u1"]);
});

test("whoever has left since is named no more", () => {
  const [ana, bo] = people("Ana", "Bo");
  assert.deepEqual(bodyOf("@Ana @Bo", [ana], [bo]), { text: "@Ana @Bo" });
  assert.deepEqual(bodyOf("@Ana @Bo", [ana, bo], [bo]).mentions, ["u1"]);
});

test("signs in a name are only signs", () => {
  const odd = people("c++ (dev)", ".*", "[a-z]", "$1", "a|b", "\\d", "x/y");
  for (const one of odd) {
    assert.deepEqual(bodyOf(`Hi @${one.name}!`, [one], odd).mentions, [one.user_id], one.name);
  }
  assert.deepEqual(bodyOf("@anything", odd, odd), { text: "@anything" });
});
