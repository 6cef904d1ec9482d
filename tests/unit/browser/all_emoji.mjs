// Prints all emoji that the picker can give, in every tone, as JSON: pairs of it and its tones.
// The newest version to offer is the argument; the packages are those of the page's build.

import { createRequire } from "node:module";
import { catalogue, TONES, withTone } from "../../../tripchat/browser/emoji/catalogue.js";

const require = createRequire(new URL("../../../.web/package.json", import.meta.url));
const groups = catalogue(
  require("unicode-emoji-json/data-by-group.json"),
  require("emojilib/dist/emoji-en-US.json"),
  Number(process.argv[2]),
);
const all = groups.flatMap(({ emojis }) =>
  emojis.map((each) => [each.emoji, TONES.map((tone) => withTone(each, tone))]),
);
console.log(JSON.stringify(all));
