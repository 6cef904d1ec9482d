// One file on its way over HTTP, which can say how far it is: fetch cannot.

const SILENT_MS = 120_000; // nothing moved for so long: the connection is dead
const NOTHING = { status: 0 };

const contentOf = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

// Send a file to a trip; tells `progress` (0 to 1) and at last `settle`. Gives a function that
// breaks it off, after which nothing is told.
export function uploadFile(tripId, name, bytes, { progress, settle }) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", bytes, name);
  let silence = 0;
  const watch = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      request.abort();
      settle(NOTHING);
    }, SILENT_MS);
  };
  const end = (answer) => {
    clearTimeout(silence);
    settle(answer);
  };
  request.upload.onprogress = ({ loaded, total }) => {
    watch();
    progress(loaded / total);
  };
  request.onload = () =>
    end({
      status: request.status,
      content: contentOf(request.responseText),
      retry_after: Number(request.getResponseHeader("Retry-After")) || 0,
    });
  request.onerror = () => end(NOTHING);
  request.open("POST", `/api/trips/${encodeURIComponent(tripId)}/attachments`);
  request.setRequestHeader("Accept", "application/json");
  request.send(form);
  watch();
  return () => {
    clearTimeout(silence);
    request.abort();
  };
}

// Have the server drop an attachment that no message will have; should that get lost, it does so by
// itself in time.
export function dropAttachment(attachmentId) {
  fetch(`/api/attachments/${attachmentId}`, { method: "DELETE", keepalive: true }).catch(() => {});
}
