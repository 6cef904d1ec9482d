// Finding emoji, without a browser: run by test_modules.py with node's own runner.

import assert from "node:assert/strict";
import { test } from "node:test";
import { searcher } from "../../../tripchat/browser/emoji/search.js";

const EMOJIS = [
  ["😀", "grinning face", ["grinning_face", "smile", "happy", ":D"]],
  ["😼", "cat with wry smile", ["cat_with_wry_smile", "animal", "cats"]],
  ["😍", "smiling face with heart-eyes", ["love", "like"]],
  ["💖", "sparkling heart", ["love", "like"]],
  ["❤️", "red heart", ["red_heart", "love", "like"]],
  ["👍", "thumbs up", ["thumbs_up", "thumbsup", "yes", "+1"]],
  ["👎", "thumbs down", ["thumbs_down", "thumbsdown", "no", "-1"]],
  ["🎉", "party popper", ["party", "tada"]],
  ["🥳", "partying face", ["party", "birthday"]],
  ["🦖", "T-Rex", ["dinosaur"]],
  ["🪅", "piñata", ["party"]],
  ["👞", "man’s shoe", ["mans_shoe", "fashion"]],
  ["🕢", "seven-thirty", ["7:30", "time"]],
  ["🇵🇹", "flag Portugal", ["flag_portugal", "pt"]],
  ["🇨🇮", "flag Côte d’Ivoire", ["flag_cote_d_ivoire"]],
  ["🈁", "Japanese “here” button", ["here"]],
].map(([emoji, name, keywords]) => ({ emoji, name, keywords }));

const search = searcher([{ emojis: EMOJIS.slice(0, 5) }, { emojis: EMOJIS.slice(5) }]);
const found = (query) => search(query).map(({ emoji }) => emoji);

test("every emoji is found by its name as it is written, and comes first", () => {
  for (const { emoji, name } of EMOJIS) assert.equal(found(name)[0], emoji, name);
});

test("every emoji is found by each beginning of each of its words", () => {
  for (const { emoji, name, keywords } of EMOJIS) {
    for (const word of [...name.split(/[\s-]/), ...keywords.flatMap((each) => each.split("_"))]) {
      const letters = [...word.replaceAll(/[“”]/g, "")];
      for (let length = 1; length <= letters.length; length++) {
        const beginning = letters.slice(0, length).join("");
        if (beginning === ":") continue;
        assert.ok(found(beginning).includes(emoji), `${beginning} of ${word} finds ${emoji}`);
      }
    }
  }
});

test("all words have to fit, in whatever order", () => {
  assert.deepEqual(found("heart red"), ["❤️"]);
  assert.deepEqual(found("por flag"), ["🇵🇹"]);
  assert.deepEqual(found("red flag"), []);
});

test("the name goes before keywords, and whole words before beginnings", () => {
  assert.deepEqual(found("party"), ["🎉", "🪅", "🥳"]);
  assert.deepEqual(found("cat"), ["😼"]);
  assert.deepEqual(found("smil"), ["😼", "😍", "😀"]);
});

test("of equals the one whose name says little else goes first, then the order of the groups", () => {
  assert.deepEqual(found("heart"), ["💖", "❤️", "😍"]);
});

test("case, accents, hyphens and apostrophes make no difference", () => {
  assert.deepEqual(found("PINATA"), ["🪅"]);
  assert.deepEqual(found("cote divoire"), ["🇨🇮"]);
  assert.deepEqual(found("côte d'ivoire"), ["🇨🇮"]);
  assert.deepEqual(found("trex"), []);
  assert.deepEqual(found("t-rex"), ["🦖"]);
  assert.deepEqual(found("mans shoe"), ["👞"]);
  assert.deepEqual(found("thumbs-up"), ["👍"]);
});

test("signs and shortcodes are words too", () => {
  assert.deepEqual(found("+1"), ["👍"]);
  assert.deepEqual(found("-1"), ["👎"]);
  assert.deepEqual(found(":D"), ["😀"]);
  assert.deepEqual(found(":tada:"), ["🎉"]);
  assert.deepEqual(found(":tad"), ["🎉"]);
  assert.deepEqual(found("7:30"), ["🕢"]);
});

test("nothing is found by nothing, and by nonsense", () => {
  for (const query of ["", "   ", "zzz", "(", "\\", "^$.*", "__proto__"]) {
    assert.deepEqual(found(query), [], query);
  }
});
