// Bringing data: files are dropped or chosen, recognised, shown on the map and named under a theme.
import { button, element, labelled, mistake, tell } from "../dom.js";
import { spoken } from "../said.js";
import { fetchCard } from "./fetch.js";
import { filesOf, filesIn, sendAll } from "./sending.js";

const STYLE_OF = {
  "buildings.footprints": "house", "terrain.streets": "street", "terrain.water": "water", "terrain.vegetation": "green",
  "terrain.trees": "green", "plans.sources": "plan", "plans.detaljplaner": "plan",
};
const LICENCES = ["CC0 1.0", "CC BY 4.0", "ODbL 1.0"];

export async function show(place, context) {
  const { api, words, go } = context;
  const room = { data: null, chosen: null, open: new Set(), shown: new Map(), gone: false, leaving: new AbortController() };
  const said = element("div", { class: "bring-said" });
  const zone = dropZone(words, bring);
  const list = element("ul", { class: "bring-files" });
  const city = element("div");
  const holder = element("div");
  const next = element("p", { class: "buttons" });
  const open = fetchCard(context, take, () => room.data, room.leaving.signal);
  place.append(
    element("h1", {}, words.both("bring.title")),
    element("p", {}, words("bring.lead")),
    zone.card, said,
    element("div", { class: "columns bring-columns" },
      element("section", { "aria-labelledby": "bring-map" }, element("h2", { id: "bring-map" }, words.both("bring.map")), holder, legend(words)),
      element("section", { "aria-labelledby": "bring-list" }, city, element("h2", { id: "bring-list" }, words.both("bring.files")), list, next)),
    open.card);
  const map = new context.map(holder, words, { bounds: [0, 0, 1000, 1000], label: words("bring.map.label"), onpick: ({ item }) => item.file && choose(item.file, true) });
  const main = document.getElementById("place");
  const over = (event) => event.preventDefault();
  const dropped = async (event) => {
    event.preventDefault();
    zone.card.classList.remove("over");
    bring(await filesIn(event.dataTransfer));
  };
  main.addEventListener("dragover", over);
  main.addEventListener("drop", dropped);

  async function bring(files) {
    if (!files.length || room.sending) return;
    room.sending = new AbortController();
    said.replaceChildren();
    zone.busy(true, () => room.sending.abort());
    try {
      const told = await sendAll(api, files, zone.told, room.sending.signal);
      take(told);
      zone.busy(false);
      heard(told);
    } catch (error) {
      zone.busy(false);
      said.replaceChildren(error.name === "AbortError" ? element("p", {}, words("bring.stopped")) : mistake(error, words));
    } finally {
      room.sending = null;
    }
  }

  /** After a batch: how many are in the city, and how many want a look; the first of these is opened. */
  function heard(told) {
    const mine = told.files.filter((file) => told.new.includes(file.name));
    const wrong = mine.filter((file) => file.remarks.some((one) => one.wrong));
    const used = mine.filter((file) => file.named.length).length;
    const parts = [words("bring.came", { used, count: mine.length })];
    if (wrong.length) parts.push(words("bring.look", { count: wrong.length }));
    if (told.there.length) parts.push(words("bring.there", { names: told.there.join(", ") }));
    said.replaceChildren(element("p", { class: wrong.length ? "warning" : "bring-good" }, parts.join(" ")));
    tell(parts.join(" "));
    if (wrong.length) choose(wrong[0].name, false);
  }

  function take(data) {
    if (room.gone) return;
    const first = !room.data?.city;
    const begun = room.data && !room.data.has_config && data.has_config;
    room.data = data;
    draw();
    if (begun) open.fresh();
    if (data.city && (first || room.place !== data.city.area.join())) {
      map.home = around(data.city.area);
      map.fit();
    }
    room.place = data.city?.area.join();
  }

  function draw() {
    const { data } = room;
    const focused = document.activeElement?.dataset?.key;
    city.replaceChildren(...cityCard(data, words, change));
    if (data.has_config) document.getElementById("project").textContent = data.folder;
    list.replaceChildren(...sorted(data.files).map((file) => fileCard(file, { room, words, change, choose, credit })));
    if (!data.files.length) list.append(element("li", { class: "faint" }, words("bring.none")));
    if (data.more) list.append(element("li", { class: "warning" }, words("bring.more", { count: data.more })));
    const toFetch = button(words("bring.fetch.first"), () => {
      open.card.open = true;
      open.card.querySelector("summary").focus();
    }, { class: "main" });
    next.replaceChildren(data.to_fetch ? toFetch : data.city ? button(words("bring.next"), () => go("choose"), { class: "main" }) : "");
    if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    paint();
  }

  async function change(path, asked) {
    try {
      take(await api.post(`/api/bring/${path}`, { digest: room.data.digest, ...asked }));
      said.replaceChildren();
    } catch (error) {
      said.replaceChildren(mistake(error, words));
      if (error.status === 409) take(await api.get("/api/bring/data"));
    }
  }

  async function credit(entries) {
    try {
      let told = null;
      for (const asked of entries) told = await api.post("/api/bring/credit", asked);
      take(told);
      tell(words("bring.credit.kept"));
    } catch (error) {
      said.replaceChildren(mistake(error, words));
    }
  }

  function choose(name, jump) {
    room.chosen = room.chosen === name ? null : name;
    if (room.chosen) room.open.add(name);
    draw();
    const file = room.data.files.find((one) => one.name === room.chosen);
    if (!file) return;
    const card = list.querySelector(`[data-file="${CSS.escape(name)}"]`);
    if (jump) card?.querySelector("button")?.focus();
    card?.scrollIntoView({ block: "nearest" });
    const box = boxOf(file.pieces.flatMap((piece) => piece.ring ?? []));
    if (box && room.data.city) map.fit(around(boxOf([...corners(box), ...corners(room.data.city.area)])));
  }

  function paint() {
    const { data } = room;
    for (const name of [...map.layers.keys()]) map.removeLayer(name);
    if (!data.city) return;
    for (const file of data.files) file.pieces.forEach((piece, number) => preview(file, piece, number));
    const outlines = data.files.flatMap((file) => file.pieces.filter((piece) => piece.ring).map((piece) => ({ file, piece })));
    map.setLayer("extents", {
      style: "extent",
      polygons: outlines.map(({ file, piece }) => ({ rings: [piece.ring], file: file.name, style: styleOf(file, room) })),
    });
    map.setLayer("area", { style: "area", silent: true, polygons: [{ rings: [corners(data.city.area)], label: words("bring.area") }] });
    const far = outlines.filter(({ file }) => file.remarks.some((one) => one.code === "elsewhere") && file.name === room.chosen).slice(0, 1);
    map.setLayer("far", {
      style: "wrong",
      lines: far.map(({ piece }) => ({ points: [middle(data.city.area), middle(boxOf(piece.ring))] })),
      points: far.map(({ file, piece }) => ({ at: middle(boxOf(piece.ring)), file: file.name, label: farLabel(file, words) })),
    });
  }

  /** What a piece looks like, once it is in the city. */
  async function preview(file, piece, number) {
    if (!piece.theme || file.remarks.some((one) => one.wrong) || !piece.ring) return;
    const key = `${room.place}|${file.name}|${number}|${JSON.stringify(file.fixed)}`;
    const query = new URLSearchParams({ name: file.name, piece: number });
    if (!room.shown.has(key)) {
      room.shown.set(key, piece.raster
        ? api.get(`/api/bring/corners?${query}`).then(({ corners: at }) => at && { images: [{ url: `/api/bring/picture?${query}`, corners: at }] })
        : api.get(`/api/bring/shapes?${query}`).then((shapes) => ({ ...shapes, style: STYLE_OF[piece.theme] ?? "other" })));
    }
    let layer = null;
    try {
      layer = await room.shown.get(key);
    } catch {
      // Its outline is on the map, and what is wrong with it stands in the list.
    }
    if (layer && !room.gone) {
      const upper = [...map.layers].filter(([name]) => ["extents", "area", "far"].includes(name));
      map.setLayer(`${piece.raster ? "0" : "1"}${key}`, { ...layer, silent: true });
      const order = [...map.layers].filter(([name]) => !["extents", "area", "far"].includes(name)).sort(([one], [other]) => (one < other ? -1 : 1));
      map.layers = new Map([...order, ...upper]);
      map.draw();
    }
  }

  take(await api.get("/api/bring/data"));
  return () => {
    room.gone = true;
    room.leaving.abort();
    room.sending?.abort();
    main.removeEventListener("dragover", over);
    main.removeEventListener("drop", dropped);
    map.destroy();
  };
}

/** What wants a look first, then what is in the city. */
function sorted(files) {
  const rank = (file) => (file.remarks.some((one) => one.wrong) ? 0 : file.named.length ? 1 : 2);
  return [...files].sort((one, other) => rank(one) - rank(other));
}

function styleOf(file, room) {
  if (file.remarks.some((one) => one.wrong)) return "wrong";
  return file.name === room.chosen ? "chosen" : "extent";
}

function farLabel(file, words) {
  const remark = file.remarks.find((one) => one.code === "elsewhere");
  return words("bring.far", { ...remark.values, km: words.number(remark.values.km) });
}

function dropZone(words, bring) {
  const input = (more) => {
    const field = element("input", { type: "file", multiple: true, class: "hidden-text", tabindex: "-1", "aria-hidden": "true", ...more });
    field.addEventListener("change", () => {
      bring(filesOf(field.files));
      field.value = "";
    });
    return field;
  };
  const files = input({ id: "bring-files" });
  const folder = input({ id: "bring-folder", webkitdirectory: true });
  const bar = element("progress", { max: 1, "aria-label": words("bring.sending") });
  const name = element("p", { class: "job-step" });
  const stop = button(words("job.stop"), () => {}, { class: "quiet" });
  const going = element("div", { class: "bring-going", hidden: true }, element("p", { class: "job-state" }, words("bring.sending")), bar, name, stop);
  const asks = element("div", {},
    element("p", { class: "bring-drop" }, words("bring.drop")),
    element("p", { class: "buttons" },
      button(words("bring.choose.files"), () => files.click(), { class: "main" }),
      button(words("bring.choose.folder"), () => folder.click())),
    element("p", { class: "faint" }, words("bring.kinds")), files, folder);
  const card = element("section", { class: "card bring-zone", "aria-label": words("bring.drop") }, asks, going);
  card.addEventListener("dragover", () => card.classList.add("over"));
  card.addEventListener("dragleave", () => card.classList.remove("over"));
  return {
    card,
    told(share, text) {
      if (share === null) bar.removeAttribute("value");
      else bar.value = share;
      name.textContent = text ?? words("bring.recognising");
    },
    busy(is, ended) {
      going.hidden = !is;
      asks.hidden = is;
      stop.onclick = ended;
      if (is) stop.focus();
      else asks.querySelector("button").focus();
    },
  };
}

function cityCard(data, words, change) {
  if (data.problem) return [mistake(Object.assign(new Error(data.problem[0]), { status: 400, hint: data.problem[1] }), words)];
  if (!data.city) return [];
  const name = labelled(words("bring.city.name"), element("input", { value: data.city.name, maxlength: 100, "data-key": "city" }));
  name.field.addEventListener("change", () => name.field.value.trim() && change("city", { name: name.field.value.trim() }));
  const near = data.city.town ? placeText(data.city, words) : "";
  return [element("div", { class: "card" }, name,
    element("p", { class: "faint" }, words("bring.city.crs", { name: data.city.crs_name, code: data.city.crs }), near ? ` · ${near}` : ""))];
}

function placeText({ town, off_km: off }, words) {
  return off ? words("bring.place.near", { town, off: words.number(off) }) : words("bring.place.in", { town });
}

function fileCard(file, tools) {
  const { room, words, choose } = tools;
  const wrong = file.remarks.some((one) => one.wrong);
  const used = file.pieces.some((piece) => piece.theme) || file.named.length > 0;
  const open = room.chosen === file.name;
  const state = wrong ? "wrong" : used ? "used" : "unused";
  const head = element("button", { type: "button", class: "bring-head", "aria-expanded": String(open), "data-key": `head|${file.name}`, onclick: () => choose(file.name, false) },
    element("span", { class: `bring-state ${state}` }, words(`bring.state.${state}`)),
    element("strong", {}, file.name),
    element("span", { class: "bring-what" }, whatIs(file, words)));
  return element("li", { class: `card bring-file ${open ? "open" : ""}`, "data-file": file.name }, head,
    file.remarks.filter((one, number) => open || (one.wrong && number === 0)).map((one) => remarkBox(file, one, tools)),
    open ? details(file, tools) : null);
}

function whatIs(file, words) {
  const kinds = [...new Set(file.pieces.map((piece) => themeName(piece.theme || piece.key, words)))];
  const shown = kinds.length > 3 ? [...kinds.slice(0, 3), "…"] : kinds;
  return [shown.join(", ") || words("bring.kind.unknown"), words.bytes(file.bytes)].join(" · ");
}

function themeName(key, words) {
  return words(`bring.as.${key || "none"}`);
}

function remarkBox(file, remark, { room, words, change }) {
  const values = { ...remark.values };
  for (const [key, value] of Object.entries(values)) if (typeof value === "number") values[key] = words.number(value);
  const lines = [];
  if (remark.code === "elsewhere") lines.push(words("bring.remark.elsewhere", { place: placeText(remark.values, words), km: values.km }));
  else lines.push(words(`bring.remark.${remark.code}`, values));
  if (remark.values.said) lines.push(remark.values.said + (remark.values.hint ? `. ${remark.values.hint}` : ""));
  const fixes = remark.fixes.map((fix) => {
    const text = fix.unit ? words("bring.fix.feet") : words(fix.swap_axes ? "bring.fix.swap" : "bring.fix.crs", { crs: fix.crs, place: fix.place ? ` (${fix.place})` : "" });
    const { place: _, ...fixes_ } = fix;
    return button(text, () => change("assign", { name: file.name, layer: null, theme: file.pieces[0]?.theme || file.pieces[0]?.key || guess(file), fixes: fixes_ }), { "data-key": `fix|${file.name}|${JSON.stringify(fix)}` });
  });
  const own = remark.code === "no_crs" && room.data.city ? crsForm(file, words, change) : null;
  const legend = remark.code === "legend" && room.data.city && remark.values.codes ? legendForm(file, remark.values.codes, { room, words, change }) : null;
  if (legend) lines.length = 1;
  return element("div", { class: remark.wrong ? "mistake" : "bring-note" },
    element("p", {}, lines[0]), lines[1] ? element("p", { class: "hint" }, spoken(lines[1], words)) : null,
    fixes.length ? element("p", { class: "buttons" }, fixes) : null, own, legend);
}

/** The theme of a file of which nothing but its numbers is known. */
function guess(file) {
  return /\.(tiff?|asc|img|vrt|xyz|hgt|dem)$/i.test(file.name) ? "terrain.elevation" : "buildings.footprints";
}

/** What each code of a land cover means. */
function legendForm(file, codes, { room, words, change }) {
  const fields = codes.map((code) => [code, labelled(words("bring.legend.code", { code }), element("select", { "data-key": `code|${file.name}|${code}` },
    ["", ...room.data.covers].map((one) => element("option", { value: one }, words(`bring.cover.${one}`)))))]);
  const use = button(words("bring.legend.use"), () => change("assign", {
    name: file.name, layer: null, theme: "terrain.landcover",
    fixes: { legend: Object.fromEntries(fields.map(([code, label]) => [code, label.field.value])) },
  }), { "data-key": `legend|${file.name}` });
  return element("div", { class: "bring-codes" }, fields.map(([, label]) => label), use);
}

function crsForm(file, words, change) {
  const field = labelled(words("bring.crs.other"), element("input", { placeholder: "3006", inputmode: "numeric", "data-key": `crs|${file.name}` }));
  const use = button(words("bring.crs.use"), () => field.field.value.trim() && change("assign", { name: file.name, layer: null, theme: guess(file), fixes: { crs: field.field.value.trim() } }));
  return element("div", { class: "bring-form" }, field, use);
}

function details(file, tools) {
  const { words, change, room } = tools;
  const pieces = file.pieces.map((piece) => pieceRow(file, piece, tools));
  const fixed = Object.entries(file.fixed).map(([key, value]) => words(`bring.fixed.${key}`, { value: typeof value === "object" ? "" : value }));
  return element("div", { class: "bring-details" },
    fixed.length ? element("p", { class: "faint" }, fixed.join(" ")) : null,
    file.fetched ? element("p", { class: "faint" }, words("bring.fetched")) : room.data.has_config ? pieces : element("p", { class: "faint" }, words("bring.no.city")),
    file.fetched ? null : creditForm(file, tools),
    element("p", { class: "buttons" },
      file.inside && !file.fetched ? button(words("bring.remove"), () => change("remove", { name: file.name }), { class: "quiet", title: words("bring.remove.why") }) : null));
}

function pieceRow(file, piece, { words, change, room }) {
  const facts = [];
  if (piece.layer) facts.push([words("bring.fact.layer"), piece.layer]);
  if (piece.product) facts.push([words("bring.fact.product"), piece.product]);
  if (piece.features !== null) facts.push([words("bring.fact.features"), words.number(piece.features)]);
  if (piece.cell) facts.push([words("bring.fact.cell"), `${words.number(piece.cell, 2)} m`]);
  if (piece.crs_name) facts.push([words("bring.fact.crs"), piece.crs ? `${piece.crs_name} (${piece.crs})` : piece.crs_name]);
  if (piece.place.town) facts.push([words("bring.fact.place"), placeText(piece.place, words)]);
  const choice = element("select", { "data-key": `theme|${file.name}|${piece.layer}|${piece.key}` },
    element("option", { value: "" }, words("bring.theme.none")),
    room.data.themes.map((theme) => element("option", { value: theme, selected: theme === piece.theme }, themeName(theme, words))));
  choice.addEventListener("change", () => change("assign", { name: file.name, layer: piece.layer, theme: choice.value }));
  const add = !piece.theme && piece.key && room.data.themes.includes(piece.key)
    ? button(words("bring.add", { theme: themeName(piece.key, words) }), () => change("assign", { name: file.name, layer: piece.layer, theme: piece.key }), { "data-key": `add|${file.name}|${piece.layer}|${piece.key}` })
    : null;
  return element("div", { class: "bring-piece" },
    element("dl", { class: "facts" }, facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    piece.crs_name === "" && piece.key === "models" ? element("p", { class: "faint" }, words("bring.model")) : labelled(words("bring.theme"), choice), add);
}

function creditForm(file, { room, words, credit }) {
  const said = file.credit;
  const field = (key, more = {}) => labelled(words(`bring.credit.${key}`), element("input", { value: said[key] ?? "", maxlength: 300, "data-key": `${key}|${file.name}`, ...more }));
  const id = `licences-${file.name}`;
  const licence = field("licence", { list: id });
  const options = element("datalist", { id }, [...LICENCES, words("bring.credit.own"), words("bring.credit.unknown")].map((one) => element("option", { value: one })));
  const attribution = field("attribution", { placeholder: "© Sundsvalls kommun" });
  const title = field("title", { placeholder: file.name });
  const date = field("date", { placeholder: "2024-05" });
  const kinds = [["", "bring.credit.real.unsaid"], ["true", "bring.credit.real.yes"], ["false", "bring.credit.real.no"]];
  const real = labelled(words("bring.credit.real"), element("select", { "data-key": `real|${file.name}` },
    kinds.map(([value, key]) => element("option", { value, selected: String(said.real) === value }, words(key)))));
  const said_ = (name) => ({
    name, title: name === file.name ? title.field.value : "", licence: licence.field.value, attribution: attribution.field.value, date: date.field.value,
    real: real.field.value === "" ? null : real.field.value === "true",
  });
  const keep = button(words("bring.credit.keep"), () => credit([said_(file.name)]), { "data-key": `credit|${file.name}` });
  const others = room.data.files.filter((one) => one.name !== file.name && !one.credit.licence && !one.fetched).map((one) => one.name);
  const all = others.length ? button(words("bring.credit.all"), () => credit([file.name, ...others].map(said_)), { class: "quiet" }) : null;
  return element("fieldset", {}, element("legend", {}, words("bring.credit")), element("p", { class: "faint" }, words("bring.credit.why")),
    licence, options, attribution, title, date, real, element("p", { class: "buttons" }, keep, all));
}

function legend(words) {
  return element("p", { class: "faint bring-legend" }, words("bring.legend"));
}

function boxOf(points) {
  if (!points.length) return null;
  const across = points.map(([x]) => x);
  const up = points.map(([, y]) => y);
  return [Math.min(...across), Math.min(...up), Math.max(...across), Math.max(...up)];
}

function corners([west, south, east, north]) {
  return [[west, south], [east, south], [east, north], [west, north]];
}

function middle([west, south, east, north]) {
  return [(west + east) / 2, (south + north) / 2];
}

function around([west, south, east, north]) {
  const room = 0.15 * Math.max(east - west, north - south);
  return [west - room, south - room, east + room, north + room];
}
