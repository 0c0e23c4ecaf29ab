// The built world in 3D: its page is made when somebody asks for it, and opened in a tab of its own.
import { button, element, mistake, tell } from "../dom.js";
import { follow } from "../jobs.js";

const ALIVE = ["running", "paused", "stopping"];
const PAGE = "/look/index.html";

/** A card for it. state: what the room was told; said: where faults of showing a folder are told. */
export function lookCard({ look, looking }, { api, words, signal, showFile }) {
  const lane = element("div");
  const card = element("section", { class: "card look" });
  draw();
  if (looking && ALIVE.includes(looking.state)) watch(looking.number);
  return card;

  function draw() {
    const make = button(words("build.look.make"), begin, { class: "main", id: "build-look" });
    card.replaceChildren(element("h2", {}, words.both("build.look")), element("p", {}, words("build.look.lead")),
      look.ready
        ? element("p", {}, words("build.look.ready", { folder: look.folder }))
        : element("p", { class: "faint" }, words("build.look.takes", { time: words.duration(look.seconds) })),
      look.ready ? element("p", { class: "buttons" }, link(), button(words("build.show"), showFile("look"), { class: "quiet", "aria-label": words("build.look.show") }))
        : element("p", { class: "buttons" }, make), lane);
  }

  function link() {
    return element("a", { class: "button main", id: "build-look-open", href: PAGE, target: "_blank", rel: "noopener" }, words("build.look.open"));
  }

  async function begin() {
    card.querySelector("#build-look").disabled = true;
    try {
      await watch((await api.post("/api/build/look", {})).number);
    } catch (error) {
      draw();
      lane.replaceChildren(mistake(error, words));
    }
  }

  async function watch(number) {
    for (const one of card.querySelectorAll("#build-look")) one.disabled = true;
    const job = await follow(lane, number, words, signal);
    const left = [...lane.childNodes];
    look = (await api.get("/api/build/state")).look ?? look;
    draw();
    if (job.state !== "done") {
      lane.replaceChildren(...left);
      card.querySelector("#build-look")?.focus();
      return;
    }
    lane.replaceChildren(...(job.result.kept ? [element("p", { class: "warning" }, words("build.kept", { folder: job.result.kept }))] : []));
    tell(words("build.look.done"));
    card.querySelector("#build-look-open")?.focus();
    // Where the press of the button is long ago the browser refuses, and the link is there.
    window.open(PAGE, "_blank", "noopener");
  }
}
