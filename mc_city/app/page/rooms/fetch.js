// Open data from the network: ticked, asked for how much it is, fetched. Nothing is asked before somebody presses a button.
import { button, element, labelled, mistake, tell } from "../dom.js";
import { follow } from "../jobs.js";
import { spokenList } from "../said.js";

/** The card, and `fresh()`, which shows it anew; `again()` is called when the project's data are others. `data()` gives what the room knows. */
export function fetchCard({ api, words }, again, data, signal) {
  const inside = element("div");
  const card = element("details", { class: "card bring-fetch" }, element("summary", {}, element("strong", {}, words("bring.fetch"))), inside);
  let ticks = new Map();
  const fresh = () => card.open && draw().catch((error) => inside.replaceChildren(mistake(error, words)));
  card.addEventListener("toggle", fresh);

  async function draw() {
    if (!inside.firstChild) inside.replaceChildren(element("p", { class: "faint" }, words("bring.fetch.lead")));
    const facts = await api.get("/api/bring/sources");
    const lead = element("p", {}, words("bring.fetch.lead"));
    if (!data()?.has_config) {
      inside.replaceChildren(lead, placeForm());
      return;
    }
    ticks = new Map();
    const themes = [...new Set(facts.sources.map((one) => one.theme))];
    const contact = labelled(words("bring.fetch.contact"), element("input", { type: "text", value: facts.contact, placeholder: "gis@kommun.se" }));
    const county = labelled(words("bring.fetch.county"), element("input", { value: facts.county, maxlength: 2, placeholder: "Y" }));
    const work = element("div");
    const asked = () => ({
      digest: data().digest, contact: contact.field.value.trim(), county: county.field.value.trim().toUpperCase(),
      chosen: Object.fromEntries([...ticks].filter(([, box]) => box.checked).map(([key]) => key.split(" "))),
    });
    const run = (path, done) => async () => {
      work.replaceChildren();
      try {
        const { number } = await api.post(path, asked());
        const lane = element("div");
        work.replaceChildren(lane);
        const job = await follow(lane, number, words, signal);
        if (job.state === "done") {
          work.replaceChildren(lines(job.result.lines));
          await done();
        }
      } catch (error) {
        work.replaceChildren(mistake(error, words));
      }
    };
    const fetched = run("/api/bring/fetch", async () => {
      tell(words("bring.fetch.done"));
      work.prepend(element("p", { class: "bring-good" }, words("bring.fetch.done")));
      again(await api.get("/api/bring/data"));
    });
    inside.replaceChildren(lead,
      element("div", { class: "bring-themes" }, themes.map((theme) => element("fieldset", {}, element("legend", {}, words(`bring.fetch.theme.${theme}`)),
        facts.sources.filter((one) => one.theme === theme).map((one) => tick(one, facts))))),
      element("div", { class: "bring-form" }, contact, county), element("p", { class: "faint" }, words("bring.fetch.asks")), element("p", { class: "faint" }, words("bring.fetch.wfs")),
      element("p", { class: "buttons" },
        button(words("bring.fetch.size"), run("/api/bring/fetch/plan", async () => work.append(element("p", { class: "buttons" }, button(words("bring.fetch.now"), fetched, { class: "main" }))))),
        button(words("bring.fetch.now"), fetched)), work);
  }

  function tick(one, facts) {
    const box = element("input", { type: "checkbox", checked: one.ticked });
    ticks.set(`${one.theme} ${one.name}`, box);
    box.addEventListener("change", () => {
      if (box.checked) for (const [key, other] of ticks) if (other !== box && key.startsWith(`${one.theme} `)) other.checked = false;
    });
    const more = [words.has(`bring.fetch.licence.${one.name}`) ? words(`bring.fetch.licence.${one.name}`) : ""];
    if (one.account) more.push(words(facts.login ? "bring.fetch.account.there" : "bring.fetch.account"));
    if (one.own) more.push(words("bring.fetch.own"));
    const known = `bring.fetch.title.${one.theme}.${one.name}`;
    const label = labelled(words.has(known) ? words(known) : one.title, box);
    label.classList.add("check");
    return element("div", {}, label, element("p", { class: "faint bring-small" }, more.filter(Boolean).join(" · ")));
  }

  function placeForm() {
    const field = labelled(words("bring.fetch.place"), element("input", { placeholder: "Sundsvall", name: "place" }));
    const said = element("div");
    const begin = async (event) => {
      event.preventDefault();
      if (/^https?:/i.test(field.field.value.trim())) {
        said.replaceChildren(element("p", { class: "warning", role: "alert" }, words("bring.fetch.wfs")));
        return;
      }
      try {
        const { lines: told } = await api.post("/api/bring/place", { place: field.field.value.trim() });
        again(await api.get("/api/bring/data"));
        await draw();
        inside.prepend(lines(told));
      } catch (error) {
        said.replaceChildren(mistake(error, words));
      }
    };
    return element("form", { onsubmit: begin }, field, element("p", { class: "faint" }, words("bring.fetch.place.asks")),
      element("p", { class: "buttons" }, element("button", { class: "main" }, words("bring.fetch.begin"))), said);
  }

  function lines(texts) {
    return element("div", {}, spokenList(texts, words, { class: "bring-lines" }));
  }

  return { card, fresh };
}
