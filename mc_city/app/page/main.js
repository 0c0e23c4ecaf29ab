// The frame around the rooms: which one is shown stands in the address, after #/.
import * as api from "./api.js";
import { button, element, mistake, tell } from "./dom.js";
import { follow } from "./jobs.js";
import { CityMap } from "./map.js";
import { chosenLanguage, keepLanguage, wordsOf } from "./words.js";

const ROOMS = ["bring", "choose", "check", "plans", "build", "worlds"];

let leave = null;
let turn = 0;

function roomNamed() {
  const name = location.hash.replace(/^#\/?/, "").split("/")[0];
  return ROOMS.includes(name) ? name : "choose";
}

function go(room) {
  location.hash = `#/${room}`;
}

function frame(words, project) {
  document.documentElement.lang = words.language;
  document.getElementById("skip").textContent = words("frame.skip");
  document.getElementById("project").textContent = project.has_config ? project.folder : words("frame.sample");
  const links = ROOMS.map((name, number) =>
    element("a", { href: `#/${name}`, "aria-current": name === roomNamed() ? "page" : null },
      element("span", { class: "number", "aria-hidden": "true" }, String(number + 1)),
      element("span", {}, words.both(`room.${name}`))));
  const rooms = document.getElementById("rooms");
  rooms.setAttribute("aria-label", words("frame.rooms"));
  rooms.replaceChildren(...links);
  const anew = document.getElementById("anew");
  anew.hidden = !project.has_config;
  anew.textContent = words("frame.anew");
  anew.onclick = () => askAnew(words);
  const language = document.getElementById("language");
  language.textContent = words.other("frame.language");
  language.lang = words.language === "sv" ? "en" : "sv";
  language.onclick = () => {
    keepLanguage(words.language === "sv" ? "en" : "sv");
    enter(false);
  };
}

/** Another city: what is there goes aside, once a person has said so. */
function askAnew(words) {
  const told = element("div");
  const yes = button(words("frame.anew.yes"), async () => {
    yes.disabled = true;
    try {
      const { number } = await api.post("/api/project/new");
      const job = await follow(told, number, words);
      if (job.state !== "done") return;
      dialog.close();
      if (roomNamed() === "bring") enter();
      else go("bring");
    } catch (error) {
      told.replaceChildren(mistake(error, words));
    }
  }, { class: "main" });
  const dialog = element("dialog", { "aria-labelledby": "anew-title", onclose: () => dialog.remove() },
    element("h2", { id: "anew-title" }, words.both("frame.anew.title")), element("p", {}, words("frame.anew.lead")), told,
    element("p", { class: "buttons" }, yes, button(words("frame.anew.no"), () => dialog.close())));
  document.body.append(dialog);
  dialog.showModal();
}

async function enter(focus = true) {
  const mine = ++turn;
  if (leave) await leave();
  leave = null;
  const place = document.getElementById("place");
  const fresh = element("div", { class: `room room-${roomNamed()}` });
  let words = null;
  try {
    const [table, project] = await Promise.all([api.get("/api/words"), api.get("/api/project")]);
    words = wordsOf(table, chosenLanguage());
    frame(words, project);
    const room = await import(`./rooms/${roomNamed()}.js`);
    if (mine !== turn) return;
    place.replaceChildren(fresh);
    document.title = `${words(`room.${roomNamed()}`)} · mc-city`;
    const left = await room.show(fresh, { api, words, go, map: CityMap });
    if (mine === turn) leave = left ?? null;
    else if (left) left();
    if (focus) tell(document.title);
    fresh.dataset.ready = "true";
  } catch (error) {
    if (mine !== turn) return;
    if (!words) {
      fresh.append(element("p", { role: "alert" }, "Programmet svarar inte. Starta det igen: mc-city app. / The program does not answer. Start it again."),
        button("Försök igen / Try again", () => enter()));
    } else fresh.append(mistake(error, words), button(words("frame.again"), () => enter()));
    if (fresh.parentNode !== place) place.replaceChildren(fresh);
  }
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("place").focus();
});
// A room has begun a project of its own: its folder is named above.
window.addEventListener("project-changed", async () => {
  const [table, project] = await Promise.all([api.get("/api/words"), api.get("/api/project")]);
  frame(wordsOf(table, chosenLanguage()), project);
});
window.addEventListener("hashchange", () => enter());
enter(false);
