// The page's words in two languages, of which one is chosen and the other stands small beside headings.
import { element } from "./dom.js";
import { inSwedish } from "./said.js";

const LANGUAGES = ["sv", "en"];

/** `words(key, {name: value})` is a text in the chosen language; `.other(key)` in the other; `.both(key)` both, as elements. */
export function wordsOf(table, chosen) {
  const other = LANGUAGES.find((one) => one !== chosen);
  const said = (key, values, language) => {
    const texts = table[key];
    if (!texts) {
      console.error(`no words for ${key}`);
      return key;
    }
    return texts[language].replace(/\{(\w+)\}/g, (_, name) => String(values?.[name] ?? ""));
  };
  const words = (key, values) => said(key, values, chosen);
  words.language = chosen;
  words.has = (key) => key in table;
  /** What the program itself said, in the chosen language; null where it is English only. */
  words.said = (text) => (chosen === "en" ? text : inSwedish(text, table));
  words.other = (key, values) => said(key, values, other);
  words.both = (key, values) => [
    words(key, values),
    element("small", { lang: other, class: "other" }, words.other(key, values)),
  ];
  words.number = (value, digits = 0) =>
    value.toLocaleString(chosen === "sv" ? "sv-SE" : "en-GB", { maximumFractionDigits: digits });
  /** Bytes as people say them. */
  words.bytes = (value) => {
    const [unit, size] = value >= 1e9 ? ["GB", value / 1e9] : value >= 1e6 ? ["MB", value / 1e6] : ["kB", value / 1e3];
    return `${words.number(size, size < 10 || unit === "GB" ? 1 : 0)} ${unit}`;
  };
  /** Seconds as people say them. */
  words.duration = (seconds) =>
    seconds < 50 ? words("time.less") : seconds < 5400
      ? words("time.minutes", { count: words.number(Math.max(Math.round(seconds / 60), 1)) })
      : words("time.hours", { count: words.number(seconds / 3600, 1) });
  return words;
}

export function chosenLanguage() {
  const kept = localStorage.getItem("language");
  return LANGUAGES.includes(kept) ? kept : "sv";
}

export function keepLanguage(language) {
  localStorage.setItem("language", language);
}
