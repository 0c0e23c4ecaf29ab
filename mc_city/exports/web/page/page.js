"use strict";
/* The page: what is loaded, what is shown, and the buttons. */
var city = (function () {
  var facts, heights, draw, eye = { at: [0, 120, 0], yaw: 0, pitch: -0.5 }, move, tiles = [], by = {};
  var chosen = [], wipe = 0, light, tops, shadeOf = ["", ""], quality = 1, sharp = 1, queue = 0, slow = 0, last = 0, measured = null, measuring = false;
  var STEPS = [110, 260, 560], MOST_FINE = 96, AT_ONCE = 4;
  function one(id) { return document.getElementById(id); }
  function text(tag, words, place) { var made = document.createElement(tag); made.textContent = words; if (place) place.appendChild(made); return made; }
  function both(tag, sv, en, place) { var made = text(tag, sv + " ", place); var small = text("span", en, made); small.lang = "en"; return made; }

  function bytes(coded) {
    var raw = atob(coded), data = new Uint8Array(raw.length), i;
    for (i = 0; i < raw.length; i++) data[i] = raw.charCodeAt(i);
    return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }

  /* ---- tiles ---- */
  function load(tile, level) {
    if (tile.asked[level]) return;
    tile.asked[level] = true; queue++;
    var script = document.createElement("script");
    script.src = "tiles/" + tile.x + "_" + tile.z + "_" + level + ".js";
    script.onerror = function () { queue--; fault("Filen " + script.src + " saknas: kopiera hela mappen. / A file is missing: copy the whole folder."); };
    script.onload = function () { script.remove(); };
    document.head.appendChild(script);
  }
  function take(name, data) {
    var parts = name.split("_"), tile = by[parts[0] + "_" + parts[1]], level = +parts[2];
    bytes(data.data).then(function (buffer) {
      var held = draw.loaded(data.groups, new Int16Array(buffer), [tile.x, tile.z]);
      held.boxLow = [tile.x - 16, held.low, tile.z - 16]; held.boxHigh = [tile.x + tile.nx + 16, held.high, tile.z + tile.nz + 16];
      tile.levels[level] = held; queue--; move.changed = true;
    });
  }
  function wantedLevel(tile) {
    var dx = Math.max(tile.x - eye.at[0], 0, eye.at[0] - tile.x - tile.nx), dz = Math.max(tile.z - eye.at[2], 0, eye.at[2] - tile.z - tile.nz);
    tile.away = Math.hypot(dx, dz, Math.max(0, eye.at[1] - 130));
    for (var level = 0; level < STEPS.length; level++) if (tile.away < STEPS[level] * quality) return level;
    return STEPS.length;
  }
  function standing(tile, level) {
    for (var step = 0; step < 4; step++) {
      if (level + step < 4 && tile.levels[level + step]) return tile.levels[level + step];
      if (level - step >= 0 && tile.levels[level - step]) return tile.levels[level - step];
    }
    return null;
  }
  function forgetFar() {
    var fine = tiles.filter(function (tile) { return tile.levels[0]; }).sort(function (a, b) { return b.away - a.away; });
    while (fine.length > MOST_FINE) { var tile = fine.shift(); draw.forget(tile.levels[0]); tile.levels[0] = null; tile.asked[0] = false; }
  }

  /* ---- states ---- */
  function zero() { return facts.layers.map(function () { return 0; }); }
  function shows(state) { return function (shown) { return shown.every(function (pair) { return state[pair[0]] === pair[1]; }); }; }
  function rightState() { return wipe > 0 ? chosen : zero(); }
  function topsOf(state) {
    var is = shows(state), found = Float32Array.from(heights.base);
    heights.changes.forEach(function (change) {
      if (is(change.shown)) change.places.forEach(function (cell, i) { if (change.values[i] > found[cell]) found[cell] = change.values[i]; });
    });
    return found;
  }
  /* Each side of the line has the shadows of what stands there; one walks on what is to the right. */
  function setHeights() {
    if (!heights || !heights.ready) return;
    [zero(), rightState()].forEach(function (state, which) {
      var key = state.join() + "|" + light.sun.join(), found;
      if (key === shadeOf[which]) return;
      shadeOf[which] = key; found = topsOf(state);
      if (which) tops = found;
      draw.setShade(which, shadows.edges(found, heights.shape[1], heights.shape[0], heights.step, light.sun), heights.shape[1], heights.shape[0]);
    });
  }
  function ground(x, z) {
    if (!tops) return -64;
    var high = heights.shape[0], wide = heights.shape[1];
    var column = Math.floor((x - facts.area[0]) / heights.step), row = Math.floor((z - facts.area[1]) / heights.step);
    return tops[Math.max(0, Math.min(high - 1, row)) * wide + Math.max(0, Math.min(wide - 1, column))];
  }

  /* ---- the sun ---- */
  function setLight() {
    var date = one("day").value.split("-").map(Number), minutes = +one("hour").value;
    var when = new Date(date[0], date[1] - 1, date[2], Math.floor(minutes / 60), minutes % 60);
    var day = Math.floor((Date.UTC(when.getUTCFullYear(), when.getUTCMonth(), when.getUTCDate()) - Date.UTC(when.getUTCFullYear(), 0, 1)) / 864e5) + 1;
    var found = shadows.sun(facts.place[0], facts.place[1], day, when.getUTCHours() * 60 + when.getUTCMinutes());
    var way = found.way - facts.frame.turn_deg * Math.PI / 180, flat = Math.cos(found.up), day1 = Math.max(0, Math.min(1, (found.up + 0.05) * 5));
    light = {
      sun: [Math.sin(way) * flat, Math.sin(found.up), -Math.cos(way) * flat],
      warm: [1, 0.8 + 0.15 * day1, 0.6 + 0.3 * day1].map(function (v) { return v * day1; }),
      sky: [0.18 + 0.82 * day1, 0.22 + 0.78 * day1, 0.34 + 0.66 * day1]
    };
    var degrees = Math.round(found.up * 180 / Math.PI), hours = String(Math.floor(minutes / 60)).padStart(2, "0") + ":" + String(minutes % 60).padStart(2, "0");
    one("hour-shown").textContent = hours;
    one("sun-said").textContent = degrees > 0 ? "Solen står " + degrees + "° över horisonten. / The sun is " + degrees + "° above the horizon." : "Solen är nere. / The sun is down.";
    move.changed = true;
  }

  /* ---- drawing ---- */
  function frame(now) {
    requestAnimationFrame(frame);
    var seconds = Math.min(0.1, (now - last) / 1000 || 0); last = now;
    move.step(seconds);
    if (!move.changed && !queue) { slow = 0; return; }
    var busy = move.changed; move.changed = false;
    if (slow && busy) {
      if (seconds > 0.045) { quality = Math.max(0.3, quality * 0.97); if (quality < 0.5) sharp = Math.max(0.5, sharp * 0.98); }
      else if (seconds < 0.024) { quality = Math.min(2.2, quality * 1.01); sharp = Math.min(1, sharp * 1.01); }
    }
    slow = 1;
    render();
  }
  function render() {
    var canvas = one("view"), wide = Math.max(1, Math.round(canvas.clientWidth * sharp * Math.min(devicePixelRatio, 1.5))), high = Math.max(1, Math.round(canvas.clientHeight * sharp * Math.min(devicePixelRatio, 1.5)));
    if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
    setHeights();
    var reach = Math.max(900, 900 * quality) + eye.at[1] * 3;
    var seen = matrices.times(matrices.perspective(1.05, wide / high, 0.3, 6000), matrices.view(eye.at, eye.yaw, eye.pitch));
    var near = [];
    tiles.forEach(function (tile) {
      var level = wantedLevel(tile), held;
      if (!matrices.sees(seen, [tile.x - 16, -64, tile.z - 16], [tile.x + tile.nx + 16, 400, tile.z + tile.nz + 16])) return;
      if (!tile.levels[level] && !tile.asked[level]) near.push([tile.away, tile, level]);
      held = standing(tile, level);
      if (held && matrices.sees(seen, held.boxLow, held.boxHigh)) tile.drawn = held; else tile.drawn = null;
      if (held) { held.away = tile.away; }
    });
    near.sort(function (a, b) { return a[0] - b[0]; }).forEach(function (item) { if (queue < AT_ONCE) load(item[1], item[2]); });
    var list = tiles.filter(function (tile) { return tile.drawn; }).map(function (tile) { return tile.drawn; }).sort(function (a, b) { return a.away - b.away; });
    tiles.forEach(function (tile) { tile.drawn = null; });
    draw.begin(light, reach, [facts.area[0], facts.area[1], heights ? heights.step : 1]);
    var split = 1 - wipe / 100;
    if (split > 0) draw.draw(list, seen, eye.at, { is: shows(zero()), shade: 0 }, [0, split]);
    if (split < 1) draw.draw(list, seen, eye.at, { is: shows(chosen), shade: 1 }, [split, 1]);
    one("line").style.display = wipe > 0 && wipe < 100 ? "block" : "none"; one("line").style.left = 100 * split + "%";
    one("left").style.display = split > 0 && facts.layers.length ? "block" : "none"; one("right").style.display = split < 1 ? "block" : "none";
    forgetFar(); where();
  }
  function metres(value) { return value.toFixed(1).replace(".", ","); }
  function where() {
    var frame1 = facts.frame, right = eye.at[0] / frame1.blocks_per_metre, up = -eye.at[2] / frame1.blocks_per_metre, angle = frame1.turn_deg * Math.PI / 180;
    var east = frame1.origin[0] + right * Math.cos(angle) + up * Math.sin(angle), north = frame1.origin[1] - right * Math.sin(angle) + up * Math.cos(angle);
    one("where").textContent = "E " + Math.round(east) + " N " + Math.round(north) + ", " + Math.round((eye.at[1] - frame1.sea_level_y) / frame1.vertical_scale) + " m";
  }
  function fault(words) { var place = one("fault"); place.hidden = false; place.textContent = words; }

  /* ---- buttons ---- */
  function setWipe(value, silent) {
    if (value > 0 && !chosen.some(Boolean) && !silent) chosen = facts.layers.map(function () { return 1; });
    wipe = value; one("wipe").value = value; tell(); move.changed = true;
  }
  function tell() {
    facts.layers.forEach(function (layer, number) {
      var state = wipe > 0 ? chosen[number] : 0;
      document.querySelectorAll("[data-layer='" + number + "']").forEach(function (button) { button.setAttribute("aria-pressed", String(+button.dataset.option === state)); });
    });
    address();
  }
  function choose(number, option) {
    if (wipe === 0) { chosen = zero(); wipe = 100; one("wipe").value = 100; }
    chosen[number] = chosen[number] === option ? 0 : option;
    if (!chosen.some(Boolean)) { wipe = 0; one("wipe").value = 0; }
    tell(); move.changed = true;
  }
  function goTo(number) {
    var box = facts.boxes[number];
    if (!box.length) return;
    var x = (box[0] + box[2]) / 2, z = (box[1] + box[3]) / 2, away = Math.max(60, 0.75 * Math.max(box[2] - box[0], box[3] - box[1]));
    move.setWalking(false);
    eye.yaw = 0; eye.pitch = -0.6; eye.at = [x, Math.max(ground(x, z), 62) + away * 0.62, z + away * 0.9];
    move.changed = true; address();
  }
  function layerList() {
    facts.layers.forEach(function (layer, number) {
      var item = text("li", "", one("layers")), row, more;
      var title = text("h3", layer.name, item);
      if (layer.name_en) { var small = text("span", " " + layer.name_en, title); small.lang = "en"; }
      row = text("p", "", item); row.className = "buttons";
      layer.options.forEach(function (option, i) {
        var button = option ? text("button", option, row) : both("button", "Visa", "show", row);
        button.dataset.layer = number; button.dataset.option = i + 1; button.setAttribute("aria-pressed", "false");
        button.onclick = function () { choose(number, i + 1); };
      });
      var go = both("button", "Dit", "go there", row); go.onclick = function () { goTo(number); };
      more = text("details", "", item); both("summary", "Läs", "read", more);
      if (layer.description) text("p", layer.description, more);
      if (layer.description_en) text("p", layer.description_en, more).lang = "en";
      text("p", [layer.start_year && layer.done_year ? layer.start_year + "–" + layer.done_year : "", layer.homes ? layer.homes + " bostäder / homes" : "", layer.as_of ? layer.as_of : ""].filter(Boolean).join(" · "), more);
      if (layer.url && /^https?:/.test(layer.url)) { var link = text("a", layer.url, text("p", "", more)); link.href = layer.url; link.rel = "noreferrer"; }
    });
    if (!facts.layers.length) both("li", "Inget är planerat i den här världen.", "Nothing is planned in this world.", one("layers"));
    var years = facts.layers.map(function (layer) { return layer.year; }).filter(Boolean);
    if (years.length) {
      one("year-row").hidden = false; one("year").min = new Date().getFullYear() < Math.min.apply(null, years) ? new Date().getFullYear() : Math.min.apply(null, years) - 1; one("year").max = Math.max.apply(null, years); one("year").value = one("year").min;
      one("year").oninput = function () {
        chosen = facts.layers.map(function (layer) { return layer.year && layer.year <= +one("year").value ? 1 : 0; });
        one("year-shown").textContent = one("year").value; setWipe(chosen.some(Boolean) ? 100 : 0, true);
      };
    }
  }
  function sourceList() {
    facts.sources.forEach(function (source) {
      text("li", [source.real === false ? "Illustration / illustrative" : "Verkligt / real", source.title, source.attribution, source.licence, source.date].filter(Boolean).join(" · "), one("sources"));
    });
    one("note").textContent = facts.note;
    var whose = facts.sources.map(function (source) { return source.attribution; }).filter(function (name, i, all) { return name && all.indexOf(name) === i; }).join(", ");
    var made = facts.sources.some(function (source) { return source.real === false; });
    one("credit").textContent = whose + (made ? " · Delvis illustration / partly illustrative" : "");
  }
  function address() {
    var numbers = eye.at.map(function (value) { return value.toFixed(1); }).concat([eye.yaw.toFixed(3), eye.pitch.toFixed(3)]);
    var words = "#" + numbers.join(",") + "&s=" + chosen.join(".") + "&w=" + wipe + "&d=" + one("day").value + "&t=" + one("hour").value;
    try { history.replaceState(null, "", words); } catch { /* Some browsers keep the address of files. */ }
    return location.href.split("#")[0] + words;
  }
  function enter() {
    var parts = decodeURIComponent(location.hash.slice(1)).split("&"), numbers = (parts[0] || "").split(",").map(Number);
    var named = {};
    parts.slice(1).forEach(function (part) { named[part.split("=")[0]] = part.split("=")[1] || ""; });
    if (numbers.length >= 3 && numbers.every(isFinite)) {
      eye.at = numbers.slice(0, 3); eye.yaw = numbers[3] || 0; eye.pitch = numbers.length > 4 ? numbers[4] : -0.3;
    }
    if (named.s) chosen = facts.layers.map(function (layer, i) { return Math.max(0, Math.min(layer.options.length, +named.s.split(".")[i] || 0)); });
    if (/^\d{4}-\d\d-\d\d$/.test(named.d || "")) one("day").value = named.d;
    if (named.t && isFinite(+named.t)) one("hour").value = +named.t;
    if (named.w && isFinite(+named.w)) { wipe = Math.max(0, Math.min(100, +named.w)); one("wipe").value = wipe; }
    if (facts.layers.length) tell();
    if (draw) setLight();
  }
  function say(words) { one("said").textContent = words; }
  function hit(across, down) {
    var canvas = one("view"), aspect = canvas.width / canvas.height, t = Math.tan(0.525), d = matrices.ahead(eye.yaw, eye.pitch), r = [Math.cos(eye.yaw), 0, Math.sin(eye.yaw)];
    var u = [r[1] * d[2] - r[2] * d[1], r[2] * d[0] - r[0] * d[2], r[0] * d[1] - r[1] * d[0]], a = (2 * across - 1) * t * aspect, b = (1 - 2 * down) * t, p, far;
    var way = [0, 1, 2].map(function (i) { return d[i] + r[i] * a + u[i] * b; }), long = Math.hypot(way[0], way[1], way[2]);
    for (far = 1; far < 3000; far += Math.max(0.25, far / 800)) {
      p = [0, 1, 2].map(function (i) { return eye.at[i] + way[i] / long * far; });
      if (p[1] < ground(p[0], p[2])) return [p[0], ground(p[0], p[2]), p[2]];
    }
    return null;
  }
  function tapped(across, down) {
    if (!measuring) return;
    var place = hit(across, down), scale = facts.frame.blocks_per_metre, tall = facts.frame.vertical_scale, height;
    if (!place) { say("Där är ingenting. / There is nothing."); return; }
    height = (place[1] - facts.frame.sea_level_y) / tall;
    if (!measured) { measured = place; say("Höjd " + metres(height) + " m. Peka på nästa punkt. / Height " + metres(height) + " m. Point at the next place."); return; }
    var flat = Math.hypot(place[0] - measured[0], place[2] - measured[2]) / scale, up = (place[1] - measured[1]) / tall;
    say("Avstånd " + metres(flat) + " m, höjdskillnad " + metres(up) + " m. / Distance " + metres(flat) + " m, difference in height " + metres(up) + " m.");
    measured = null;
  }
  function buttons() {
    one("wipe").oninput = function () { setWipe(+this.value); };
    one("day").onchange = one("hour").oninput = setLight;
    one("walk").onclick = function () { move.setWalking(!move.walking); one("view").focus(); };
    move.told = function (is) { one("walk").setAttribute("aria-pressed", String(is)); };
    one("above").onclick = function () { move.setWalking(false); eye.at[1] = Math.max(eye.at[1], 62 + 180); eye.pitch = -1.4; move.changed = true; };
    one("measure").onclick = function () {
      measuring = !measuring; measured = null; this.setAttribute("aria-pressed", String(measuring));
      say(measuring ? "Klicka på två punkter, eller tryck Enter för mitten. / Click two places, or press Enter for the middle." : "");
    };
    move.tapped = tapped;
    one("link").onclick = function () {
      var words = address();
      if (navigator.clipboard) navigator.clipboard.writeText(words).then(function () { say("Länken är kopierad. / The link is copied."); }, function () { say(words); });
      else say(words);
    };
    one("print").onclick = function () { render(); window.print(); };
    addEventListener("resize", function () { move.changed = true; });
    addEventListener("hashchange", enter);
  }

  function begin(found) {
    facts = found; chosen = zero();
    document.title = facts.city + " i 3D / in 3D"; one("city").textContent = facts.city; document.documentElement.lang = "sv";
    var now = new Date(); one("day").value = now.getFullYear() + "-06-21"; one("hour").value = 14 * 60;
    layerList(); sourceList();
    var area = facts.area;
    eye.at = [area[0] + area[2] / 2, 62 + Math.min(150, area[2] / 6), area[1] + area[3] / 2 + Math.min(200, area[3] / 3)];
    eye.pitch = -0.5;
    tiles = facts.tiles.map(function (row) {
      var tile = { x: row[0], z: row[1], nx: row[2], nz: row[3], faces: row[4], levels: [], asked: [], away: 0 };
      by[tile.x + "_" + tile.z] = tile; return tile;
    });
    try {
      if (typeof DecompressionStream === "undefined") throw new Error("DecompressionStream");
      draw = new drawing.Drawing(one("view"), facts.colours);
    } catch (error) {
      fault("Den här webbläsaren kan inte visa staden i 3D (" + error.message + "). Texterna står här bredvid. / This browser cannot show the city in 3D; the texts stand beside.");
      one("view").hidden = true; return;
    }
    move = new moving.Moving(one("view"), eye, ground);
    buttons(); enter(); setLight();
    requestAnimationFrame(frame);
  }
  function takeHeights(found) {
    heights = found;
    if (!draw) return;
    var parts = [bytes(found.today).then(function (data) { heights.base = new Int16Array(data); })];
    found.changes.forEach(function (change) {
      parts.push(bytes(change.cells).then(function (data) { change.places = new Uint32Array(data); }));
      parts.push(bytes(change.tops).then(function (data) { change.values = new Int16Array(data); }));
    });
    Promise.all(parts).then(function () { heights.ready = true; shadeOf = ["", ""]; setHeights(); eye.at[1] = Math.max(eye.at[1], ground(eye.at[0], eye.at[2]) + 1.2); move.changed = true; });
  }
  return {
    facts: begin, heights: takeHeights, take: take,
    /* For tests and measurements. */
    state: function () { return { eye: eye, chosen: chosen, wipe: wipe, quality: quality, sharp: sharp, queue: queue, faces: draw ? draw.faces : 0, ready: !!(heights && heights.ready) }; },
    render: function () { render(); draw.gl.finish(); },
    set: function (values) { if (values.quality) quality = values.quality; if (values.sharp) sharp = values.sharp; if (values.at) eye.at = values.at; if (values.yaw !== undefined) eye.yaw = values.yaw; if (values.pitch !== undefined) eye.pitch = values.pitch; move.changed = true; }
  };
})();
