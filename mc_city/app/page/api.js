// Questions to the server. The cookie goes along by itself; what changes something says that it is from a page of ours.

/** What the server refused: `message` says what and where, `hint` what to do; `status` is 409 where a file is newer than the page. */
export class Refused extends Error {
  constructor(status, told) {
    super(told.error ?? `${status}`);
    this.status = status;
    this.hint = told.hint ?? "";
    this.bug = Boolean(told.bug);
    this.told = told;
  }
}

/** Nobody answers: the program was closed. */
export class Gone extends Error {}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Gone(String(error));
  }
  const is_json = (response.headers.get("content-type") ?? "").startsWith("application/json");
  const told = is_json ? await response.json() : {};
  if (!response.ok) throw new Refused(response.status, told);
  return told;
}

export function get(path, options = {}) {
  return ask(path, options);
}

export function post(path, value = {}, options = {}) {
  return ask(path, {
    ...options,
    method: "POST",
    headers: { "Content-Type": "application/json", "X-MC-City": "1" },
    body: JSON.stringify(value),
  });
}

/** Sends a FormData; `told(share)` hears how much of it has gone, 0 … 1. */
export function upload(path, form, told = () => {}) {
  return new Promise((kept, broken) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-MC-City", "1");
    request.upload.addEventListener("progress", (event) => told(event.lengthComputable ? event.loaded / event.total : 0));
    request.addEventListener("error", () => broken(new Gone("upload")));
    request.addEventListener("load", () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // What the guard says is a page.
      }
      if (request.status < 400) kept(answer);
      else broken(new Refused(request.status, answer));
    });
    request.send(form);
  });
}
