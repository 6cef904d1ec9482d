// Photos of mine as this page had them before the server did: shown until the page ends, so that a
// photo that was just sent neither flickers nor is loaded again.

const MOST = 40;

const urls = new Map(); // attachment id -> object URL, the oldest first

export const previewOf = (attachmentId) => urls.get(attachmentId);

export function keepPreview(attachmentId, url) {
  urls.set(attachmentId, url);
  if (urls.size <= MOST) return;
  const [oldest] = urls.keys();
  URL.revokeObjectURL(urls.get(oldest));
  urls.delete(oldest);
}

export function dropPreviews() {
  for (const url of urls.values()) URL.revokeObjectURL(url);
  urls.clear();
}
