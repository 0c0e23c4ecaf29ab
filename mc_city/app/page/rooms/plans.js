// Plans: what is planned, edited in its file.
import { element } from "../dom.js";

export async function show(place, { words }) {
  place.append(element("h1", {}, words.both("room.plans")));
}
