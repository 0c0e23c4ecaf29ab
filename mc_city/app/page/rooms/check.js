// Checking: everything is read and nothing built; what was found stands as pins on the map and as a list.
import { button, element, mistake, tell } from "../dom.js";
import { follow } from "../jobs.js";
import { spoken, spokenList } from "../said.js";

const ALIVE = ["running", "paused", "stopping"];
const COLOURS = { stop: "finding", look: "finding", note: "drawn" };
const NEAR_M = 60;

export async function show(place, context) {
  const { api, words, go } = context;
  const room = { check: null, chosen: null, gone: new AbortController(), map: null };
  const start = button(words("check.start"), begin, { class: "main" });
  const work = element("div");
  const said = element("div", { class: "check-said" });
  const found = element("div");
  place.append(
    element("h1", {}, words.both("check.title")),
    element("p", {}, words("check.lead")),
    element("p", { class: "buttons" }, start), work, said, found);

  async function begin() {
    said.replaceChildren();
    try {
      const { number } = await api.post("/api/check/begin");
      await watch(number);
    } catch (error) {
      said.replaceChildren(mistake(error, words));
    }
  }

  async function watch(number) {
    start.disabled = true;
    const job = await follow(work, number, words, room.gone.signal);
    start.disabled = false;
    if (job.state === "done") {
      work.replaceChildren();
      await load(true);
      found.querySelector("h2")?.focus();
    } else start.focus();
  }

  async function load(heard) {
    const state = await api.get("/api/check/state");
    room.check = state.check;
    draw(state);
    if (heard && state.check) tell(summary(state.check, words));
    return state;
  }

  function draw(state) {
    room.map?.destroy();
    room.map = null;
    start.textContent = words(state.check ? "check.again" : "check.start");
    if (!state.has_config) said.replaceChildren(element("p", { class: "warning" }, words("check.sample")));
    if (!state.check) {
      found.replaceChildren();
      return;
    }
    const { check } = state;
    const holder = element("div");
    const list = element("ol", { class: "check-findings" }, check.findings.map((one, number) => findingCard(one, number)));
    if (!check.findings.length) list.append(element("li", { class: "faint" }, words("check.nothing")));
    found.replaceChildren(
      check.old ? element("p", { class: "warning" }, words("check.old")) : "",
      element("h2", { tabindex: "-1", class: check.ready ? "check-ready" : "check-not" }, summary(check, words)),
      element("div", { class: "columns bring-columns" },
        element("section", { "aria-label": words("check.map") }, holder, houseLegend(check, words)),
        element("section", { "aria-labelledby": "check-list" }, element("h2", { id: "check-list" }, words.both("check.list")), list)),
      element("h2", {}, words.both("check.table")), table(check, words),
      element("p", { class: "buttons" },
        check.ready ? button(words("check.build"), () => go("build"), { class: "main" }) : button(words("check.data"), () => go("bring")),
        check.picture ? element("a", { class: "button", href: "/api/check/sheet", target: "_blank", rel: "noopener" }, words("check.sheet")) : null));
    room.map = new context.map(holder, words, { bounds: check.bounds, label: words("check.map.label"), onpick: ({ item }) => item.number !== undefined && choose(item.number, true) });
    paint();
  }

  function findingCard(one, number) {
    const open = room.chosen === number;
    const text = sentence(one, words);
    return element("li", { class: `card check-finding ${one.level} ${open ? "open" : ""}` },
      element("button", { type: "button", class: "bring-head", "aria-expanded": String(open), "data-number": number, onclick: () => choose(number, false) },
        element("strong", {}, `${number + 1}. ${text}`),
        one.at ? element("span", { class: "bring-what" }, words("check.on.map")) : null),
      open ? element("div", { class: "bring-details" },
        element("p", {}, words(`check.todo.${one.code}`)),
        one.said ? element("p", { class: "hint" }, spoken(one.said, words)) : null,
        one.room ? element("p", { class: "buttons" }, button(words(`check.go.${one.room}`), () => go(one.room))) : null) : null);
  }

  function choose(number, jump) {
    room.chosen = room.chosen === number && !jump ? null : number;
    const list = found.querySelector(".check-findings");
    list.replaceChildren(...room.check.findings.map((one, at) => findingCard(one, at)));
    const head = list.querySelector(`[data-number="${number}"]`);
    head.focus();
    head.scrollIntoView({ block: "nearest" });
    const { at } = room.check.findings[number];
    if (at && room.chosen !== null) {
      const [x, y] = at;
      const half = Math.max(NEAR_M, (room.check.area[2] - room.check.area[0]) / 3);
      room.map.fit([x - half, y - half, x + half, y + half]);
    } else if (room.chosen === null) room.map.fit();
    paint();
  }

  function paint() {
    const { check, map, chosen } = { ...room };
    map.setLayer("picture", { silent: true, images: [{ url: `/api/check/map?${check.made}`, bounds: check.bounds }] });
    const pins = check.findings.map((one, number) => ({ ...one, number })).filter((one) => one.at);
    map.setLayer("pins", { points: pins.map(({ at, number, level }) => ({ at, number, label: number === chosen ? `▶ ${number + 1}` : String(number + 1), style: COLOURS[level] })) });
  }

  const state = await load(false);
  if (state.job && ALIVE.includes(state.job.state)) watch(state.job.number).catch((error) => said.replaceChildren(mistake(error, words)));
  return () => {
    room.gone.abort();
    room.map?.destroy();
  };
}

function summary(check, words) {
  const count = check.findings.filter((one) => one.level !== "note").length;
  if (!check.ready) return words("check.not.ready");
  return count === 1 ? words("check.ready.one") : count ? words("check.ready.look", { count }) : words("check.ready");
}

function sentence(one, words) {
  const values = {};
  for (const [key, value] of Object.entries(one.values)) values[key] = typeof value === "number" ? words.number(value) : value;
  if (one.values.theme) values.theme = words.has(`check.theme.${one.values.theme}`) ? words(`check.theme.${one.values.theme}`) : one.values.theme;
  return words(`check.finding.${one.code}`, values);
}

function houseLegend(check, words) {
  const items = Object.entries(check.houses).filter(([, count]) => count);
  return element("div", { class: "faint check-legend" },
    items.length ? element("p", {}, words("check.houses"), " ", items.map(([origin, count]) => `${words(`check.from.${origin}`)}: ${words.number(count)}`).join(" · ")) : null,
    element("p", {}, words("check.legend")));
}

function table(check, words) {
  const head = ["source", "covers", "holds", "crs", "licence"].map((name) => element("th", { scope: "col" }, words(`check.head.${name}`)));
  const body = check.rows.filter((row) => row.inputs.length || !row.used.startsWith("0")).flatMap((row) => [
    element("tr", { class: "check-theme" }, element("th", { scope: "rowgroup", colspan: 5 }, themeName(row.theme, words), " ", element("span", { class: "faint" }, spoken(row.used, words)), notes(row, words))),
    ...row.inputs.map((one) => element("tr", {},
      element("td", {}, one.layer ? `${one.file}, ${one.layer}` : one.file, one.real === false ? element("strong", {}, ` ${words("check.made.up")}`) : null),
      element("td", {}, one.covers), element("td", {}, spoken(one.holds, words)), element("td", {}, one.crs),
      element("td", {}, one.licence || element("em", {}, words("check.unsaid"))))),
  ]);
  return element("div", { class: "check-table", tabindex: "0", role: "region", "aria-label": words("check.table") },
    element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)));
}

function notes(row, words) {
  if (!row.notes.length) return null;
  return element("details", {}, element("summary", {}, words("check.notes", { count: row.notes.length })),
    spokenList(row.notes, words));
}

function themeName(name, words) {
  return words.has(`check.theme.${name}`) ? words(`check.theme.${name}`) : name;
}
