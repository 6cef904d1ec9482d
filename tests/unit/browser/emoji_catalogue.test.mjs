// The emoji to pick from, without a browser: run by test_modules.py with node's own runner.
// That the server takes every one of them is test_emoji_catalogue.py's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue, finder, TONES, withTone } from "../../../tripchat/browser/emoji/catalogue.js";

const emoji = (emoji, name, emoji_version, skin_tone_support_unicode_version) => ({
  emoji,
  name,
  emoji_version,
  skin_tone_support: skin_tone_support_unicode_version !== undefined,
  skin_tone_support_unicode_version,
});

const GROUPS = [
  {
    name: "People & Body",
    slug: "people_body",
    emojis: [
      emoji("👍", "thumbs up", "0.6", "1.0"),
      emoji("✌️", "victory hand", "0.6", "1.0"),
      emoji("🤝", "handshake", "3.0", "14.0"),
      emoji("🫩", "face with bags under eyes", "16.0"),
    ],
  },
];

const [people] = catalogue(GROUPS, { "👍": ["yes"] }, 15.1);

test("what is newer than the server knows is not offered", () => {
  assert.deepEqual(people.emojis.map((each) => each.emoji), ["👍", "✌️", "🤝"]);
  assert.equal(catalogue(GROUPS, {}, 16)[0].emojis.length, 4);
});

test("a tone that is newer than the server knows is not offered", () => {
  const [{ emojis }] = catalogue(GROUPS, {}, 13.1);
  assert.deepEqual(emojis.map((each) => each.toned), [true, true, false]);
  assert.equal(withTone(emojis[2], "🏽"), "🤝");
});

test("an emoji without keywords is found by its name alone", () => {
  assert.deepEqual(people.emojis.map((each) => each.keywords), [["yes"], [], []]);
});

const toned = (emoji) => withTone({ emoji, toned: true }, "🏽");

test("everybody in the picture has the tone", () => {
  assert.equal(toned("👍"), "👍🏽");
  assert.equal(toned("✌️"), "✌🏽");
  assert.equal(toned("🏋️‍♂️"), "🏋🏽‍♂️");
  assert.equal(toned("👨‍🦰"), "👨🏽‍🦰");
  assert.equal(toned("🧑‍🤝‍🧑"), "🧑🏽‍🤝‍🧑🏽");
  assert.equal(toned("👩‍❤️‍💋‍👨"), "👩🏽‍❤️‍💋‍👨🏽");
});

test("without a tone everything is as it is", () => {
  for (const each of people.emojis) assert.equal(withTone(each, ""), each.emoji);
});

test("an emoji is known in every tone, and stays in it", () => {
  const whatIs = finder([people]);
  for (const each of people.emojis) {
    for (const tone of TONES) {
      const text = withTone(each, tone);
      assert.deepEqual([whatIs(text).name, whatIs(text).emoji], [each.name, text]);
      assert.equal(withTone(whatIs(text), "🏿"), text);
    }
  }
  assert.equal(whatIs("🫩"), undefined);
  assert.equal(whatIs("x"), undefined);
});
