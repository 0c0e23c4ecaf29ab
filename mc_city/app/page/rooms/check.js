// Checking: the table and the picture of what the sources hold.
import { element } from "../dom.js";

export async function show(place, { words }) {
  place.append(element("h1", {}, words.both("room.check")));
}
