// Plans: what is planned, edited in its file; beside it today and planned, block by block.
import { button, element, labelled, mistake, tell } from "../dom.js";
import { follow } from "../jobs.js";
import { STYLES } from "../map_styles.js";
import { toCity, toMap } from "../plane.js";
import { boardCard, lookPictures, partName, wordField } from "./plan_parts.js";

const WIDEST = 512;
const STATUSES = ["", "idea", "consultation", "adopted", "building", "built", "paused"];
const NUMBERS = ["start_year", "done_year", "homes"];
const LONG = ["description", "description_en"];
const TEXTS = ["name", "name_en", "status", "start_year", "done_year", "homes", "description", "description_en", "url", "as_of"];
/** What can be drawn: its role in the file, how it is drawn, and what is said of it. */
const DRAWN = {
  building: { role: "building", form: "polygon", values: { floors: 4, height_m: "", roof_shape: "", use: "apartments" } },
  ground: { role: "ground", form: "polygon", values: { surface: "park" } },
  street: { role: "street", form: "line", values: { highway: "residential", width: "" } },
  water: { role: "water", form: "polygon", values: { level_m: "" } },
  tree: { role: "tree", form: "point", values: { species: "" } },
  demolish: { role: "demolish", form: "point", values: {} },
  "demolish.area": { role: "demolish", form: "polygon", values: {} },
};
const ALTERED = {
  building: ["floors", "height_m", "eaves_m", "roof_shape", "use", "height_datum_m"], ground: ["surface", "level_m"], street: ["highway", "width", "surface", "level_m"],
  water: ["level_m"], tree: ["species"], demolish: [], allowed: ["height_m", "floors", "eaves_m", "roof_angle"], info: [],
};

export async function show(place, { api, words, go, map: CityMap }) {
  const told = element("div", { class: "plans-told" });
  const tools = element("p", { class: "buttons" });
  const holder = element("div");
  const side = element("div", { class: "plans-side" });
  const below = element("div");
  const looks = element("section", { class: "card", "aria-labelledby": "plans-look" });
  const source = element("p", { class: "faint" });
  place.append(element("link", { rel: "stylesheet", href: "rooms/plans.css" }), element("h1", {}, words.both("plans.title")), element("p", {}, words("plans.lead")), told,
    element("div", { class: "columns" }, element("div", { class: "stays" }, tools, holder, source), side), looks, below);
  let state = await api.get("/api/plans");
  let layer = null;
  let part = null;
  let kind = "building";
  let option = "";
  let drawnFor = null;
  const leaving = new AbortController();

  const map = new CityMap(holder, words, { bounds: state.bounds, label: words("plans.map"), onpick: ({ item }) => choosePart(item.part) });
  const [west, south, east, north] = state.bounds;
  map.setLayer("ground", { silent: true, images: [{ url: "/api/plans/ground.png", bounds: state.bounds }] });
  map.setLayer("frame", { silent: true, style: "extent", polygons: [{ rings: [[[west, south], [east, south], [east, north], [west, north]]] }] });
  document.addEventListener("keydown", keys, { signal: leaving.signal });
  window.addEventListener("focus", lookAgain, { signal: leaving.signal });
  drawLooks();
  render();

  function development() {
    return state.developments.find(({ id }) => id === layer) ?? null;
  }

  /** Does something with the server; what was refused is said above the map, where the focus stays. */
  async function asked(work, done, stays = false, keep = false) {
    try {
      accept(await work(), stays, keep);
      told.replaceChildren();
      if (done) {
        told.replaceChildren(element("p", { class: "done" }, done));
        tell(done);
      }
      return true;
    } catch (error) {
      told.replaceChildren(mistake(error, words));
      if (error.status === 409) {
        accept(await api.get("/api/plans"));
        told.replaceChildren(element("p", { class: "warning", role: "alert" }, words("plans.changed")));
      }
      told.scrollIntoView({ block: "nearest" });
      return false;
    }
  }

  /** stays: whether the numbers of the parts are still those of before. */
  function accept(fresh, stays = false, keep = false) {
    const typed = keep ? typedTexts() : [];
    const began = !state.file && fresh.file;
    state = fresh;
    if (!development()) layer = null;
    part = (stays && state.features.find(({ key }) => part && key === part.key && key !== null)) || null;
    render(false);
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    if (began) window.dispatchEvent(new Event("project-changed"));
  }

  /** Who comes back from another window or from QGIS sees what stands now. */
  async function lookAgain() {
    const fresh = await api.get("/api/plans").catch(() => null);
    if (fresh && fresh.digest !== state.digest && !map.tool && !leaving.signal.aborted) accept(fresh, false, true);
  }

  function edit(change, done = words("plans.saved")) {
    return asked(() => api.post("/api/plans/edit", { digest: state.digest, edit: change }), done, !["remove", "rank"].includes(change.kind), change.kind !== "describe");
  }

  function step(name) {
    return asked(() => api.post(`/api/plans/${name}`, { digest: state.digest }), words(`plans.done.${name}`));
  }

  function keys(event) {
    const typing = event.target.closest?.("input, textarea, select");
    if (typing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const name = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!name) return;
    event.preventDefault();
    if (state[name] !== null) step(name);
  }

  /** All of the page is drawn anew from the state; the focus stays where it was, by name, and texts that are not saved yet where `keep` says so. */
  function render(keep = true) {
    const focused = document.activeElement?.id;
    const typed = keep && drawnFor === layer ? typedTexts() : [];
    drawnFor = layer;
    drawTools();
    drawMap();
    const found = development();
    side.replaceChildren(...(found ? drawDevelopment(found) : drawList()));
    below.replaceChildren(drawRemarks());
    source.textContent = state.file ? words("plans.file", { name: state.file }) : words("plans.sample");
    if (state.file && state.others.length) source.textContent += ` ${words("plans.others", { names: state.others.join(", ") })}`;
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  /** [id, text] of the fields of the board that say something else than the file. */
  function typedTexts() {
    const found = development();
    return TEXTS.map((name) => [name, document.getElementById(`plans-text-${name}`)])
      .filter(([name, field]) => field && found && field.value !== String(found[name] ?? "")).map(([, field]) => [field.id, field.value]);
  }

  function drawTools() {
    const one = (name) => {
      const said = state[name];
      const text = said && words.has(`plans.said.${said}`) ? words(`plans.${name}.what`, { what: words(`plans.said.${said}`) }) : words(`plans.${name}`);
      return button(text, () => step(name), { id: `plans-${name}`, disabled: said === null, class: "quiet", title: name === "undo" ? "Ctrl+Z" : "Ctrl+Y" });
    };
    tools.replaceChildren(one("undo"), one("redo"), button(words("plans.next"), () => go("build"), { id: "plans-next", class: "quiet" }));
    if (state.fault) {
      tools.before(mistakeOnce());
    } else place.querySelector(".plans-fault")?.remove();
  }

  function mistakeOnce() {
    place.querySelector(".plans-fault")?.remove();
    const box = mistake(Object.assign(new Error(state.fault.error), { status: 400, hint: state.fault.hint }), words);
    box.classList.add("plans-fault");
    return box;
  }

  function drawMap() {
    const drawn = { polygons: [], lines: [], points: [] };
    const dimmed = layer !== null;
    for (const one of state.features) {
      const own = state.developments.find(({ id }) => id === one.layer);
      if (!isSeen(one, own)) continue;
      const style = styleOf(one, own, dimmed && one.layer !== layer);
      for (const rings of one.areas) drawn.polygons.push({ rings, style, part: one });
      for (const points of one.lines) drawn.lines.push({ points, style, part: one });
      for (const at of one.points) {
        const label = one.role === "info" && (!dimmed || one.layer === layer) ? own?.name : null;
        drawn.points.push({ at, style, part: one, label, radius: one.role === "tree" ? 3 : 6 });
      }
    }
    map.setLayer("plans", drawn);
    const chosen = part ? {
      style: "chosen", silent: true, polygons: part.areas.map((rings) => ({ rings })), lines: part.lines.map((points) => ({ points })),
      points: part.points.map((at) => ({ at, radius: 9 })),
    } : { silent: true };
    map.setLayer("part", chosen);
  }

  function styleOf(one, own, dim) {
    if (one.role === "demolish") return "demolished";
    const name = `plan-${own?.colour}-${one.role}-${dim}`;
    const fill = { building: "cc", ground: "40", water: "55", allowed: "22", street: "55" }[one.role] ?? "99";
    const colour = own?.colour ?? "#55626c";
    STYLES[name] ??= { line: dim ? `${colour}70` : colour, fill: `${colour}${dim ? "25" : fill}`, width: one.role === "street" ? 4 : 1.5 };
    return name;
  }

  function drawList() {
    const rows = state.developments.map((one) => {
      const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = one.colour;
      const count = state.features.filter((feature) => feature.layer === one.id && feature.role !== "info").length;
      const years = [one.start_year, one.done_year].filter((year) => year).join("–");
      const status = one.status && words.has(`plans.status.${one.status}`) ? words(`plans.status.${one.status}`) : one.status;
      const facts = [status, years, words("plans.parts", { count })].filter(Boolean).join(" · ");
      const left = one.built ? (one.own || !state.file ? null : words("plans.theirs")) : words(one.empty ? "plans.empty" : "plans.outside");
      return element("li", {}, swatch, button(one.name, () => open(one.id), { id: `plans-open-${one.id}`, class: "name" }),
        element("span", { class: "faint" }, facts), left ? element("span", { class: "left" }, left) : null);
    });
    const name = element("input", { type: "text", id: "plans-new-name", maxlength: "200", required: true });
    const begin = async (at) => {
      if (!name.reportValidity() || !at) return;
      const before = new Set(state.developments.map(({ id }) => id));
      const text = name.value;
      if (await edit({ kind: "begin", name: text, at })) open(state.developments.find(({ id }) => !before.has(id))?.id ?? null);
    };
    return [element("section", { class: "card" }, element("h2", {}, words.both("plans.list")),
      rows.length ? element("ol", { class: "plans-list" }, rows) : element("p", {}, words("plans.none")),
      rows.length > 1 ? element("p", { class: "faint" }, words("plans.rank")) : null),
    element("form", { class: "card", onsubmit: (event) => event.preventDefault() }, element("h2", {}, words.both("plans.new")), labelled(words("plans.new.name"), name),
      element("p", { class: "buttons" }, button(words("plans.new.make"), async () => name.reportValidity() && begin(await map.drawPoint()), { class: "main", id: "plans-new" }),
        button(words("plans.new.middle"), () => begin([...map.middle]), { id: "plans-new-middle" })))];
  }

  function open(id) {
    [layer, part, option] = [id, null, ""];
    const found = development();
    if (found && found.variants[0]) [option] = found.variants;
    render();
    const heading = side.querySelector("h2");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    const boxes = state.features.filter((one) => one.layer === id).map(({ box }) => box);
    if (boxes.length) {
      const [xs, ys] = [boxes.flatMap(([x0, , x1]) => [x0, x1]), boxes.flatMap(([, y0, , y1]) => [y0, y1])];
      map.fit([Math.min(...xs) - 40, Math.min(...ys) - 40, Math.max(...xs) + 40, Math.max(...ys) + 40]);
    }
  }

  function choosePart(found) {
    if (found.layer !== layer) open(found.layer);
    part = found.key === null ? null : found;
    render();
    side.querySelector(".part")?.scrollIntoView({ block: "nearest" });
    tell(words("plans.part.chosen", { what: partName(found, words) }));
  }

  function drawDevelopment(found) {
    const changeable = found.own || !state.file;
    return [element("p", { class: "buttons" }, button(`← ${words("plans.back")}`, () => {
      open(null);
      map.fit();
    }, { class: "quiet", id: "plans-back" })),
    ...(part ? [drawPart(found)] : []),
    ...(changeable ? [drawTexts(found), drawDrawing(found), drawOptions(found)] : [element("p", { class: "warning" }, words("plans.theirs"))]),
    ...(found.built ? [boardCard(found, words)] : []), drawParts(found)];
  }

  /** Whether a part is of the alternative that is worked on; of other developments the first is shown. */
  function isSeen(one, own) {
    const shown = one.layer === layer ? option : own?.variants[0];
    return !one.variant || !shown || one.variant === shown;
  }

  function drawTexts(found) {
    const fields = Object.fromEntries(TEXTS.map((name) => {
      const value = found[name] ?? "";
      const id = `plans-text-${name}`;
      if (name === "status") return [name, element("select", { id }, STATUSES.map((one) => element("option", { value: one, selected: one === value }, words(`plans.status.${one}`))))];
      if (LONG.includes(name)) return [name, element("textarea", { id, rows: "4", maxlength: "4000", value })];
      const number = NUMBERS.includes(name);
      return [name, element("input", { id, type: number ? "number" : "text", min: number ? "0" : null, step: number ? "1" : null, maxlength: number ? null : "500", value: String(value) })];
    }));
    const save = (event) => {
      event.preventDefault();
      const values = {};
      for (const [name, field] of Object.entries(fields)) {
        const value = field.value.trim();
        if (value !== String(found[name] ?? "").trim()) values[name] = value === "" ? null : value;
      }
      edit({ kind: "describe", layer, values });
    };
    const line = (name) => labelled(words(`plans.${name}`), fields[name]);
    const own = state.developments.filter(({ built }) => built);
    const place_ = own.findIndex(({ id }) => id === layer);
    const rank = found.built && own.length > 1 && state.can_order ? [
      button(words("plans.up"), () => edit({ kind: "rank", layer, later: false }), { id: "plans-up", class: "quiet", disabled: place_ === 0 }),
      button(words("plans.down"), () => edit({ kind: "rank", layer, later: true }), { id: "plans-down", class: "quiet", disabled: place_ === own.length - 1 })] : [];
    return element("form", { class: "card", onsubmit: save }, element("h2", {}, found.name), line("name"), line("status"),
      element("div", { class: "pair" }, line("start_year"), line("done_year"), line("homes")), line("description"),
      element("details", {}, element("summary", {}, words("plans.more")), line("name_en"), line("description_en"), line("url"), line("as_of"),
        element("p", { class: "buttons" }, rank)),
      element("p", { class: "buttons" }, element("button", { type: "submit", class: "main", id: "plans-save" }, words("plans.save")),
        sure(words("plans.remove.layer"), () => edit({ kind: "remove", layer }, words("plans.saved")), "plans-remove-layer")));
  }

  /** A button that asks once more where it stands. */
  function sure(text, work, id) {
    let armed = false;
    const made = button(text, () => {
      if (armed) {
        work();
        return;
      }
      armed = true;
      made.textContent = words("plans.remove.sure");
      tell(made.textContent);
    }, { class: "quiet", id });
    made.addEventListener("blur", () => {
      armed = false;
      made.textContent = text;
    });
    return made;
  }

  function drawDrawing(found) {
    const wanted = DRAWN[kind];
    const choice = element("select", { id: "plans-kind", onchange: () => {
      kind = choice.value;
      card.replaceWith(drawDrawing(found));
      document.getElementById("plans-kind").focus();
    } }, Object.keys(DRAWN).map((one) => element("option", { value: one, selected: one === kind }, words(`plans.role.${one}`))));
    const fields = Object.fromEntries(Object.entries(wanted.values).map(([name, value]) => [name, wordField(name, value, words)]));
    const options = optionField(found);
    const numbers = numberFields();
    const values = () => {
      const out = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value === "" ? null : field.value]).filter(([, value]) => value !== null));
      if (options?.value) out.variant = options.value;
      return out;
    };
    const draw = async () => {
      const tool = { polygon: "drawPolygon", line: "drawLine", point: "drawPoint" }[wanted.form];
      const said = values();
      const found_ = await map[tool]();
      if (found_) await edit({ kind: "draw", layer, role: wanted.role, form: wanted.form, points: wanted.form === "point" ? [found_] : found_, values: said });
    };
    const place_ = () => {
      const value = (name) => Number(numbers[name].value);
      const [x, y] = toCity(state, [value("east"), value("north")]);
      const [wide, high] = [value("wide") / 2, value("high") / 2];
      const points = { point: [[x, y]], line: [[x - wide, y - high], [x + wide, y + high]],
        polygon: [[x - wide, y - high], [x + wide, y - high], [x + wide, y + high], [x - wide, y + high]] }[wanted.form];
      edit({ kind: "draw", layer, role: wanted.role, form: wanted.form, points, values: values() });
    };
    const card = element("section", { class: "card" }, element("h2", {}, words.both("plans.draw")), labelled(words("plans.draw.what"), choice),
      element("p", { class: "faint" }, words(`plans.hint.${kind}`)),
      element("div", { class: "pair" }, Object.entries(fields).map(([name, field]) => labelled(words(`plans.value.${name}`), field))),
      options ? labelled(words("plans.option"), options) : null,
      element("p", { class: "buttons" }, button(words("plans.draw.onmap"), draw, { class: "main", id: "plans-draw" })),
      element("details", {}, element("summary", {}, words("plans.draw.numbers")),
        element("div", { class: "pair" }, Object.entries(numbers).filter(([name]) => wanted.form !== "point" || name === "east" || name === "north")
          .map(([name, field]) => labelled(words(`plans.draw.${name}`), field))),
        button(words("plans.draw.place"), place_, { id: "plans-place" })));
    return card;
  }

  function optionField(found) {
    if (!found.variants[0]) return null;
    const field = element("select", { id: "plans-option", onchange: () => {
      option = field.value;
      drawMap();
    } },
      ["", ...found.variants].map((one) => element("option", { value: one, selected: one === option }, one || words("plans.option.all"))));
    return field;
  }

  function numberFields() {
    const [right, up] = map.middle;
    const middle = toMap(state, [right, up]).map(Math.round);
    const values = { east: middle[0], north: middle[1], wide: 20, high: 12 };
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, element("input", { type: "number", step: "any", id: `plans-number-${name}`, value: String(value) })]));
  }

  function drawOptions(found) {
    const name = element("input", { type: "text", id: "plans-option-name", pattern: "[a-z0-9_]+", maxlength: "20" });
    const from = element("select", { id: "plans-option-from" }, found.variants.map((one) => element("option", { value: one }, one || words("plans.option.only"))));
    const change = (copied) => () => name.value && name.reportValidity() && edit({ kind: "option", layer, option: from.value, name: name.value, copied });
    return element("details", { class: "card" }, element("summary", {}, `${words("plans.option")}: ${found.variants.filter(Boolean).join(", ") || words("plans.option.only")}`),
      labelled(words("plans.option"), from), labelled(words("plans.option.name"), name),
      element("p", { class: "buttons" }, button(words("plans.option.copy"), change(true), { id: "plans-option-copy" }),
        found.variants[0] ? button(words("plans.option.rename"), change(false), { id: "plans-option-rename" }) : null));
  }

  function drawParts(found) {
    const own = state.features.filter((one) => one.layer === found.id);
    return element("details", { class: "card" }, element("summary", {}, `${words("plans.partlist")} (${own.length})`),
      element("ul", { class: "plans-parts" }, own.map((one, number) => element("li", {}, button(partName(one, words), () => {
        choosePart(one);
        const [x0, y0, x1, y1] = one.box;
        map.middle = [(x0 + x1) / 2, (y0 + y1) / 2];
        map.draw();
      }, { class: "quiet", id: `plans-part-${one.key ?? `n${number}`}`, "aria-pressed": part?.key === one.key && one.key !== null ? "true" : "false" })))));
  }

  function drawPart(found) {
    const names = ALTERED[part.role] ?? [];
    const fields = Object.fromEntries(names.map((name) => [name, wordField(name, part.values[name] ?? "", words, "part")]));
    const options = found.variants[0] && part.role !== "info"
      ? element("select", { id: "plans-part-option" }, ["", ...found.variants].map((one) => element("option", { value: one, selected: one === part.variant }, one || words("plans.option.all")))) : null;
    const [right, up] = ["right", "upward"].map((name) => element("input", { type: "number", step: "any", value: "0", id: `plans-move-${name}` }));
    const move = (by) => edit({ kind: "move", keys: [part.key], by });
    const save = (event) => {
      event.preventDefault();
      const values = {};
      for (const [name, field] of Object.entries(fields)) if (field.value !== String(part.values[name] ?? "")) values[name] = field.value === "" ? null : field.value;
      if (options && options.value !== part.variant) values.variant = options.value || null;
      if (Object.keys(values).length) edit({ kind: "alter", keys: [part.key], values });
    };
    const moveTo = async () => {
      const [x0, y0, x1, y1] = part.box;
      const at = await map.drawPoint();
      if (at) move([at[0] - (x0 + x1) / 2, at[1] - (y0 + y1) / 2]);
    };
    return element("form", { class: "card part", onsubmit: save }, element("h2", {}, words("plans.part.chosen", { what: partName(part, words) })),
      element("div", { class: "pair" }, Object.entries(fields).map(([name, field]) => labelled(words(`plans.value.${name}`), field)), options ? labelled(words("plans.option"), options) : null),
      names.length || options ? element("p", { class: "buttons" }, element("button", { type: "submit", class: "main", id: "plans-part-save" }, words("plans.save"))) : null,
      element("div", { class: "pair" }, labelled(words("plans.part.right"), right), labelled(words("plans.part.upward"), up)),
      element("p", { class: "buttons" }, button(words("plans.part.domove"), () => move([Number(right.value), Number(up.value)]), { id: "plans-move" }),
        button(words("plans.part.moveto"), moveTo, { id: "plans-moveto" }),
        sure(words("plans.part.remove"), () => edit({ kind: "remove", keys: [part.key] }), "plans-part-remove")));
  }

  function drawRemarks() {
    const all = [...state.remarks, ...state.skipped];
    return all.length ? element("details", { class: "card" }, element("summary", {}, `${words("plans.remarks")} (${all.length})`), element("ul", {}, all.map((text) => element("li", {}, text)))) : element("div");
  }

  /** What the map shows, or its middle, inside the frame. */
  function lookBounds() {
    const [x0, y1] = map.toCity([0, 0]);
    const [x1, y0] = map.toCity(map.size);
    const cut = (low, high, least, most) => {
      const [from, to] = [Math.max(low, least), Math.min(high, most)];
      const middle = (from + to) / 2;
      return to - from > WIDEST ? [middle - WIDEST / 2, middle + WIDEST / 2] : [from, to];
    };
    const [left, right] = cut(x0, x1, state.bounds[0], state.bounds[2]);
    const [low, high] = cut(y0, y1, state.bounds[1], state.bounds[3]);
    return [left, low, right, high];
  }

  function drawLooks() {
    const only = element("select", { id: "plans-look-which" }, ["all", "this"].map((one) => element("option", { value: one }, words(`plans.look.${one}`))));
    const work = element("div");
    const pictures = element("div");
    const zoom = element("p", { class: "faint", role: "status" });
    STYLES.looked ??= { line: "#0a5c8c", width: 2, dash: [3, 4] };
    const draw = async () => {
      const bounds = lookBounds();
      const [left, low, right, high] = bounds;
      const wider = Math.max(map.size[0], map.size[1]) / map.scale > WIDEST && Math.max(right - left, high - low) >= WIDEST;
      zoom.textContent = wider ? words("plans.look.zoom") : "";
      map.setLayer("look", { silent: true, style: "chosen", polygons: [{ rings: [[[left, low], [right, low], [right, high], [left, high]]], style: "looked" }] });
      work.replaceChildren();
      try {
        const { job } = await api.post("/api/plans/look", { bounds, shown: only.value === "this" && layer ? [option ? `${layer}/${option}` : layer] : [] });
        const done = await follow(work, job, words, leaving.signal);
        if (done.state === "done") {
          work.replaceChildren();
          pictures.replaceChildren(lookPictures(done.result, words));
        }
      } catch (error) {
        work.replaceChildren(mistake(error, words));
      }
    };
    looks.append(element("h2", { id: "plans-look" }, words.both("plans.look")), element("p", { class: "faint" }, words("plans.look.lead")),
      labelled(words("plans.look.planned"), only), element("p", { class: "buttons" }, button(words("plans.look.draw"), draw, { class: "main", id: "plans-look-draw" })), zoom, work, pictures);
  }

  return () => {
    leaving.abort();
    map.destroy();
  };
}
