// The area: a rectangle on what the data cover, and what a build of it takes while it moves.
import { button, element, labelled, mistake, tell } from "../dom.js";
import { Edited } from "../map_tools.js";
import { toCity, toMap } from "../plane.js";

const WAIT = 250;
const ENOUGH = 0.9995;

export async function show(place, { api, words, go, map: CityMap }) {
  const told = element("div");
  const doubted = element("div");
  const holder = element("div");
  const takes = element("section", { class: "card", "aria-live": "polite" });
  const waiting = element("p", { class: "faint", role: "status" }, words("choose.drawing"));
  place.append(element("h1", {}, words.both("choose.title")), element("p", {}, words("choose.lead")), told);
  let state = await api.get("/api/choose/state");
  let area = state.area;
  let measured = state.measured;
  let timer = null;
  let asking = null;
  let looking = null;

  const map = new CityMap(holder, words, { bounds: state.shown, label: words("choose.map") });
  map.edited = new Edited(area, moved);
  map.setLayer("basemap", { silent: true });

  const picture = new Image();
  const showPicture = () => {
    map.removeLayer("extents");
    map.removeLayer("chosen");
    map.setLayer("picture", { silent: true, images: [{ url: picture.src, bounds: state.shown }] });
    drawSources();
  };
  picture.addEventListener("load", () => {
    waiting.remove();
    showPicture();
  });
  picture.addEventListener("error", () => waiting.remove());
  picture.src = `/api/choose/picture.png?${state.digest}`;

  const fields = Object.fromEntries(["east", "north", "wide", "high"].map((name) => [name,
    element("input", { type: "number", step: "1", inputmode: "numeric", min: name === "wide" || name === "high" ? "16" : null, onchange: typed })]));
  const names = element("datalist", { id: "choose-names" }, state.names.map(({ name }) => element("option", { value: name })));
  const search = element("input", { type: "text", list: "choose-names", autocomplete: "off" });
  const save = button("", saveArea, { class: "main" });
  const keys = element("input", { type: "checkbox", onchange: () => {
    map.edited.active = keys.checked;
    if (keys.checked) map.canvas.focus();
  } });
  const saved = element("p", { role: "status" });

  const basemap = element("input", { type: "checkbox", onchange: switchBasemap });
  const credit = element("p", { class: "faint credit", role: "status" });

  place.append(element("div", { class: "columns" },
    element("div", {}, holder, waiting,
      element("p", { class: "buttons" }, button(words("choose.draw"), drawArea), labelledCheck(words("choose.keys"), keys),
        labelledCheck(words("choose.basemap"), basemap)), credit,
      element("form", { class: "search", onsubmit: find }, labelled(words("choose.search"), search),
        element("button", { type: "submit" }, words("choose.go"))), names),
    element("div", {}, doubted, takes, element("p", { class: "buttons" }, save, button(words("choose.next"), () => go("build"))), saved,
      element("fieldset", { class: "numbers" }, element("legend", {}, words("choose.numbers")),
        ...Object.entries(fields).map(([name, field]) => labelled(words(`choose.${name}`), field)),
        element("p", { class: "faint" }, words("choose.crs", { crs: state.crs }))))),
  sourcesTable());
  fill();
  drawSources();

  function labelledCheck(text, field) {
    const label = labelled(text, field);
    label.className = "check";
    return label;
  }

  function isSaved() {
    return area.every((value, number) => Math.abs(value - state.area[number]) < 1);
  }

  /** The rectangle is another: numbers at once, what it takes soon. */
  function moved(bounds) {
    area = bounds;
    map.draw();
    fill();
    clearTimeout(timer);
    timer = setTimeout(measure, WAIT);
  }

  function fill() {
    const [west, south, east, north] = area;
    const middle = toMap(state, [(west + east) / 2, (south + north) / 2]);
    const values = { east: middle[0], north: middle[1], wide: east - west, high: north - south };
    for (const [name, field] of Object.entries(fields)) if (field !== document.activeElement) field.value = String(Math.round(values[name]));
    save.textContent = words("choose.save");
    save.disabled = isSaved() && state.has_config;
    if (!isSaved()) saved.textContent = "";
    else if (state.has_config && !saved.textContent) saved.textContent = words("choose.same");
    showTakes();
  }

  function typed() {
    const value = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, Number(field.value)]));
    if (!(value.wide > 0 && value.high > 0)) return;
    const [right, up] = toCity(state, [value.east, value.north]);
    map.edited.set([right - value.wide / 2, up - value.high / 2, right + value.wide / 2, up + value.high / 2]);
  }

  async function measure() {
    asking?.abort();
    asking = new AbortController();
    try {
      measured = await api.post("/api/choose/measure", { bounds: area }, { signal: asking.signal });
      doubted.replaceChildren();
      showTakes();
    } catch (error) {
      if (error.name === "AbortError") return;
      doubted.replaceChildren(mistake(error, words));
    }
  }

  function showTakes() {
    const share = measured.covered;
    const facts = [
      ["choose.blocks", `${words.number(measured.blocks[0])} × ${words.number(measured.blocks[1])}`],
      ["choose.size", words.bytes(measured.bytes)],
      ["choose.time", words.duration(measured.seconds)],
      ["choose.needed", words.bytes(measured.bytes_needed)],
      ["choose.free", words.bytes(measured.free_bytes)],
      ["choose.covered", share === null ? words("choose.flat") : `${words.number(Math.floor(100 * share))} %`],
    ];
    const warnings = [
      share !== null && share < ENOUGH && words("choose.warn.covered", { share: `${words.number(Math.floor(100 * share))} %` }),
      measured.bytes_needed > measured.free_bytes && words("choose.warn.disk"),
      measured.large && words("choose.warn.large"),
    ].filter(Boolean);
    takes.replaceChildren(element("h2", {}, words.both("choose.takes")),
      element("dl", { class: "facts" }, facts.flatMap(([key, value]) => [element("dt", {}, words(key)), element("dd", { "data-fact": key }, value)])),
      ...warnings.map((text) => element("p", { class: "warning" }, text)));
  }

  async function drawArea() {
    const drawn = await map.drawRectangle();
    if (drawn) map.edited.set(drawn);
  }

  function find(event) {
    event.preventDefault();
    const wanted = search.value.trim().toLocaleLowerCase();
    const found = state.names.find(({ name }) => name.toLocaleLowerCase() === wanted)
      ?? state.names.find(({ name }) => wanted && name.toLocaleLowerCase().includes(wanted));
    if (!found) {
      tell(words("choose.notfound", { name: search.value }));
      told.replaceChildren(element("p", { class: "warning" }, words("choose.notfound", { name: search.value })));
      return;
    }
    told.replaceChildren();
    const [wide, high] = [area[2] - area[0], area[3] - area[1]];
    const [right, up] = found.at;
    map.edited.set([right - wide / 2, up - high / 2, right + wide / 2, up + high / 2]);
    map.setLayer("found", { style: "finding", points: [{ at: found.at, label: found.name }] });
  }

  async function saveArea() {
    save.disabled = true;
    try {
      const fresh = await api.post("/api/choose/area", { bounds: area, digest: state.digest });
      accept(fresh);
      saved.textContent = words("choose.saved");
      told.replaceChildren();
      window.dispatchEvent(new Event("project-changed"));
    } catch (error) {
      if (error.status === 409) {
        accept(await api.get("/api/choose/state"));
        told.replaceChildren(element("p", { class: "warning", role: "alert" }, words("choose.changed")));
      } else {
        told.replaceChildren(mistake(error, words));
        save.disabled = false;
      }
    }
  }

  function accept(fresh) {
    clearTimeout(timer);
    asking?.abort();
    state = fresh;
    area = state.area;
    measured = state.measured;
    map.edited.bounds = area;
    map.draw();
    fill();
  }

  /** A map of the network, off at each start: the program asks for its tiles, the page only itself. */
  async function switchBasemap() {
    try {
      const told = await api.post("/api/choose/basemap", { wanted: basemap.checked });
      credit.textContent = basemap.checked ? told.credit : "";
    } catch (error) {
      credit.replaceChildren(mistake(error, words));
    }
    map.onview = basemap.checked ? () => {
      clearTimeout(looking);
      looking = setTimeout(drawTiles, WAIT);
    } : null;
    if (basemap.checked) await drawTiles();
    else {
      map.setLayer("basemap", { silent: true });
      showPicture();
    }
  }

  async function drawTiles() {
    const { tiles } = await api.post("/api/choose/basemap/tiles", map.view());
    if (!basemap.checked) return;
    if (tiles.length) {
      const first = await fetch(tiles[Math.floor(tiles.length / 2)].url);
      if (!first.ok) {
        const { error, hint } = await first.json();
        credit.replaceChildren(mistake(Object.assign(new Error(`${words("choose.basemap.fault")} ${error}`), { status: 400, hint }), words));
        return;
      }
    }
    // The city's own picture would hide it.
    map.removeLayer("picture");
    map.setLayer("basemap", { silent: true, images: tiles });
  }

  function drawSources(chosen = null) {
    const rings = new Map();
    for (const source of state.sources) if (source.ring.length) rings.set(JSON.stringify(source.ring), source);
    map.setLayer("extents", { silent: true, style: "extent", polygons: [...rings.values()]
      .filter(({ theme }) => theme === "terrain.elevation").map(({ ring }) => ({ rings: [ring] })) });
    map.setLayer("chosen", { silent: true, style: "chosen", polygons: chosen ? [{ rings: [chosen.ring] }] : [] });
  }

  function sourcesTable() {
    const size = ({ ring }) => {
      if (!ring.length) return "";
      const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
      return `${words.number((Math.max(...xs) - Math.min(...xs)) / 1000, 1)} × ${words.number((Math.max(...ys) - Math.min(...ys)) / 1000, 1)} km`;
    };
    const row = (source) => element("tr", {},
      element("td", {}, words.has(`theme.${source.theme}`) ? words(`theme.${source.theme}`) : source.theme),
      element("td", {}, source.file, source.fault ? mistake(Object.assign(new Error(source.fault), { status: 400, hint: source.hint }), words) : null),
      element("td", {}, size(source)),
      element("td", {}, source.ring.length ? button(words("choose.source.show"), () => {
        drawSources(source);
        const [xs, ys] = [source.ring.map(([x]) => x), source.ring.map(([, y]) => y)];
        map.fit([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
      }, { class: "quiet", "aria-label": `${words("choose.source.show")} ${source.file}` }) : null));
    return element("section", {}, element("h2", {}, words.both("choose.sources")),
      element("table", { class: "stack" }, element("thead", {}, element("tr", {},
        ...["kind", "file", "size"].map((key) => element("th", { scope: "col" }, words(`choose.source.${key}`))), element("td"))),
      element("tbody", {}, state.sources.map(row))));
  }

  return () => {
    clearTimeout(timer);
    clearTimeout(looking);
    asking?.abort();
    map.destroy();
  };
}
