"use strict";
/* The page as a whole: what is shown, from where, in which light. The data files call `city`. */
/* Of the picture's height, in radians; what is nearer or farther is not drawn, in blocks. */
const ANGLE = 1.05, NEAREST = 0.3, FARTHEST = 9000;
/* Seconds between pictures above which less is drawn while one moves, and below which more. */
const SLOW = 0.045, QUICK = 0.024;
/* How far levels of detail reach, and the share of pixels along each side, while one moves and while one looks. */
const LEAST = { quality: 0.3, sharp: 0.5 }, MOST = { quality: 2.2, sharp: 1 }, STILL = { quality: 1, sharp: 1 };
/* Milliseconds without a movement after which one looks. */
const PAUSE = 250;

class City {
  constructor() {
    this.eye = { at: [0, 120, 0], yaw: 0, pitch: -0.5 };
    this.chosen = [];
    this.wipe = 0;
    this.quick = { ...STILL };
    Object.assign(this, STILL);
    this.last = 0;
    this.moved = 0;
    this.stale = true;
    this.shades = ["", ""];
  }

  /* ---- what the data files bring ---- */

  facts(found) {
    const one = panel.one;
    this.about = found;
    this.chosen = this.today();
    document.title = `${found.city} i 3D / in 3D`;
    one("city").textContent = found.city;
    one("day").value = `${new Date().getFullYear()}-06-21`;
    one("hour").value = 14 * 60;
    panel.layers(found.layers, { choose: (...which) => this.choose(...which), goTo: (number) => this.goTo(number) });
    panel.years(found.layers, (year) => this.chooseYear(year));
    panel.sources(found.sources, found.note);
    const [x, z, nx, nz] = found.area;
    this.eye.at = [x + nx / 2, 62 + Math.min(150, nx / 6), z + nz / 2 + Math.min(200, nz / 3)];
    try {
      if (typeof DecompressionStream === "undefined") throw new Error("DecompressionStream");
      this.draw = new Drawing(one("view"), found.colours);
    } catch (error) {
      panel.fault(
        `Den här webbläsaren kan inte visa staden i 3D (${error.message}). Texterna står här bredvid. / ` +
        "This browser cannot show the city in 3D; the texts stand beside."
      );
      one("view").hidden = true;
      return;
    }
    this.tiles = new Tiles(found.tiles, found, this.draw);
    this.tiles.fault = (file) => {
      panel.fault(`Filen ${file} saknas: kopiera hela mappen. / A file is missing: copy the whole folder.`);
      this.stale = true;
    };
    this.measuring = new Measuring(() => this.relief, found.frame);
    this.move = new Moving(one("view"), this.eye, {
      ground: (...place) => this.ground(...place),
      tapped: (...place) => this.tapped(...place),
      walks: (is) => one("walk").setAttribute("aria-pressed", String(is))
    });
    this.listen();
    this.enter();
    this.setLight();
    requestAnimationFrame((now) => this.frame(now));
  }

  async heights(found) {
    if (!this.draw) return;
    const relief = new Relief(found, this.about.area);
    await relief.unpack(found);
    this.relief = relief;
    this.setShades();
    this.eye.at[1] = Math.max(this.eye.at[1], this.ground(this.eye.at[0], this.eye.at[2]) + NOT_LOWER);
    this.stale = true;
  }

  async take(name, found) {
    await this.tiles.take(name, found);
    this.stale = true;
  }

  /* ---- states of the layers ---- */

  today() {
    return this.about.layers.map(() => 0);
  }

  /* Tells whether something is shown in a state. shown: pairs of a layer's number and its state. */
  static shows(state) {
    return (shown) => shown.every(([number, wanted]) => state[number] === wanted);
  }

  /* What stands to the right of the line. */
  right() {
    return this.wipe > 0 ? this.chosen : this.today();
  }

  setWipe(value) {
    this.wipe = value;
    panel.one("wipe").value = value;
    this.tell();
  }

  choose(number, option) {
    if (this.wipe === 0) this.chosen = this.today();
    this.chosen[number] = this.chosen[number] === option ? 0 : option;
    this.setWipe(this.chosen.some(Boolean) ? this.wipe || 100 : 0);
  }

  chooseYear(year) {
    this.chosen = this.about.layers.map((layer) => (layer.year && layer.year <= year ? 1 : 0));
    this.setWipe(this.chosen.some(Boolean) ? 100 : 0);
  }

  tell() {
    panel.pressed(this.right());
    this.address();
    if (this.move) this.move.changed = true;
  }

  goTo(number) {
    const [x0, z0, x1, z1] = this.about.boxes[number];
    if (x0 === undefined || !this.move) return;
    const x = (x0 + x1) / 2, z = (z0 + z1) / 2, away = Math.max(60, 0.75 * Math.max(x1 - x0, z1 - z0));
    this.move.setWalking(false);
    Object.assign(this.eye, {
      at: [x, Math.max(this.ground(x, z), 62) + away * 0.62, z + away * 0.9], yaw: 0, pitch: -0.6
    });
    this.address();
  }

  /* ---- light and shadows ---- */

  setLight() {
    const { place, frame } = this.about;
    const [year, month, day] = panel.one("day").value.split("-").map(Number), minutes = Number(panel.one("hour").value);
    const hour = Math.floor(minutes / 60), minute = minutes % 60;
    const found = shadows.sunAt(place, new Date(year, month - 1, day, hour, minute));
    const way = found.way - frame.turn_deg * Math.PI / 180, flat = Math.cos(found.up);
    const bright = Math.max(0, Math.min(1, (found.up + 0.05) * 5));
    this.light = {
      sun: [Math.sin(way) * flat, Math.sin(found.up), -Math.cos(way) * flat],
      warm: [1, 0.8 + 0.15 * bright, 0.6 + 0.3 * bright].map((part) => part * bright),
      sky: [0.18 + 0.82 * bright, 0.22 + 0.78 * bright, 0.34 + 0.66 * bright]
    };
    const degrees = Math.round(found.up * 180 / Math.PI);
    panel.one("hour-shown").textContent = [hour, minute].map((part) => String(part).padStart(2, "0")).join(":");
    panel.one("sun-said").textContent = degrees > 0
      ? `Solen står ${degrees}° över horisonten. / The sun is ${degrees}° above the horizon.`
      : "Solen är nere. / The sun is down.";
    this.move.changed = true;
  }

  /* Each side of the line has the shadows of what stands there; one walks on what is to the right. */
  setShades() {
    if (!this.relief) return;
    [this.today(), this.right()].forEach((state, which) => {
      const key = `${state.join()}|${this.light.sun.join()}`;
      if (key === this.shades[which]) return;
      this.shades[which] = key;
      const { wide, high, step } = this.relief, tops = this.relief.tops(City.shows(state));
      if (which) this.relief.shown = tops;
      this.draw.setShade(which, shadows.edges(tops, wide, high, step, this.light.sun), [wide, high]);
    });
  }

  ground(x, z) {
    return this.relief ? this.relief.ground(x, z) : -64;
  }

  /* ---- pictures ---- */

  frame(now) {
    requestAnimationFrame((next) => this.frame(next));
    const seconds = Math.min(1, (now - this.last) / 1000 || 0);
    this.last = now;
    this.move.step(Math.min(0.1, seconds));
    if (this.move.changed) {
      if (this.moved && now - this.moved < 1000) this.adapt(seconds);
      this.moved = now;
      Object.assign(this, this.quick);
    } else if (this.moved && now - this.moved > PAUSE) {
      this.moved = 0;
      this.look();
    } else if (!this.stale) return;
    this.move.changed = this.stale = false;
    this.render();
  }

  /* Draws less while one moves, where pictures come slowly: at first less from near, then fewer pixels. */
  adapt(seconds) {
    const { quick } = this, times = Math.min(1.05, Math.max(0.5, SLOW / seconds));
    if (seconds > SLOW && quick.quality > LEAST.quality) quick.quality *= times;
    else if (seconds > SLOW || (seconds < QUICK && quick.sharp < MOST.sharp)) quick.sharp *= times;
    else if (seconds < QUICK) quick.quality *= times;
    for (const part of ["quality", "sharp"]) quick[part] = Math.max(LEAST[part], Math.min(MOST[part], quick[part]));
  }

  /* Draws all, as one looks. */
  look() {
    this.quality = Math.max(STILL.quality, this.quick.quality);
    this.sharp = STILL.sharp;
  }

  resize(canvas) {
    const pixels = this.sharp * Math.min(devicePixelRatio, 1.5);
    const whole = (size) => Math.max(1, Math.round(size * pixels));
    const wide = whole(canvas.clientWidth), high = whole(canvas.clientHeight);
    if (canvas.width === wide && canvas.height === high) return;
    canvas.width = wide;
    canvas.height = high;
  }

  render() {
    const canvas = panel.one("view"), { eye, about } = this;
    this.resize(canvas);
    this.setShades();
    const lens = matrices.perspective(ANGLE, canvas.width / canvas.height, NEAREST, FARTHEST);
    const view = { seen: matrices.times(lens, matrices.view(eye.at, eye.yaw, eye.pitch)), eye: eye.at };
    const tiles = this.tiles.chosen(eye.at, this.quality, (low, high) => matrices.sees(view.seen, low, high));
    const reach = Math.max(900, 900 * this.quality) + eye.at[1] * 3, split = 1 - this.wipe / 100;
    this.draw.begin(this.light, reach, [about.area[0], about.area[1], this.relief ? this.relief.step : 1]);
    if (split > 0) this.draw.draw(tiles, view, { shows: City.shows(this.today()), shade: 0 }, [0, split]);
    if (split < 1) this.draw.draw(tiles, view, { shows: City.shows(this.chosen), shade: 1 }, [split, 1]);
    const shown = (id, is) => { panel.one(id).style.display = is ? "block" : "none"; };
    shown("line", this.wipe > 0 && this.wipe < 100);
    shown("left", split > 0 && about.layers.length);
    shown("right", split < 1);
    panel.one("line").style.left = `${100 * split}%`;
    this.tellWhere();
  }

  /* What a printed picture shows. */
  caption() {
    const state = this.right();
    const names = this.about.layers.flatMap((layer, number) => {
      const option = layer.options[state[number] - 1];
      return state[number] ? [option ? `${layer.name} (${option})` : layer.name] : [];
    });
    const planned = names.length ? `Planerat / planned: ${names.join(", ")}` : "Idag / today";
    const sun = `Solen / the sun: ${panel.one("day").value} ${panel.one("hour-shown").textContent}`;
    panel.one("caption").textContent = `${planned}. ${sun}. ${panel.one("where").textContent}`;
  }

  /* East, north and height of the eye, in metres of the map. */
  tellWhere() {
    const { at } = this.eye, frame = this.about.frame, angle = frame.turn_deg * Math.PI / 180;
    const right = at[0] / frame.blocks_per_metre, up = -at[2] / frame.blocks_per_metre;
    const east = frame.origin[0] + right * Math.cos(angle) + up * Math.sin(angle);
    const north = frame.origin[1] - right * Math.sin(angle) + up * Math.cos(angle);
    const height = (at[1] - frame.sea_level_y) / frame.vertical_scale;
    panel.one("where").textContent = `E ${Math.round(east)} N ${Math.round(north)}, ${Math.round(height)} m`;
  }

  /* ---- links ---- */

  /* The address of what is seen just now. */
  address() {
    const { eye, chosen, wipe } = this;
    const place = [...eye.at.map((value) => value.toFixed(1)), eye.yaw.toFixed(3), eye.pitch.toFixed(3)].join(",");
    const words =
      `#${place}&s=${chosen.join(".")}&w=${wipe}&d=${panel.one("day").value}&t=${panel.one("hour").value}`;
    try { history.replaceState(null, "", words); } catch { /* Some browsers keep the address of files. */ }
    return location.href.split("#")[0] + words;
  }

  /* Goes to where the address says. Anybody may have written it. */
  enter() {
    let words = location.hash.slice(1);
    try { words = decodeURIComponent(words); } catch { return; }
    const [place, ...more] = words.split("&"), numbers = place.split(",").map(Number);
    const named = new URLSearchParams(more.join("&"));
    if (numbers.length >= 3 && numbers.every(Number.isFinite)) {
      const [x, y, z, yaw = 0, pitch = -0.3] = numbers;
      Object.assign(this.eye, { at: [x, y, z], yaw, pitch });
    }
    const number = (name, most) => Math.max(0, Math.min(most, Number(named.get(name)) || 0));
    if (named.has("s")) {
      const states = named.get("s").split(".");
      this.chosen = this.about.layers.map(
        (layer, i) => Math.max(0, Math.min(layer.options.length, Math.floor(Number(states[i])) || 0))
      );
    }
    if (/^\d{4}-\d\d-\d\d$/.test(named.get("d") || "")) panel.one("day").value = named.get("d");
    if (named.has("t")) panel.one("hour").value = number("t", 1439);
    if (named.has("w")) this.setWipe(number("w", 100));
    else this.tell();
    if (this.light) this.setLight();
  }

  /* ---- buttons ---- */

  tapped(across, down) {
    if (!this.measuring.on) return;
    const canvas = panel.one("view"), aspect = canvas.width / canvas.height;
    this.measuring.pointed(this.measuring.seen(this.eye, ANGLE, aspect, across, down));
  }

  copyLink() {
    const words = this.address();
    const shown = () => panel.say(words), copied = () => panel.say("Länken är kopierad. / The link is copied.");
    if (navigator.clipboard) navigator.clipboard.writeText(words).then(copied, shown);
    else shown();
  }

  listen() {
    const one = panel.one;
    one("wipe").oninput = (event) => {
      const value = Number(event.target.value);
      if (value > 0 && !this.chosen.some(Boolean)) this.chosen = this.about.layers.map(() => 1);
      this.setWipe(value);
    };
    one("day").onchange = one("hour").oninput = () => this.setLight();
    one("walk").onclick = () => {
      this.move.setWalking(!this.move.walking);
      one("view").focus();
    };
    one("above").onclick = () => {
      this.move.setWalking(false);
      this.eye.at[1] = Math.max(this.eye.at[1], 62 + 180);
      this.eye.pitch = -1.4;
    };
    one("measure").onclick = () => this.measuring.turn();
    one("link").onclick = () => this.copyLink();
    one("print").onclick = () => {
      this.render();
      window.print();
    };
    addEventListener("beforeprint", () => this.caption());
    addEventListener("resize", () => { this.move.changed = true; });
    addEventListener("hashchange", () => this.enter());
  }

  /* ---- for tests and measurements ---- */

  state() {
    const { eye, chosen, wipe, quality, sharp } = this;
    return {
      eye, chosen, wipe, quality, sharp,
      queue: this.tiles ? this.tiles.asked : 0, faces: this.draw ? this.draw.faces : 0, ready: Boolean(this.relief)
    };
  }

  /* Milliseconds that a picture takes until it is there, of so many. */
  measure(times) {
    const { gl } = this.draw, pixel = new Uint8Array(4), begin = performance.now();
    for (let i = 0; i < times; i++) {
      this.render();
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    }
    return (performance.now() - begin) / times;
  }

  set({ quality, sharp, at, yaw, pitch }) {
    if (quality) this.quality = this.quick.quality = quality;
    if (sharp) this.sharp = this.quick.sharp = sharp;
    if (at) this.eye.at = at;
    if (yaw !== undefined) this.eye.yaw = yaw;
    if (pitch !== undefined) this.eye.pitch = pitch;
    this.move.changed = true;
  }
}

const city = new City();
