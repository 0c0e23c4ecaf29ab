// Saved worlds: facts, layers with switches, map, hand-out, and what came back from a class.
import { button, element, labelled, mistake, tell } from "../dom.js";
import { follow } from "../jobs.js";
import { exportCard } from "./exporting.js";
import { filesIn, filesOf, sendAll } from "./sending.js";

const GROUPS = ["built", "brought", "java", "bedrock", "education"];
const ALIVE = ["running", "paused", "stopping"];

export async function show(place, { api, words, map }) {
  const leaving = new AbortController();
  const told = element("div");
  const busy = element("div");
  const inside = element("div");
  place.append(element("link", { rel: "stylesheet", href: "rooms/worlds.css" }), element("h1", {}, words.both("worlds.title")), element("p", {}, words("worlds.lead")), told, busy, inside);
  let state = await api.get("/api/worlds");
  showList();
  if (state.job && ALIVE.includes(state.job.state)) followOther(state.job.number);

  /** Work that another window or room began. */
  async function followOther(number) {
    const lane = element("div", { class: "card" });
    busy.replaceChildren(element("p", { class: "faint" }, words("worlds.other")), lane);
    try {
      await follow(lane, number, words, leaving.signal);
      busy.replaceChildren();
      await refresh();
    } catch (error) {
      busy.replaceChildren(mistake(error, words));
    }
  }

  async function refresh() {
    state = await api.get("/api/worlds");
    showList();
  }

  /** Begins long work and shows it in a lane; what it came to, or null. Faults are said there. */
  async function worked(lane, path, asked) {
    lane.replaceChildren();
    try {
      const { job } = await api.post(path, asked);
      const done = await follow(lane, job, words, leaving.signal);
      if (done.state !== "done") return null;
      lane.replaceChildren();
      return done.result;
    } catch (error) {
      lane.replaceChildren(mistake(error, words));
      return null;
    }
  }

  function showList() {
    const groups = GROUPS.map((where) => {
      const worlds = state.worlds.filter((one) => one.where === where);
      if (!worlds.length) return null;
      return element("section", { class: "card" }, element("h2", {}, words.both(`worlds.where.${where}`)),
        element("ul", { class: "worlds-list" }, worlds.map((one) => element("li", {}, element("span", {}, element("strong", {}, one.name), " ",
          element("span", { class: "faint" }, words(`worlds.kind.${one.kind}`))),
        button(words("worlds.open"), () => open(one), { "aria-label": `${words("worlds.open")} ${one.name}, ${words(`worlds.kind.${one.kind}`)}`, "data-world": one.name })))));
    }).filter(Boolean);
    inside.replaceChildren(element("div", { class: "two" },
      element("div", {}, groups.length ? groups : element("p", { class: "card" }, words("worlds.none"))),
      element("div", {}, bringCard(), returnedCard())));
  }

  function bringCard() {
    const going = element("p", { role: "status" });
    const field = element("input", { type: "file", multiple: true, accept: ".mcworld,.zip", id: "worlds-files", onchange: () => send(filesOf(field.files)) });
    const send = async (files) => {
      if (!files.length) return;
      told.replaceChildren();
      try {
        await sendAll(api, files, (share, name) => {
          going.textContent = name === null ? "" : words("worlds.bring.going", { name, share: Math.round(100 * share) });
        }, leaving.signal, "worlds");
        await refresh();
        told.replaceChildren(element("p", { class: "done" }, words("worlds.bring.done", { count: files.length })));
        tell(words("worlds.bring.done", { count: files.length }));
      } catch (error) {
        if (error.name === "AbortError") return;
        going.textContent = "";
        told.replaceChildren(mistake(error, words));
      }
    };
    const card = element("section", { class: "card drop" }, element("h2", {}, words.both("worlds.bring")), element("p", {}, words("worlds.bring.lead")),
      labelled(words("worlds.bring.files"), field), going);
    card.addEventListener("dragover", (event) => {
      event.preventDefault();
      card.classList.add("over");
    });
    card.addEventListener("dragleave", () => card.classList.remove("over"));
    card.addEventListener("drop", async (event) => {
      event.preventDefault();
      card.classList.remove("over");
      send(await filesIn(event.dataTransfer));
    });
    return card;
  }

  function returnedCard() {
    const bases = state.worlds.filter(({ where }) => where === "built").slice(0, 1);
    const brought = state.worlds.filter(({ where }) => where !== "built");
    const base = element("select", { id: "worlds-base" }, bases.map((one) => element("option", { value: one.id }, one.name)));
    const boxes = brought.map((one) => {
      const box = element("input", { type: "checkbox", value: one.id });
      const label = labelled(`${one.name} (${words(`worlds.where.${one.where}`)})`, box);
      label.className = "check";
      return { box, label };
    });
    const lane = element("div");
    const found = element("div");
    const run = async (force) => {
      const returned = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
      if (!returned.length) {
        lane.replaceChildren(element("p", { class: "warning", role: "alert" }, words("worlds.returned.one")));
        return;
      }
      const result = await worked(lane, "/api/worlds/harvest", { base: base.value, returned, force });
      if (result) found.replaceChildren(...gathered(result));
      else if (lane.querySelector(".mistake") && state.report && !force) lane.append(button(words("worlds.returned.again"), () => run(true), { id: "worlds-harvest-again" }));
    };
    const report = () => element("p", { class: "buttons" }, element("a", { class: "button", href: "/api/worlds/report", target: "_blank", rel: "noopener" }, words("worlds.report")),
      button(words("worlds.show"), () => showFolder({ what: "ideas" }), { class: "quiet" }));
    const gathered = (result) => [element("p", { class: "done", tabindex: "-1" }, words("worlds.returned.done", { worlds: result.worlds, proposals: result.proposals.length })),
      ...result.left_out.map(([name, why]) => element("p", { class: "warning" }, words("worlds.returned.left", { name, why }))), report(), proposalsTable(result.proposals)];
    const usable = bases.length && brought.length;
    if (state.report) found.append(report());
    return element("section", { class: "card" }, element("h2", {}, words.both("worlds.returned")), element("p", {}, words("worlds.returned.lead")),
      bases.length ? labelled(words("worlds.returned.base"), base) : element("p", { class: "faint" }, words("worlds.returned.nobase")),
      brought.length ? element("fieldset", {}, element("legend", {}, words("worlds.returned.which")), boxes.map(({ label }) => label))
        : element("p", { class: "faint" }, words("worlds.returned.nobrought")),
      usable ? element("p", { class: "buttons" }, button(words("worlds.returned.start"), () => run(false), { class: "main", id: "worlds-harvest" })) : null, lane, found);
  }

  function proposalsTable(proposals) {
    const head = ["proposal", "proposal.kind", "proposal.class", "proposal.size", "proposal.on"];
    return proposals.length ? element("table", {}, element("thead", {}, element("tr", {}, head.map((key) => element("th", { scope: "col" }, words(`worlds.${key}`))))),
      element("tbody", {}, proposals.map((one) => element("tr", {}, element("td", {}, String(one.number)), element("td", {}, one.kind[words.language]), element("td", {}, one.class),
        element("td", {}, words("worlds.proposal.height", { height: words.number(one.height_m, 1), area: words.number(one.area_m2) })), element("td", {}, one.on.join(", ")))))) : null;
  }

  async function showFolder(asked) {
    try {
      await api.post("/api/worlds/show", asked);
    } catch (error) {
      told.replaceChildren(mistake(error, words));
    }
  }

  async function open(one) {
    told.replaceChildren();
    inside.replaceChildren(element("p", { role: "status" }, words("worlds.opening", { name: one.name })));
    try {
      showWorld(one, await api.get(`/api/worlds/one/${one.id}`));
    } catch (error) {
      await refresh();
      told.replaceChildren(mistake(error, words));
    }
  }

  function showWorld(one, world) {
    const heading = element("h2", { tabindex: "-1", class: "world-name" }, world.city ?? world.name);
    inside.replaceChildren(element("p", { class: "buttons" }, button(`← ${words("worlds.close")}`, refresh, { class: "quiet", id: "worlds-close" }),
      button(words("worlds.show"), () => showFolder({ what: "world", id: one.id }), { class: "quiet" })), heading,
    element("div", { class: "two" },
      element("div", {}, world.ours ? layersCard(one, world) : element("p", { class: "warning" }, words("worlds.notours")), world.ours ? packCard(one) : null),
      element("div", {}, factsCard(world), mapCard(one, world))),
    world.ours ? exportCard(one, world, { words, map, told: state, worked, showFolder, signal: leaving.signal }) : "");
    heading.focus();
  }

  function factsCard(world) {
    const facts = [["where", world.path]];
    if (world.ours) {
      const [x0, z0, x1, z1] = world.blocks;
      facts.unshift(["city", world.city], ["size", words("worlds.blocks", { wide: words.number(x1 - x0), high: words.number(z1 - z0) })], ["crs", world.crs],
        ["saved", world.saved.map((line) => line.replace(/^saved by: /, "")).join("; ")]);
    }
    const source = ({ title, licence, attribution, real }) => element("li", {}, [title, licence, attribution].filter(Boolean).join(" · "),
      real === false ? element("em", {}, ` (${words("worlds.made_up")})`) : null);
    return element("section", { class: "card" }, element("h2", {}, words.both("worlds.facts")),
      element("dl", { class: "world-facts" }, facts.flatMap(([key, value]) => [element("dt", {}, words(`worlds.fact.${key}`)), element("dd", {}, value)])),
      world.ours ? element("details", {}, element("summary", {}, words("worlds.sources")), element("ul", {}, world.sources.map(source))) : null);
  }

  function layersCard(one, world) {
    const lane = element("div");
    const said = element("div", { role: "status" });
    const rows = world.layers.map((layer) => {
      const now = layer.options.find(({ shown }) => shown)?.id ?? "";
      const choices = [{ id: "", name: words("worlds.today") }, ...layer.options.map(({ id, name }) => ({ id, name: name ? `${words("worlds.planned")} ${name.toUpperCase()}` : words("worlds.planned") }))];
      const radios = choices.map(({ id, name }) => {
        const radio = element("input", { type: "radio", name: `layer-${layer.id}`, value: id, checked: id === now, onchange: () => change(layer, id) });
        const label = labelled(name, radio);
        label.className = "check";
        return label;
      });
      return element("fieldset", { class: "layer" }, element("legend", {}, layer.name), element("div", { class: "radios" }, radios));
    });
    const change = async (layer, option) => {
      const focused = `input[name="layer-${layer.id}"][value="${option}"]`;
      for (const fieldset of card.querySelectorAll("fieldset")) fieldset.disabled = true;
      const result = await worked(lane, "/api/worlds/switch", { id: one.id, layer: layer.id, option });
      const fault = [...lane.childNodes];
      let fresh = world;
      try {
        fresh = await api.get(`/api/worlds/one/${one.id}`);
      } catch (error) {
        fault.push(mistake(error, words));
      }
      const again = layersCard(one, fresh);
      card.replaceWith(again);
      again.querySelector(".lane").replaceChildren(...fault);
      if (result) again.querySelector(".said").replaceChildren(...switched(result));
      again.querySelector(focused)?.focus();
    };
    const switched = (result) => {
      const text = words("worlds.switched", { count: words.number(result.changed) });
      tell(text);
      return [element("p", { class: "done" }, text), result.backup ? element("p", {}, words("worlds.backup", { name: result.backup })) : null,
        result.strange ? element("p", { class: "warning" }, words("worlds.strange", { count: words.number(result.strange) })) : null,
        result.missing ? element("p", { class: "warning" }, words("worlds.missing", { count: words.number(result.missing) })) : null].filter(Boolean);
    };
    lane.className = "lane";
    said.className = "said";
    const card = element("section", { class: "card layers" }, element("h2", {}, words.both("worlds.layers")),
      element("p", { class: "faint" }, words(rows.length ? "worlds.layers.lead" : "worlds.layers.none")), lane, said, rows);
    return card;
  }

  function mapCard(one, world) {
    const lane = element("div");
    const picture = element("div");
    const draw = async (layers) => {
      const result = await worked(lane, "/api/worlds/map", { id: one.id, layers });
      if (result) picture.replaceChildren(element("img", { class: "picture", src: `/api/worlds/picture/${result.picture}?${Date.now()}`, alt: words("worlds.map.alt", { name: one.name }) }));
    };
    return element("section", { class: "card" }, element("h2", {}, words.both("worlds.map")),
      element("p", { class: "buttons" }, button(words("worlds.map.draw"), () => draw(false), { id: "worlds-map" }),
        world.layers.length ? button(words("worlds.map.layers"), () => draw(true), { id: "worlds-map-layers" }) : null), lane, picture);
  }

  function packCard(one) {
    const lane = element("div");
    const said = element("div");
    const pack = async (force) => {
      said.replaceChildren();
      const result = await worked(lane, "/api/worlds/pack", { id: one.id, force });
      if (result) {
        said.replaceChildren(element("p", { class: "done" }, words("worlds.pack.done", { name: result.folder, count: result.files.length })),
          ...result.missing.map(([name, why]) => element("p", { class: "warning" }, words("worlds.pack.missing", { name, why }))),
          element("p", { class: "buttons" }, button(words("worlds.show"), () => showFolder({ what: "handout", name: result.folder }), { class: "quiet" })));
      } else if (lane.querySelector(".mistake") && !force) said.replaceChildren(button(words("worlds.pack.again"), () => pack(true), { id: "worlds-pack-again" }));
    };
    return element("section", { class: "card" }, element("h2", {}, words.both("worlds.pack")), element("p", {}, words("worlds.pack.lead")),
      element("p", { class: "buttons" }, button(words("worlds.pack.start"), () => pack(false), { id: "worlds-pack" })), lane, said);
  }

  return () => leaving.abort();
}
