// The page's uploads: over HTTP, with the bytes kept by the browser and photos shown from memory.

import { newClientId } from "../live/outbox";
import { livingTabs, tab } from "../live/this_tab";
import { FileStorage } from "./file_storage";
import { isPhoto } from "./file_words";
import { dropPreviews, keepPreview } from "./previews";
import { dropAttachment, uploadFile } from "./upload_request";
import { Uploads } from "./uploads";

const gone = (detail) => ({ status: 410, content: { detail } });
const GONE = gone("This browser does not have the file any more.");
const UNREADABLE = gone("It cannot be read. Folders cannot be sent, and files that were moved not either.");

const storage = new FileStorage();
const chosen = new Map(); // id -> File, of what was chosen in this page
let userId = "";

class PageUploads extends Uploads {
  // Files that somebody has chosen for a trip begin at once.
  choose(tripId, files) {
    const found = files.map((file) => {
      const id = newClientId();
      chosen.set(id, file);
      storage.keep({ id, user_id: userId, tab, kept_at: Date.now(), size: file.size, bytes: file });
      return { id, trip_id: tripId, name: file.name, type: typeOf(file), size: file.size };
    });
    this.add(found);
    for (const { id } of found) this.show(id, chosen.get(id));
  }

  // A photo is seen before the server has it.
  show(id, bytes) {
    const file = this.get(id);
    if (!file || file.url || !isPhoto(file.type)) return;
    const url = URL.createObjectURL(bytes);
    this.note(id, { url });
    const image = new Image();
    image.onload = () => this.note(id, { width: image.naturalWidth, height: image.naturalHeight });
    image.src = url;
  }

  stop(file) {
    super.stop(file);
    chosen.delete(file.id);
    if (file.url) URL.revokeObjectURL(file.url);
  }

  cancel(id) {
    super.cancel(id);
    storage.remove([id]);
  }
}

const typeOf = (file) => file.type || "application/octet-stream";

export const uploads = new PageUploads({
  begin({ id, trip_id, name }, hear) {
    let abort = () => {};
    let over = false;
    bytesOf(id).then(async (bytes) => {
      const isReadable = bytes && (await canRead(bytes));
      if (over) return;
      if (!isReadable) return hear.settle(bytes ? UNREADABLE : GONE);
      uploads.show(id, bytes);
      abort = uploadFile(trip_id, name, bytes, hear);
    });
    return () => {
      over = true;
      abort();
    };
  },
  collect: dropAttachment,
  later: (call, ms) => setTimeout(call, ms),
});

const bytesOf = async (id) => chosen.get(id) ?? (await storage.bytes(id));

// A request that fails on its own file looks like one without a connection.
const canRead = (bytes) =>
  bytes.slice(0, 1).arrayBuffer().then(
    () => true,
    () => false,
  );

const idsOf = ({ files = [] }) => files.map(({ id }) => id);

// What the outbox has to do with files.
export const messageFiles = {
  // Whose messages these are, and what of theirs waits.
  async meet(id, waiting) {
    userId = id;
    uploads.drop();
    dropPreviews();
    const needed = new Set(waiting.flatMap(idsOf));
    if (userId) storage.sweep(userId, needed, await livingTabs(), Date.now());
  },
  carry: (entry) => uploads.carry(entry),
  leave: ({ client_id }) => uploads.leave(client_id),
  sent(entry) {
    for (const { id, attachment_id } of entry.files ?? []) {
      const url = uploads.get(id)?.url;
      if (!url) continue;
      keepPreview(attachment_id, url);
      uploads.note(id, { url: "" });
    }
    if (entry.files) storage.remove(idsOf(entry));
    uploads.leave(entry.client_id);
  },
  discard(entry) {
    uploads.leave(entry.client_id);
    if (entry.files) storage.remove(idsOf(entry));
    for (const { attachment_id } of entry.files ?? []) {
      if (attachment_id) dropAttachment(attachment_id);
    }
  },
  drop(id) {
    uploads.drop();
    dropPreviews();
    return storage.drop(id);
  },
};
