"use strict";
/* What stands beside the picture: texts and buttons, Swedish first, English beside it. */
const panel = {
  one(id) {
    return document.getElementById(id);
  },

  /* An element with a text, put into a place. */
  put(tag, words, place) {
    const made = document.createElement(tag);
    made.textContent = words;
    if (place) place.append(made);
    return made;
  },

  /* The same in both languages. */
  both(tag, swedish, english, place) {
    const made = panel.put(tag, `${swedish} `, place);
    panel.put("span", english, made).lang = "en";
    return made;
  },

  say(words) {
    panel.one("said").textContent = words;
  },

  fault(words) {
    panel.one("fault").hidden = false;
    panel.one("fault").textContent = words;
  },

  metres(value) {
    return value.toFixed(1).replace(".", ",");
  },

  /* The list of developments. does: {choose(number, option), goTo(number)}. */
  layers(layers, does) {
    const list = panel.one("layers");
    layers.forEach((layer, number) => {
      const item = panel.put("li", "", list);
      const title = panel.put("h3", layer.name, item);
      if (layer.name_en) panel.put("span", ` ${layer.name_en}`, title).lang = "en";
      const row = panel.put("p", "", item);
      row.className = "buttons";
      layer.options.forEach((option, i) => {
        const button = option ? panel.put("button", option, row) : panel.both("button", "Visa", "show", row);
        button.dataset.layer = number;
        button.dataset.option = i + 1;
        button.setAttribute("aria-pressed", "false");
        button.onclick = () => does.choose(number, i + 1);
      });
      panel.both("button", "Dit", "go there", row).onclick = () => does.goTo(number);
      panel.told(layer, item);
    });
    if (!layers.length) {
      panel.both("li", "Inget är planerat i den här världen.", "Nothing is planned in this world.", list);
    }
  },

  /* What a development's board says. */
  told(layer, item) {
    const more = panel.put("details", "", item);
    panel.both("summary", "Läs", "read", more);
    if (layer.description) panel.put("p", layer.description, more);
    if (layer.description_en) panel.put("p", layer.description_en, more).lang = "en";
    const years = layer.start_year && layer.done_year ? `${layer.start_year}–${layer.done_year}` : "";
    const homes = layer.homes ? `${layer.homes} bostäder / homes` : "";
    panel.put("p", [years, homes, layer.as_of].filter(Boolean).join(" · "), more);
    if (layer.url && /^https?:/.test(layer.url)) {
      const link = panel.put("a", layer.url, panel.put("p", "", more));
      link.href = layer.url;
      link.rel = "noreferrer";
    }
  },

  /* The slider of years, where some are known. changed: called with the year. */
  years(layers, changed) {
    const years = layers.map((layer) => layer.year).filter(Boolean);
    if (!years.length) return;
    const slider = panel.one("year");
    panel.one("year-row").hidden = false;
    slider.min = Math.min(new Date().getFullYear(), Math.min(...years) - 1);
    slider.max = Math.max(...years);
    slider.value = slider.min;
    slider.oninput = () => {
      panel.one("year-shown").textContent = slider.value;
      changed(Number(slider.value));
    };
  },

  /* Which buttons are pressed. state: for each layer 0 or the number of what it shows. */
  pressed(state) {
    document.querySelectorAll("[data-layer]").forEach((button) => {
      const is = state[Number(button.dataset.layer)] === Number(button.dataset.option);
      button.setAttribute("aria-pressed", String(is));
    });
  },

  sources(sources, note) {
    for (const source of sources) {
      const real = source.real === false ? "Illustration / illustrative" : "Verkligt / real";
      const parts = [real, source.title, source.attribution, source.licence, source.date];
      panel.put("li", parts.filter(Boolean).join(" · "), panel.one("sources"));
    }
    panel.one("note").textContent = note;
    const whose = new Set(sources.map((source) => source.attribution).filter(Boolean));
    const made = sources.some((source) => source.real === false);
    panel.one("credit").textContent =
      [...whose].join(", ") + (made ? " · Delvis illustration / partly illustrative" : "");
  }
};
