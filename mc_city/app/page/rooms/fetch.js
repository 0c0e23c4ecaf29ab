// Open data from the network, only when somebody asks for it.
import { element } from "../dom.js";

export function fetchCard() {
  return element("div");
}
