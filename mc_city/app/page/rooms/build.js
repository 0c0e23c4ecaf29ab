// Building: choices, progress with pause and stop, and what was made.
import { button, element, labelled, mistake } from "../dom.js";
import { follow } from "../jobs.js";
import { spokenList } from "../said.js";
import { lookCard } from "./looking.js";

const ALIVE = ["running", "paused", "stopping"];

export async function show(place, { api, words, go }) {
  const leaving = new AbortController();
  const told = element("div");
  const form = element("div");
  const work = element("div");
  const made = element("div");
  place.append(element("h1", {}, words.both("build.title")), told, work, form, made);
  await refresh();

  async function refresh() {
    const state = await api.get("/api/build/state");
    if (state.job && ALIVE.includes(state.job.state)) {
      form.replaceChildren();
      made.replaceChildren();
      followBuild(state.job.number);
      return;
    }
    const choices = await api.get("/api/build/choices");
    showForm(choices, state);
    showMade(state);
  }

  async function followBuild(number) {
    const lane = element("div", { class: "card" });
    work.replaceChildren(lane, element("p", { class: "faint" }, words("build.close")));
    try {
      const job = await follow(lane, number, words, leaving.signal);
      work.replaceChildren(...[...lane.childNodes]);
      if (job.state === "done") work.replaceChildren(doneCard(job.result));
      await refresh();
      if (job.state === "done") work.querySelector("h2").focus();
    } catch (error) {
      told.replaceChildren(mistake(error, words), button(words("frame.again"), () => {
        told.replaceChildren();
        followBuild(number);
      }));
    }
  }

  function doneCard(result) {
    const [count, total] = result.reused;
    return element("section", { class: "card done" }, element("h2", { tabindex: "-1" }, words.both("build.done")),
      element("p", {}, words("build.made", { houses: words.number(result.houses), layers: words.number(result.layers), chunks: words.number(result.chunks) })),
      count ? element("p", {}, words("build.reused", { count, total })) : null,
      result.kept ? element("p", {}, words("build.kept", { folder: result.kept })) : null,
      element("details", {}, element("summary", {}, words("build.notes")),
        spokenList(result.notes, words)));
  }

  function showForm(choices, { begun, built }) {
    const chosen = begun?.choices ?? {
      editions: choices.editions.filter((name) => name !== "bedrock" || !choices.bedrock_fault),
      java_version: choices.java_version, bedrock_version: choices.bedrock_version, show: [],
    };
    const { measured } = choices;
    const changed = choices.changed_fault !== "";
    const editions = {};
    const versions = {};
    for (const name of ["bedrock", "java"]) {
      editions[name] = element("input", { type: "checkbox", checked: chosen.editions.includes(name), disabled: name === "bedrock" && choices.bedrock_fault !== "", onchange: judge });
      const known = [...new Set([chosen[`${name}_version`], ...choices[`${name}_versions`]])];
      versions[name] = element("select", {}, known.sort(newest).map((one) => element("option", { value: one, selected: one === chosen[`${name}_version`] }, one)));
    }
    const layers = choices.layers.map((layer) => layerField(layer, chosen.show));
    const all = (wanted) => layers.forEach(({ choose }) => choose(wanted));
    const large = element("input", { type: "checkbox", onchange: judge });
    const force = element("input", { type: "checkbox", onchange: judge });
    const keep = keepField(choices.keepable, chosen.keep ?? "", judge);
    const reason = element("p", { class: "warning", role: "status", hidden: true });
    const start = button(words(begun ? "build.goon" : built ? "build.again" : "build.start"), begin, { class: "main" });

    const parts = [
      begun ? element("p", { class: "warning" }, begun.regions ? words("build.begun", { count: words.number(begun.regions) }) : words("build.begun.none")) : null,
      element("p", { class: "card" }, words("build.takes", {
        name: choices.city, wide: words.number(measured.blocks[0]), high: words.number(measured.blocks[1]),
        time: words.duration(measured.seconds), bytes: words.bytes(measured.bytes_needed), free: words.bytes(measured.free_bytes),
      }), " ", element("a", { href: "#/choose" }, words("build.smaller"))),
      element("div", { class: "two" },
        element("fieldset", {}, element("legend", {}, words("build.for")),
          ...["bedrock", "java"].flatMap((name) => [check(words(`build.${name}`), editions[name]),
            name === "bedrock" && choices.bedrock_fault ? element("p", { class: "warning" }, words("build.nobedrock")) : null,
            element("div", { class: "indented" }, labelled(`${words("build.version")} (${name === "java" ? "Java" : "Bedrock"})`, versions[name]))]),
          element("p", { class: "faint" }, words("build.version.hint"))),
        element("fieldset", {}, element("legend", {}, words("build.layers")),
          ...(layers.length ? [
            element("p", { class: "faint" }, words("build.layers.hint")),
            element("p", { class: "buttons" }, button(words("build.today"), () => all(false), { class: "quiet" }), button(words("build.all"), () => all(true), { class: "quiet" })),
            ...layers.map(({ row }) => row)] : [element("p", {}, words("build.layers.none"))]))),
      measured.large ? check(words("build.large"), large) : null,
      keep.box,
      changed ? element("div", { class: "warning" }, check(words("build.changed"), force)) : null,
      reason,
      element("p", { class: "buttons" }, start),
    ].filter(Boolean);
    // Where something is built already the choices wait until they are asked for.
    form.replaceChildren(...(built && !begun
      ? [element("details", { class: "card" }, element("summary", {}, words.both("build.more")), ...parts)] : parts));
    judge();

    /** Why it cannot be begun, said before anybody tries. */
    function judge() {
      const kept = keep.value() !== "";
      if (kept) Object.assign(editions.java, { checked: true });
      if (kept) Object.assign(editions.bedrock, { checked: false });
      editions.bedrock.disabled = kept || choices.bedrock_fault !== "";
      const wanted = ["bedrock", "java"].filter((name) => editions[name].checked);
      const needed = wanted.reduce((sum, name) => sum + choices.sizes[name], 0);
      const fault = !wanted.length ? "build.noedition" : needed > measured.free_bytes ? "build.disk" : null;
      reason.hidden = fault === null;
      reason.textContent = fault ? words(fault) : "";
      start.disabled = fault !== null || (measured.large && !large.checked) || (changed && !force.checked && !kept);
    }

    async function begin() {
      start.disabled = true;
      told.replaceChildren();
      const asked = {
        choices: {
          editions: ["java", "bedrock"].filter((name) => editions[name].checked),
          java_version: versions.java.value, bedrock_version: versions.bedrock.value,
          show: layers.map(({ value }) => value()).filter(Boolean), large: large.checked, force: force.checked, keep: keep.value(),
        },
        digest: choices.digest,
      };
      try {
        const { number } = await api.post("/api/build/start", asked);
        form.replaceChildren();
        made.replaceChildren();
        followBuild(number);
      } catch (error) {
        told.replaceChildren(mistake(error, words));
        if (error.status === 409) await refresh();
        else judge();
      }
    }
  }

  /** What somebody has built in a world of an earlier build stays: in which one. */
  function keepField(worlds, chosen, changed) {
    if (!worlds.length) return { box: null, value: () => "" };
    const box = element("input", { type: "checkbox", checked: worlds.some(({ id }) => id === chosen), id: "build-keep", onchange: changed });
    const which = element("select", {}, worlds.map(({ id, name, where }) => element("option", { value: id, selected: id === chosen }, `${name} (${words(`worlds.where.${where}`)})`)));
    return {
      box: element("div", {}, check(words("build.keep"), box), element("p", { class: "faint indented" }, words("build.keep.hint")),
        worlds.length > 1 ? element("div", { class: "indented" }, labelled(words("build.keep.which"), which)) : null),
      value: () => (box.checked ? which.value : ""),
    };
  }

  /** A planned layer: a box to tick, or a choice where it has variants. */
  function layerField(layer, show) {
    const years = layer.years.filter(Boolean);
    const text = [layer.name, years.length ? `(${[...new Set(years)].join("–")})` : ""].filter(Boolean).join(" ");
    const shown = layer.options.find((option) => show.includes(option)) ?? (show.includes(layer.id) ? layer.options[0] : "");
    if (layer.options.length === 1) {
      const box = element("input", { type: "checkbox", checked: shown !== "" });
      return { row: check(text, box), value: () => (box.checked ? layer.options[0] : ""), choose: (wanted) => { box.checked = wanted; } };
    }
    const field = element("select", {}, element("option", { value: "" }, words("build.variant.off")),
      layer.options.map((option, number) => element("option", { value: option, selected: option === shown }, layer.variants[number])));
    return { row: labelled(text, field), value: () => field.value, choose: (wanted) => { field.value = wanted ? layer.options[0] : ""; } };
  }

  function check(text, field) {
    const label = labelled(text, field);
    label.className = "check";
    return label;
  }

  function showMade(state) {
    const { built, pack } = state;
    if (!built) {
      made.replaceChildren();
      return;
    }
    const when = new Date(built.made * 1000).toLocaleString(words.language === "sv" ? "sv-SE" : "en-GB", { dateStyle: "long", timeStyle: "short" });
    const packed = element("div");
    const start = button(words("build.pack.start"), async () => {
      start.disabled = true;
      try {
        followPack(packed, (await api.post("/api/build/pack", {})).number);
      } catch (error) {
        packed.replaceChildren(mistake(error, words));
        start.disabled = false;
      }
    });
    made.replaceChildren(
      element("section", {}, element("h2", {}, words.both("build.files")), element("p", { class: "faint" }, words("build.when", { when })),
        filesTable(built.files, "built"),
        element("p", { class: "buttons" }, button(words("build.worlds"), () => go("worlds")))),
      angles(built),
      ...(state.look ? [lookCard(state, { api, words, signal: leaving.signal, showFile: (what) => fileShower(what, "") })] : []),
      element("section", { class: "card" }, element("h2", {}, words.both("build.pack")), element("p", {}, words("build.pack.lead")),
        element("p", { class: "buttons" }, start), packed,
        built.packed.length ? filesTable(built.packed, "packed") : null),
      ...(built.has_map ? [element("section", {}, element("h2", {}, words.both("build.map")),
        element("img", { class: "picture", src: `/api/build/map.png?${built.stamp}`, alt: words("build.map.alt") }))] : []));
    if (pack && ALIVE.includes(pack.state)) {
      start.disabled = true;
      followPack(packed, pack.number);
    }
  }

  /** The world at an angle; it is drawn when somebody looks. */
  function angles(built) {
    const image = element("img", { class: "picture angle", loading: "lazy" });
    const look = (side) => {
      image.src = `/api/build/angle/${side}.png?${built.stamp}`;
      image.alt = words("build.angle.alt", { side: words(`build.angle.from.${side}`) });
      for (const [name, one] of Object.entries(buttons)) one.setAttribute("aria-pressed", String(name === side));
    };
    const buttons = Object.fromEntries(["south", "west", "north", "east"].map((side) =>
      [side, button(words(`build.angle.from.${side}`), () => look(side), { class: "quiet", "aria-pressed": "false" })]));
    look("south");
    return element("section", {}, element("h2", {}, words.both("build.angle")), element("p", { class: "faint" }, words("build.angle.lead")),
      element("p", { class: "buttons" }, ...Object.values(buttons)), image);
  }

  async function followPack(holder, number) {
    const job = await follow(holder, number, words, leaving.signal).catch((error) => {
      holder.replaceChildren(mistake(error, words));
      return null;
    });
    if (!job) return;
    const missing = job.result?.missing ?? [];
    if (job.state === "done") {
      await refresh();
      told.replaceChildren(...missing.map(([name, why]) => element("p", { class: "warning" }, words("build.pack.missing", { name, why }))));
    }
  }

  function fileShower(what, name) {
    return async () => {
      try {
        await api.post("/api/build/show", { what, name });
        told.replaceChildren();
      } catch (error) {
        told.replaceChildren(mistake(error, words));
        told.scrollIntoView();
      }
    };
  }

  function filesTable(files, what) {
    return element("table", { class: "stack" }, element("thead", {}, element("tr", {},
      ...["file", "what", "size"].map((key) => element("th", { scope: "col" }, words(`build.${key}`))), element("td"))),
    element("tbody", {}, files.map(({ name, bytes, kind }) => element("tr", {},
      element("td", {}, name), element("td", {}, words(`build.kind.${kind}`)), element("td", {}, words.bytes(bytes)),
      element("td", {}, button(words("build.show"), fileShower(what, name), { class: "quiet", "aria-label": `${words("build.show")}: ${name}` }))))));
  }

  return () => leaving.abort();
}

/** Versions by their numbers, the newest first. */
function newest(one, other) {
  const [first, second] = [one, other].map((text) => text.split(".").map(Number));
  for (let at = 0; at < Math.max(first.length, second.length); at++) {
    const difference = (second[at] ?? 0) - (first[at] ?? 0);
    if (difference) return difference;
  }
  return 0;
}
