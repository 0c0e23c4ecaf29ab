// An opened world for other programs: which format, which part of it, and what came of it.
import { button, element, labelled } from "../dom.js";
import { Edited } from "../map_tools.js";
import { toCity, toMap } from "../plane.js";

/** A card for it. told: formats and what a print is made with; worked: begins long work and shows it in a lane. */
export function exportCard(one, world, { words, map: CityMap, told, worked, showFolder, signal }) {
  const lane = element("div");
  const said = element("div", { role: "status" });
  const part = new Part(one, world, { words, CityMap, worked });
  signal.addEventListener("abort", () => part.destroy());
  const kinds = told.formats.map(({ name, printed }, number) => {
    const radio = element("input", { type: "radio", name: "export-kind", value: name, checked: number === 0, onchange: judge, "aria-describedby": `export-what-${name}` });
    return { name, printed, radio, row: element("div", { class: "format" }, checkOf(formatWord(name, "name") ?? name, radio),
      element("p", { class: "faint", id: `export-what-${name}` }, formatWord(name, "what") ?? words("worlds.export.unknown"))) };
  });
  const printing = printFields();
  const takes = element("p", { class: "faint" });
  const start = button(words("worlds.export.start"), begin, { class: "main", id: "worlds-export" });
  judge();
  return element("section", { class: "card export" }, element("h2", {}, words.both("worlds.export")), element("p", {}, words("worlds.export.lead")),
    element("fieldset", {}, element("legend", {}, words("worlds.export.format")), kinds.map(({ row }) => row)),
    printing.box, part.box, takes, element("p", { class: "buttons" }, start), lane, said);

  function formatWord(name, what) {
    const key = `worlds.export.${what}.${name}`;
    return words.has(key) ? words(key) : null;
  }

  function chosen() {
    return kinds.find(({ radio }) => radio.checked);
  }

  function judge() {
    const kind = chosen();
    printing.box.hidden = !kind.printed || !told.printer;
    takes.hidden = kind.name !== "web";
    takes.textContent = words("worlds.export.takes", { time: words.duration(world.seconds) });
  }

  /** What a print is made with, as the program has it until somebody says otherwise. */
  function printFields() {
    const usual = told.printer ?? { scale: 1000, bed: [200, 200], clearance: 0.2 };
    const field = (value, least, most, step) => element("input", { type: "number", value: String(value), min: least, max: most, step });
    const fields = { scale: field(usual.scale, 50, 200000, "any"), wide: field(usual.bed[0], 60, 2000, "any"), deep: field(usual.bed[1], 60, 2000, "any"), clearance: field(usual.clearance, 0, 1, "any") };
    return {
      box: element("fieldset", { class: "numbers" }, element("legend", {}, words("worlds.export.print")),
        Object.entries(fields).map(([name, one]) => labelled(words(`worlds.export.print.${name}`), one))),
      value: () => ({ scale: Number(fields.scale.value), bed: [Number(fields.wide.value), Number(fields.deep.value)], clearance: Number(fields.clearance.value) }),
      fault: () => Object.values(fields).find((one) => !one.reportValidity()),
    };
  }

  async function begin() {
    const kind = chosen();
    said.replaceChildren();
    if (!printing.box.hidden && printing.fault()) return;
    const asked = { id: one.id, kind: kind.name, area: part.value(), printer: printing.box.hidden ? null : printing.value() };
    start.disabled = true;
    const result = await worked(lane, "/api/worlds/export", asked);
    start.disabled = false;
    if (!result) {
      start.focus();
      return;
    }
    const done = element("p", { class: "done", tabindex: "-1" }, words("worlds.export.done", { folder: result.folder }));
    said.replaceChildren(done, element("ul", {}, result.files.map(({ name, bytes }) => element("li", {}, `${name} (${words.bytes(bytes)})`))),
      kind.name === "web" ? element("p", {}, words("worlds.export.usb")) : "",
      element("p", { class: "buttons" }, button(words("worlds.show"), () => showFolder({ what: "export", name: result.folder }), { class: "quiet", "aria-label": `${words("worlds.show")}: ${result.folder}` })));
    done.focus();
  }
}

function checkOf(text, field) {
  const label = labelled(text, field);
  label.className = "check";
  return label;
}

/** A part of a world, chosen on its map or in numbers; all of it until somebody asks for the map. */
class Part {
  constructor(one, world, { words, CityMap, worked }) {
    Object.assign(this, { one, world, words, CityMap, worked });
    this.bounds = world.plane;
    this.place = { origin: world.frame.origin, turn_deg: world.frame.turn_deg ?? 0 };
    this.lane = element("div");
    this.inside = element("div");
    this.whole = element("input", { type: "checkbox", checked: true, id: "export-whole", onchange: () => this.#switched() });
    this.box = element("div", { class: "part-of-world" }, checkOf(words("worlds.export.whole"), this.whole), this.lane, this.inside);
  }

  value() {
    return this.whole.checked ? null : this.bounds;
  }

  async #switched() {
    this.inside.hidden = this.whole.checked;
    if (this.whole.checked || this.inside.firstChild) return;
    this.whole.disabled = true;
    const result = await this.worked(this.lane, "/api/worlds/plan", { id: this.one.id });
    this.whole.disabled = false;
    if (result) this.#draw(result);
    else this.whole.checked = true;
  }

  #draw({ picture, bounds }) {
    const { words, world } = this;
    const holder = element("div");
    this.fields = Object.fromEntries(["east", "north", "wide", "high"].map((name) => [name,
      element("input", { type: "number", step: "1", inputmode: "numeric", min: name === "wide" || name === "high" ? "16" : null, "data-export": name, onchange: () => this.#typed() })]));
    this.map = new this.CityMap(holder, words, { bounds: world.plane, label: words("worlds.export.map") });
    this.map.edited = new Edited(this.#beginning(), (moved) => this.#moved(moved));
    this.map.setLayer("picture", { silent: true, images: [{ url: `/api/worlds/picture/${picture}?${Date.now()}`, bounds }] });
    const keys = element("input", { type: "checkbox", onchange: () => {
      this.map.edited.active = keys.checked;
      if (keys.checked) this.map.canvas.focus();
    } });
    this.inside.replaceChildren(holder, element("p", { class: "buttons" },
      button(words("choose.draw"), async () => {
        const drawn = await this.map.drawRectangle();
        if (drawn) this.map.edited.set(drawn);
      }), checkOf(words("choose.keys"), keys)),
    element("fieldset", { class: "numbers" }, element("legend", {}, words("choose.numbers")),
      Object.entries(this.fields).map(([name, field]) => labelled(words(`choose.${name}`), field)),
      element("p", { class: "faint" }, words("choose.crs", { crs: world.crs }))));
    this.#moved(this.map.edited.bounds);
  }

  /** The middle half of the world. */
  #beginning() {
    const [west, south, east, north] = this.world.plane;
    const [wide, high] = [(east - west) / 4, (north - south) / 4];
    return [west + wide, south + high, east - wide, north - high];
  }

  #moved(bounds) {
    this.bounds = bounds;
    this.map.draw();
    const [west, south, east, north] = bounds;
    const middle = toMap(this.place, [(west + east) / 2, (south + north) / 2]);
    const values = { east: middle[0], north: middle[1], wide: east - west, high: north - south };
    for (const [name, field] of Object.entries(this.fields)) if (field !== document.activeElement) field.value = String(Math.round(values[name]));
  }

  #typed() {
    const value = Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, Number(field.value)]));
    if (!(value.wide > 0 && value.high > 0)) return;
    const [right, up] = toCity(this.place, [value.east, value.north]);
    this.map.edited.set([right - value.wide / 2, up - value.high / 2, right + value.wide / 2, up + value.high / 2]);
  }

  destroy() {
    this.map?.destroy();
  }
}
