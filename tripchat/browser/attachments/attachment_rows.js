// The attachments of a message as the page renders them: of a stored one, or of one whose files are
// on their way. Pure logic.

import { familyOf, isPhoto, sizeLabel, typeLabel } from "./file_words.js";

// A single photo is not shown wider or taller than this, however it was cut.
const WIDEST = 2;
const TALLEST = 0.75;

const addressOf = (attachmentId) => `/api/attachments/${attachmentId}`;
const thumbOf = (attachmentId) => `${addressOf(attachmentId)}?size=thumb`;

const shapeOf = ({ width, height }) =>
  width && height ? Math.min(WIDEST, Math.max(TALLEST, width / height)) : 4 / 3;

// `message` is stored, or an entry of the outbox with `files`. `uploadOf` gives the upload of a
// file, `previewOf` a photo of mine that is in the page already, by the id of its attachment.
export function attachmentRows(message, uploadOf, previewOf) {
  const rows = message.files
    ? message.files.map((file) => uploadRow({ ...file, ...uploadOf(file.id) }))
    : (message.body.attachments ?? []).map((one) => storedRow(one, previewOf));
  return { photos: rows.filter((row) => row.photo), files: rows.filter((row) => !row.photo) };
}

function storedRow(attachment, previewOf) {
  const { attachment_id: id } = attachment;
  return {
    ...described(attachment),
    key: id,
    state: "ready",
    progress: 100,
    reason: "",
    url: addressOf(id),
    src: previewOf(id) ?? thumbOf(id),
  };
}

// A file on its way. A photo that this page cannot show by itself may be there already, for me alone.
export function uploadRow(file) {
  const { attachment_id: id } = file;
  return {
    ...described(file),
    key: file.id,
    state: file.state ?? (file.problem ? "failed" : id ? "ready" : "uploading"),
    progress: file.progress ?? (id ? 100 : 0),
    reason: file.reason ?? "",
    url: "",
    src: file.url || (id ? thumbOf(id) : ""),
  };
}

const described = (file) => ({
  attachment_id: file.attachment_id ?? "",
  name: file.name,
  type: file.type,
  facts: `${typeLabel(file.type, file.name)} · ${sizeLabel(file.size)}`,
  family: familyOf(file.type),
  photo: isPhoto(file.type),
  width: file.width ?? 0,
  height: file.height ?? 0,
  shape: shapeOf(file),
});
