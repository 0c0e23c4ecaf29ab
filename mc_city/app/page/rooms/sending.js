// Files on their way to the project: what was dropped, looked through folder by folder, and sent one after the other.

/** Of an input field: [{name, file}], with the folders that they lie in. */
export function filesOf(list) {
  return [...list].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

/** Of what was dropped. */
export async function filesIn(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return filesOf(transfer.files);
  const found = [];
  for (const entry of entries) await look(entry, found);
  return found;
}

async function look(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((kept, broken) => entry.file(kept, broken));
    found.push({ name: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A folder is told in pieces, until an empty one.
    const inside = await new Promise((kept, broken) => reader.readEntries(kept, broken));
    if (!inside.length) return;
    for (const one of inside) await look(one, found);
  }
}

const HIDDEN = /(^|\/)(\.|__MACOSX|Thumbs\.db$|desktop\.ini$)/;

/** Sends them and has them put among the project's data; `told(share, name)` hears how far it is. */
export async function sendAll(api, files, told, signal, room = "bring") {
  const wanted = files.filter(({ name }) => !HIDDEN.test(name));
  const total = Math.max(wanted.reduce((sum, { file }) => sum + file.size, 0), 1);
  const { batch } = await api.post(`/api/${room}/begin`, { files: wanted.map(({ name, file }) => ({ name, bytes: file.size })) });
  let done = 0;
  try {
    for (const [number, { name, file }] of wanted.entries()) {
      if (signal.aborted) throw new DOMException("stopped", "AbortError");
      told(done / total, name);
      const form = new FormData();
      form.append("file", file, "file");
      await api.upload(`/api/${room}/file?batch=${batch}&number=${number}`, form, (share) => told((done + share * file.size) / total, name));
      done += file.size;
    }
    told(null, null);
    return await api.post(`/api/${room}/end`, { batch });
  } catch (error) {
    await api.post(`/api/${room}/stop`, { batch }).catch(() => {});
    throw error;
  }
}
