// Elements of the page. Text goes in as text, never as HTML.
import { spoken } from "./said.js";

/** An element; attributes that are functions listen (`onclick`), `false` and `null` leave an attribute out; children are elements or texts. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.replace(/^on/, ""), value);
    else if (key === "value" || key === "checked" || key === "disabled") made[key] = value;
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined));
  return made;
}

export function button(text, pressed, attributes = {}) {
  return element("button", { type: "button", onclick: pressed, ...attributes }, text);
}

/** A label with its field; returns the label, whose `.field` is the field. */
export function labelled(text, field) {
  const label = element("label", {}, element("span", {}, text), field);
  label.field = field;
  return label;
}

/** Said to who listens instead of looking. */
export function tell(text) {
  document.getElementById("told").textContent = text;
}

/** What went wrong, in a box: what and where, and what to do. What the program said in English is kept beneath where it was put into
 * Swedish, and is marked as English where it was not. */
export function mistake(error, words) {
  const gone = error.name === "Error" && !("status" in error);
  const hint = error.hint ?? "";
  const isEnglish = !gone && words.language !== "en";
  const inWords = !gone && words.said(error.message) !== null;
  const box = element("div", { class: "mistake", role: "alert" },
    !gone && !inWords ? element("p", {}, words("fault.english")) : null,
    element("p", {}, gone ? words("fault.gone") : spoken(error.message, words)),
    element("p", { class: "hint" }, gone ? words("fault.gone.hint") : hint ? spoken(hint, words) : ""),
    isEnglish && inWords ? element("details", {}, element("summary", {}, words("fault.details")),
      element("p", { lang: "en" }, [error.message, hint].filter(Boolean).join(". "))) : null);
  if (!gone && !("status" in error)) console.error(error);
  return box;
}
