// Bringing data: files and folders are received and recognised.
import { element } from "../dom.js";

export async function show(place, { words }) {
  place.append(element("h1", {}, words.both("room.bring")));
}
