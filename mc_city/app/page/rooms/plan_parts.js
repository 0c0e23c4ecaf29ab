// Pieces of the room of plans that only show: a part's name, a field for a value, the board, the two pictures.
import { element } from "../dom.js";

const CHOICES = {
  use: ["", "apartments", "house", "office", "retail", "school", "public", "industrial"],
  roof_shape: ["", "flat", "gabled", "hipped", "skillion"],
  surface: ["", "park", "square", "playground", "quay", "grass", "gravel", "asphalt"],
  highway: ["residential", "pedestrian", "cycleway", "footway"],
  species: ["", "oak", "birch", "pine", "spruce"],
};

/** A word of a value in the chosen language, itself where it is none of ours. */
function said(value, words) {
  return words.has(`plans.word.${value}`) ? words(`plans.word.${value}`) : String(value);
}

/** What a part is called in lists: House, 4 floors (a). */
export function partName(part, words) {
  const { values } = part;
  const facts = [
    values.floors ? words("plans.part.floors", { count: values.floors }) : null,
    values.height_m ? `${values.height_m} m` : null,
    values.surface ? said(values.surface, words) : null,
    values.highway ? said(values.highway, words) : null,
    values.species ? said(values.species, words) : null,
    part.variant || null,
  ].filter(Boolean);
  const name = words(`plans.role.${part.role}`);
  return facts.length ? `${name}, ${facts.join(", ")}` : name;
}

/** A list of words, or a number. What stands in the file and is in no list can be kept. */
export function wordField(name, value, words, of = "new") {
  const id = `plans-${of}-${name}`;
  const choices = CHOICES[name];
  if (!choices) return element("input", { id, type: "number", step: name === "floors" ? "1" : "any", value: String(value) });
  const all = choices.includes(value) ? choices : [...choices, value];
  return element("select", { id }, [...new Set(all)].map((one) => element("option", { value: one, selected: one === value }, said(one, words))));
}

/** The signs and the book of a development's board, in the city's languages. */
export function boardCard(development, words) {
  const sign = (lines) => element("p", { class: "sign" }, lines.join("\n"));
  return element("details", { class: "card board" }, element("summary", {}, words("plans.board")),
    element("div", { class: "signs" }, development.signs.map(sign)),
    element("div", { class: "signs small" }, development.buttons.map(sign)),
    element("details", {}, element("summary", {}, words("plans.board.book")),
      element("div", { class: "book" }, development.book.map((page) => element("p", {}, page)))));
}

/** Today and planned, side by side. */
export function lookPictures({ today, planned }, words) {
  const one = (url, key) => element("figure", {}, element("img", { src: url, alt: words(key), class: "pixels" }), element("figcaption", {}, words(key)));
  return element("div", { class: "looks" }, one(today, "plans.look.today"), one(planned, "plans.look.planned"));
}
