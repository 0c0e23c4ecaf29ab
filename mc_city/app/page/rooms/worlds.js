// Saved worlds: facts, layers, maps and hand-outs.
import { element } from "../dom.js";

export async function show(place, { words }) {
  place.append(element("h1", {}, words.both("room.worlds")));
}
