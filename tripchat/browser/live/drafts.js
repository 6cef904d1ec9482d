// What somebody has begun to write, kept by the browser until it is sent: one entry for each
// person and trip. Pure logic over a Storage.

const PREFIX = "tripchat:draft:";

export const NOTHING = Object.freeze({ text: "", reply: null, mentions: Object.freeze([]) });

const isText = (value) => typeof value === "string";
const isReply = (value) => Number.isInteger(value?.seq) && isText(value.author_id);
const isMention = (value) => isText(value?.user_id) && isText(value.name);

export class Drafts {
  // `storage` gives the Storage; where that is forbidden it throws.
  constructor(storage) {
    this.storage = storage;
  }

  // {text, reply, mentions}: `reply` is the {seq, author_id} of what it answers or null,
  // `mentions` are the {user_id, name} of those who were chosen.
  read(userId, tripId) {
    const found = this.attempt((storage) => JSON.parse(storage.getItem(keyOf(userId, tripId))));
    const { text, reply, mentions } = found ?? NOTHING;
    return {
      text: isText(text) ? text : "",
      reply: isReply(reply) ? reply : null,
      mentions: Array.isArray(mentions) ? mentions.filter(isMention) : [],
    };
  }

  write(userId, tripId, { text, reply, mentions }) {
    const key = keyOf(userId, tripId);
    this.attempt((storage) => {
      if (text.trim() || reply) storage.setItem(key, JSON.stringify({ text, reply, mentions }));
      else storage.removeItem(key);
    });
  }

  // Drop what somebody has begun to write here: they have signed out.
  drop(userId) {
    this.attempt((storage) => {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
      for (const key of keys) if (key.startsWith(keyOf(userId, ""))) storage.removeItem(key);
    });
  }

  // A storage that is full or forbidden costs the draft after a reload, and nothing else.
  attempt(use) {
    try {
      return use(this.storage());
    } catch {
      return null;
    }
  }
}

const keyOf = (userId, tripId) => `${PREFIX}${userId}:${tripId}`;

export const drafts = new Drafts(() => window.localStorage);
