// The city from above, on a canvas: metres right and up of the city's plane, layers, moving, zooming, and what is drawn by hand (map_tools.js).
import { button, element, tell } from "./dom.js";
import { STYLES } from "./map_styles.js";
import { LineTool, PointTool, PolygonTool, RectangleTool } from "./map_tools.js";

const CLOSEST = 20;
const FARTHEST = 1e-4;
const KEY_STEP = 60;
const NEAR = 9;

/**
 * `new CityMap(holder, words, {bounds, onpick})`: bounds [west, south, east, north] is what it shows at first;
 * `onpick({layer, item, at})` hears what is clicked or chosen with Enter under the middle.
 *
 * A layer: {style, polygons: [{rings: [[[x, y], …], …], id?, style?, label?}], lines: [{points: [[x, y], …]}],
 * points: [{at: [x, y], label?}], images: [{url, bounds, corners?}]}; corners [upper left, upper right, lower left] for a picture that lies askew.
 */
export class CityMap {
  constructor(holder, words, { bounds = [0, 0, 1000, 1000], onpick = null, label = null } = {}) {
    this.words = words;
    this.home = bounds;
    this.onpick = onpick;
    this.layers = new Map();
    this.pictures = new Map();
    this.tool = null;
    this.canvas = element("canvas", { tabindex: "0", role: "application", "aria-label": label ?? words("map.label") });
    this.note = element("p", { class: "map-note", hidden: true });
    this.bar = element("p", { class: "map-scale", "aria-hidden": "true" });
    const buttons = element("div", { class: "map-buttons" },
      button("+", () => this.zoomBy(1.6), { "aria-label": words("map.in"), title: words("map.in") }),
      button("−", () => this.zoomBy(1 / 1.6), { "aria-label": words("map.out"), title: words("map.out") }),
      button("⌂", () => this.fit(), { "aria-label": words("map.all"), title: words("map.all") }));
    this.frame = element("div", { class: "map" }, this.canvas, buttons, this.bar, this.note);
    holder.append(this.frame);
    this.size = [1, 1];
    this.middle = [0, 0];
    this.scale = 1;
    this.fitted = false;
    this.watch = new ResizeObserver(() => this.#resize());
    this.watch.observe(this.canvas);
    this.#listen();
  }

  /** Ends it: nothing watches any more. */
  destroy() {
    this.watch.disconnect();
    this.stopDrawing();
    this.frame.remove();
  }

  setLayer(name, layer) {
    this.layers.set(name, layer);
    for (const { url } of layer.images ?? []) this.#load(url);
    this.draw();
  }

  removeLayer(name) {
    this.layers.delete(name);
    this.draw();
  }

  /** Shows the whole of some bounds; without any, what it showed at first. */
  fit(bounds = this.home) {
    const [west, south, east, north] = bounds;
    const [wide, high] = this.size;
    this.middle = [(west + east) / 2, (south + north) / 2];
    this.scale = Math.min(wide / Math.max(east - west, 1), high / Math.max(north - south, 1)) * 0.94;
    this.#limit();
    this.draw();
  }

  zoomBy(factor, around = null) {
    const before = around ? this.toCity(around) : null;
    this.scale *= factor;
    this.#limit();
    if (before) {
      const [x, y] = this.toCity(around);
      this.middle = [this.middle[0] + before[0] - x, this.middle[1] + before[1] - y];
    }
    this.draw();
  }

  /** What is seen: {bounds, width} in metres and pixels. `onview` is called when it has changed. */
  view() {
    const [west, north] = this.toCity([0, 0]);
    const [east, south] = this.toCity(this.size);
    return { bounds: [west, south, east, north], width: this.size[0] };
  }

  /** Pixels of the canvas → metres. */
  toCity([x, y]) {
    const [wide, high] = this.size;
    return [this.middle[0] + (x - wide / 2) / this.scale, this.middle[1] - (y - high / 2) / this.scale];
  }

  /** Metres → pixels of the canvas. */
  toCanvas([right, up]) {
    const [wide, high] = this.size;
    return [wide / 2 + (right - this.middle[0]) * this.scale, high / 2 - (up - this.middle[1]) * this.scale];
  }

  /** What lies at a pixel, uppermost first: {layer, item} or null. */
  hit(pixel) {
    const [x, y] = this.toCity(pixel);
    const reach = NEAR / this.scale;
    for (const [name, layer] of [...this.layers].reverse()) {
      if (layer.silent) continue;
      for (const item of layer.points ?? []) if (Math.hypot(item.at[0] - x, item.at[1] - y) <= 1.4 * reach) return { layer: name, item };
      for (const item of layer.lines ?? []) if (nearLine(item.points, x, y, reach)) return { layer: name, item };
      for (const item of [...(layer.polygons ?? [])].reverse()) if (inRings(item.rings, x, y)) return { layer: name, item };
    }
    return null;
  }

  /** Lets a person draw; resolves with [west, south, east, north], or null where it was stopped. */
  drawRectangle() {
    return this.#draw(new RectangleTool(), "rectangle");
  }

  /** Resolves with [[x, y], …], not closed, or null. */
  drawPolygon() {
    return this.#draw(new PolygonTool(), "polygon");
  }

  /** Resolves with [[x, y], …] of a line, or null. */
  drawLine() {
    return this.#draw(new LineTool(), "line");
  }

  /** Resolves with [x, y], or null. */
  drawPoint() {
    return this.#draw(new PointTool(), "point");
  }

  stopDrawing() {
    if (this.tool) this.#end(null);
  }

  #draw(tool, kind) {
    this.stopDrawing();
    this.tool = tool;
    tool.cross = [...this.middle];
    this.note.textContent = this.words(`map.drawing.${kind}`);
    this.note.hidden = false;
    tell(this.note.textContent);
    this.canvas.focus();
    this.draw();
    return new Promise((kept) => {
      this.kept = kept;
    });
  }

  #end(value) {
    this.tool = null;
    this.note.hidden = true;
    if (value === null) tell(this.words("map.stopped"));
    this.draw();
    this.kept(value);
  }

  /** What a tool says after an event: a value that it is done with, null that it was stopped, undefined that it goes on. */
  #took(result) {
    if (!this.tool) return;
    if (result !== undefined) this.#end(result);
    else this.draw();
  }

  #limit() {
    this.scale = Math.min(Math.max(this.scale, FARTHEST), CLOSEST);
  }

  #resize() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || !clientHeight) return;
    const dots = window.devicePixelRatio || 1;
    this.size = [clientWidth, clientHeight];
    this.canvas.width = Math.round(clientWidth * dots);
    this.canvas.height = Math.round(clientHeight * dots);
    if (this.fitted) this.draw();
    else {
      this.fitted = true;
      this.fit();
    }
  }

  #load(url) {
    if (this.pictures.has(url)) return;
    const picture = new Image();
    this.pictures.set(url, picture);
    picture.addEventListener("load", () => this.draw());
    picture.src = url;
  }

  #pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #listen() {
    let held = null;
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const at = this.#pixel(event);
      held = { at, last: at, moved: false, grabbed: null };
      if (this.tool) this.#took(this.tool.down(this.toCity(at), this));
      else if (this.edited) held.grabbed = this.edited.grab(at, this);
    });
    canvas.addEventListener("pointermove", (event) => {
      const at = this.#pixel(event);
      if (this.tool) {
        this.tool.move(this.toCity(at), Boolean(held));
        this.draw();
      } else if (held?.grabbed) held.grabbed(this.toCity(at));
      else if (held) {
        held.moved ||= Math.hypot(at[0] - held.at[0], at[1] - held.at[1]) > 3;
        if (held.moved) {
          this.middle[0] -= (at[0] - held.last[0]) / this.scale;
          this.middle[1] += (at[1] - held.last[1]) / this.scale;
          held.last = at;
          this.draw();
        }
      } else if (this.edited) canvas.style.cursor = this.edited.cursor(at, this);
    });
    canvas.addEventListener("pointerup", (event) => {
      const at = this.#pixel(event);
      if (this.tool) this.#took(this.tool.up(this.toCity(at), this));
      else if (held && !held.moved && !held.grabbed) this.#pick(at);
      held = null;
    });
    canvas.addEventListener("pointercancel", () => {
      held = null;
    });
    canvas.addEventListener("dblclick", () => {
      if (this.tool) this.#took(this.tool.twice(this));
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(2 ** (-event.deltaY / 400), this.#pixel(event));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  #pick(at) {
    const found = this.hit(at);
    if (found && this.onpick) this.onpick({ ...found, at: this.toCity(at) });
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    if (step && this.tool) this.#cross(step, event.shiftKey);
    else if (step && this.edited?.active) this.edited.moveBy(step, (event.shiftKey ? 64 : 16));
    else if (step) {
      this.middle = [this.middle[0] + (step[0] * KEY_STEP) / this.scale, this.middle[1] + (step[1] * KEY_STEP) / this.scale];
      this.draw();
    } else if (event.key === "+" || event.key === "=") this.zoomBy(1.3);
    else if (event.key === "-") this.zoomBy(1 / 1.3);
    else if (event.key === "0") this.fit();
    else if (this.tool && event.key === "Enter") {
      const count = this.tool.count + 1;
      this.#took(this.tool.enter(this));
      if (this.tool) tell(this.words("map.corner", { count }));
    } else if (this.tool && event.key === "Backspace") {
      this.tool.back();
      this.draw();
    } else if (this.tool && event.key === "Escape") this.#took(null);
    else if (event.key === "Enter") this.#pick([this.size[0] / 2, this.size[1] / 2]);
    else return;
    event.preventDefault();
  }

  #cross(step, far) {
    const length = roundLength((far ? 80 : 10) / this.scale);
    const { tool } = this;
    tool.keys = true;
    tool.cross = [tool.cross[0] + step[0] * length, tool.cross[1] + step[1] * length];
    tool.move(tool.cross, true);
    const [x, y] = this.toCanvas(tool.cross);
    // The map follows a cross hair that leaves it.
    if (x < 0 || y < 0 || x > this.size[0] || y > this.size[1]) this.middle = [...tool.cross];
    this.draw();
  }

  draw() {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.waiting = null;
    const dots = window.devicePixelRatio || 1;
    const pen = this.canvas.getContext("2d");
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    pen.clearRect(0, 0, ...this.size);
    for (const layer of this.layers.values()) {
      for (const image of layer.images ?? []) this.#paintImage(pen, image);
      for (const item of layer.polygons ?? []) this.#paintPath(pen, item.rings, true, item.style ?? layer.style);
      for (const item of layer.lines ?? []) this.#paintPath(pen, [item.points], false, item.style ?? layer.style);
      for (const item of layer.points ?? []) this.#paintPoint(pen, item, item.style ?? layer.style);
      for (const item of layer.polygons ?? []) if (item.label) this.#paintLabel(pen, item.rings[0], item.label);
    }
    this.edited?.paint(pen, this);
    this.tool?.paint(pen, this);
    this.#paintScale();
    const seen = [...this.middle, this.scale, ...this.size].join(" ");
    if (seen !== this.seen) {
      this.seen = seen;
      this.onview?.();
    }
  }

  #paintImage(pen, { url, bounds, corners }) {
    const picture = this.pictures.get(url);
    if (!picture?.complete || !picture.naturalWidth) return;
    const [west, south, east, north] = bounds ?? [0, 0, 0, 0];
    const [left, right, below] = (corners ?? [[west, north], [east, north], [west, south]]).map((one) => this.toCanvas(one));
    const { naturalWidth: wide, naturalHeight: high } = picture;
    pen.save();
    pen.transform((right[0] - left[0]) / wide, (right[1] - left[1]) / wide, (below[0] - left[0]) / high, (below[1] - left[1]) / high, ...left);
    pen.imageSmoothingEnabled = Math.abs(right[0] - left[0]) < 4 * wide;
    pen.drawImage(picture, 0, 0);
    pen.restore();
  }

  #paintPath(pen, rings, closed, name) {
    const style = STYLES[name] ?? STYLES.other;
    pen.beginPath();
    for (const ring of rings) {
      ring.forEach((point, number) => (number ? pen.lineTo(...this.toCanvas(point)) : pen.moveTo(...this.toCanvas(point))));
      if (closed) pen.closePath();
    }
    pen.setLineDash(style.dash ?? []);
    if (closed && style.fill) {
      pen.fillStyle = style.fill;
      pen.fill("evenodd");
    }
    pen.strokeStyle = style.line;
    pen.lineWidth = style.width ?? 1.5;
    pen.stroke();
    pen.setLineDash([]);
  }

  #paintPoint(pen, item, name) {
    const style = STYLES[name] ?? STYLES.other;
    const [x, y] = this.toCanvas(item.at);
    pen.beginPath();
    pen.arc(x, y, item.radius ?? 6, 0, 2 * Math.PI);
    pen.fillStyle = style.fill ?? style.line;
    pen.fill();
    pen.strokeStyle = style.line;
    pen.lineWidth = 2;
    pen.stroke();
    if (item.label) this.#paintText(pen, item.label, x, y - 11);
  }

  #paintLabel(pen, ring, label) {
    const xs = ring.map(([x]) => x);
    const ys = ring.map(([, y]) => y);
    this.#paintText(pen, label, ...this.toCanvas([(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2]));
  }

  #paintText(pen, text, x, y) {
    pen.font = "14px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.lineWidth = 4;
    pen.strokeStyle = "#ffffffd9";
    pen.strokeText(text, x, y);
    pen.fillStyle = "#1c1c1c";
    pen.fillText(text, x, y);
  }

  #paintScale() {
    const metres = roundLength(120 / this.scale);
    this.bar.style.width = `${Math.round(metres * this.scale)}px`;
    this.bar.textContent = metres < 1000 ? `${metres} m` : `${metres / 1000} km`;
  }
}

/** 1, 2 or 5 and noughts, not more than a length and not less than a metre. */
function roundLength(length) {
  const power = 10 ** Math.floor(Math.log10(Math.max(length, 1)));
  return Math.max(...[1, 2, 5].map((one) => one * power).filter((one) => one <= Math.max(length, 1)));
}

function inRings(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let now = 0, before = ring.length - 1; now < ring.length; before = now++) {
      const [x0, y0] = ring[now];
      const [x1, y1] = ring[before];
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
    }
  }
  return inside;
}

function nearLine(points, x, y, reach) {
  return points.some(([x1, y1], number) => {
    if (!number) return false;
    const [x0, y0] = points[number - 1];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const along = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1), 0), 1);
    return Math.hypot(x0 + along * dx - x, y0 + along * dy - y) <= reach;
  });
}
