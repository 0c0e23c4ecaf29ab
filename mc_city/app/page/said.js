// What the program itself says is English. Here it is said in Swedish, as far as there are words for it: the entries of the table whose
// keys begin with `said.`, where the English text is the pattern. {count…} stands for a number, {word…} for what must be in the table itself,
// {what…} and {why…} for what may be, {list…} for whatever has no semicolon, {rest…} for as much as can be, any other name for whatever stands there.
import { element } from "./dom.js";

const KEY = "said.";
const NUMBER = "-?[\\d,.]*\\d";
const MARKS = ["; ", ", "];
/** Around what stays English within a Swedish text: no text of the program has these. */
const [OPEN, CLOSE] = ["\ue000", "\ue001"];
const known = new WeakMap();

/** Patterns of a table, those with the most words of their own first. */
function patternsOf(table) {
  if (!known.has(table)) {
    known.set(table, Object.entries(table).filter(([key]) => key.startsWith(KEY)).map(([, { en, sv }]) => {
      const names = [];
      const source = en.split(/\{(\w+)\}/).map((part, number) => {
        if (number % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
        names.push(part);
        return part.startsWith("count") ? `(${NUMBER})` : part.startsWith("list") ? "([^;\\n]+)" : part.startsWith("rest") ? "([^\\n]+)" : "([^\\n]+?)";
      }).join("");
      return { pattern: new RegExp(`^${source}$`), names, sv, weight: en.replace(/\{\w+\}/g, "").length };
    }).sort((one, other) => other.weight - one.weight));
  }
  return known.get(table);
}

function swedishNumber(text) {
  return text.replace(/,(?=\d{3})/g, "\u00a0").replace(".", ",");
}

/** A text of the program in Swedish, or null where there are no words for it. */
export function inSwedish(text, table) {
  for (const { pattern, names, sv } of patternsOf(table)) {
    const found = pattern.exec(text);
    if (!found) continue;
    const values = {};
    const whole = names.every((name, number) => {
      const value = found[number + 1];
      const said = name.startsWith("count") ? swedishNumber(value) : /^(word|what|why)/.test(name) ? inSwedish(value, table) : value;
      values[name] = said ?? `${OPEN}${value}${CLOSE}`;
      return said !== null || !name.startsWith("word");
    });
    if (whole) return sv.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }
  for (const mark of MARKS) {
    const parts = text.split(mark);
    if (parts.length < 2) continue;
    const said = parts.map((part) => inSwedish(part, table));
    if (said.every((part) => part !== null)) return said.join(mark);
  }
  return null;
}

/** Texts and elements of what the program said, with what is English marked as such: for an element's children. */
export function spoken(text, words) {
  const said = words.said(text);
  if (said === null) return [element("span", { lang: "en" }, text)];
  return said.split(OPEN).flatMap((part, number) => {
    if (number === 0) return [part];
    const [english, rest] = part.split(CLOSE);
    return [element("span", { lang: "en" }, english), rest];
  }).filter(Boolean);
}

/** A list of what the program says; with a word that some of it is in English, where it is. */
export function spokenList(texts, words, attributes = {}) {
  const list = element("ul", attributes, texts.map((text) => element("li", {}, spoken(text, words))));
  return [list.querySelector("[lang]") ? element("p", { class: "faint" }, words("said_in_english")) : null, list];
}
