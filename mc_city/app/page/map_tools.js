// What a person draws on the map, with the mouse, a finger or the keyboard alone.
import { ACCENT, STYLES } from "./map_styles.js";

const HANDLE = 7;

/** What all tools share: a cross hair, and the corners that are set. Each event answers with a value when it is done. */
class Tool {
  constructor() {
    this.cross = [0, 0];
    this.keys = false;
    this.corners = [];
  }

  get count() {
    return this.corners.length;
  }

  down() {}

  move(at) {
    this.cross = at;
  }

  up() {}

  twice() {}

  back() {
    this.corners.pop();
  }

  paint(pen, map) {
    const [x, y] = map.toCanvas(this.cross);
    pen.beginPath();
    pen.moveTo(x - 12, y);
    pen.lineTo(x + 12, y);
    pen.moveTo(x, y - 12);
    pen.lineTo(x, y + 12);
    pen.lineWidth = 5;
    pen.strokeStyle = "#ffffff";
    pen.stroke();
    pen.lineWidth = 2;
    pen.strokeStyle = "#1c1c1c";
    pen.stroke();
  }
}

export class PointTool extends Tool {
  up(at) {
    return at;
  }

  enter() {
    return this.cross;
  }
}

function boundsOf([x0, y0], [x1, y1]) {
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

export class RectangleTool extends Tool {
  down(at) {
    this.cross = at;
    if (!this.count) this.corners = [at];
  }

  up(at, map) {
    return this.#second(at, map);
  }

  enter(map) {
    if (this.count) return this.#second(this.cross, map);
    this.corners = [this.cross];
    return undefined;
  }

  #second(at, map) {
    const [x0, y0] = map.toCanvas(this.corners[0]);
    const [x1, y1] = map.toCanvas(at);
    // A click alone sets the first corner, and the next click the other.
    return Math.abs(x1 - x0) > 4 && Math.abs(y1 - y0) > 4 ? boundsOf(this.corners[0], at) : undefined;
  }

  paint(pen, map) {
    if (this.count) paintBox(pen, map, boundsOf(this.corners[0], this.cross));
    super.paint(pen, map);
  }
}

export class PolygonTool extends Tool {
  least = 3;
  closed = true;

  up(at, map) {
    return this.#add(at, map);
  }

  enter(map) {
    return this.#add(this.cross, map);
  }

  twice() {
    return this.count >= this.least ? this.corners : undefined;
  }

  #add(at, map) {
    const near = (one) => {
      const [x0, y0] = map.toCanvas(one);
      const [x1, y1] = map.toCanvas(at);
      return Math.hypot(x1 - x0, y1 - y0) < HANDLE;
    };
    const ends = this.count && ((this.closed && near(this.corners[0])) || near(this.corners.at(-1)));
    if (ends) return this.count >= this.least ? this.corners : undefined;
    this.corners.push([...at]);
    return undefined;
  }

  paint(pen, map) {
    const all = [...this.corners, this.cross];
    pen.beginPath();
    all.forEach((one, number) => (number ? pen.lineTo(...map.toCanvas(one)) : pen.moveTo(...map.toCanvas(one))));
    if (this.closed) {
      pen.closePath();
      pen.fillStyle = STYLES.drawn.fill;
      pen.fill();
    }
    pen.strokeStyle = STYLES.drawn.line;
    pen.lineWidth = STYLES.drawn.width;
    pen.stroke();
    for (const corner of this.corners) paintHandle(pen, map.toCanvas(corner));
    super.paint(pen, map);
  }
}

/** Corner by corner, as a polygon, but open: two are enough. */
export class LineTool extends PolygonTool {
  least = 2;
  closed = false;
}

function paintBox(pen, map, [west, south, east, north]) {
  const [x0, y0] = map.toCanvas([west, north]);
  const [x1, y1] = map.toCanvas([east, south]);
  pen.fillStyle = STYLES.area.fill;
  pen.fillRect(x0, y0, x1 - x0, y1 - y0);
  pen.strokeStyle = ACCENT;
  pen.lineWidth = 3;
  pen.strokeRect(x0, y0, x1 - x0, y1 - y0);
}

function paintHandle(pen, [x, y]) {
  pen.fillStyle = "#ffffff";
  pen.fillRect(x - HANDLE, y - HANDLE, 2 * HANDLE, 2 * HANDLE);
  pen.strokeStyle = ACCENT;
  pen.lineWidth = 2;
  pen.strokeRect(x - HANDLE, y - HANDLE, 2 * HANDLE, 2 * HANDLE);
}

/** A rectangle that stays and can be taken by its corners or moved: `map.edited = new Edited(bounds, changed)`. While it is `active`, arrow keys move it. */
export class Edited {
  constructor(bounds, changed) {
    this.bounds = bounds;
    this.changed = changed;
    this.active = false;
  }

  set(bounds) {
    this.bounds = bounds;
    this.changed(bounds);
  }

  moveBy([right, up], metres) {
    const [west, south, east, north] = this.bounds;
    this.set([west + right * metres, south + up * metres, east + right * metres, north + up * metres]);
  }

  #corners() {
    const [west, south, east, north] = this.bounds;
    return [[west, north, 0, 3], [east, north, 2, 3], [east, south, 2, 1], [west, south, 0, 1]];
  }

  /** A rectangle that is small on the map is moved as a whole: its corners could not be told apart. */
  #hasHandles(map) {
    const [west, south, east, north] = this.bounds;
    return Math.min(east - west, north - south) * map.scale > 5 * HANDLE;
  }

  #cornerAt([x, y], map) {
    if (!this.#hasHandles(map)) return undefined;
    return this.#corners().find(([right, up]) => {
      const [cx, cy] = map.toCanvas([right, up]);
      return Math.abs(cx - x) <= HANDLE + 5 && Math.abs(cy - y) <= HANDLE + 5;
    });
  }

  #holds(at, map) {
    const [x, y] = map.toCity(at);
    const [west, south, east, north] = this.bounds;
    return x > west && x < east && y > south && y < north;
  }

  /** What moves with the pointer that went down here: a corner, the whole, or null. */
  grab(at, map) {
    const corner = this.#cornerAt(at, map);
    if (corner) {
      const [, , across, along] = corner;
      const fixed = [this.bounds[2 - across], this.bounds[4 - along]];
      return (to) => this.set(boundsOf(fixed, to));
    }
    if (!this.#holds(at, map)) return null;
    let last = map.toCity(at);
    return (to) => {
      const moved = [to[0] - last[0], to[1] - last[1]];
      last = to;
      this.moveBy(moved, 1);
    };
  }

  cursor(at, map) {
    const corner = this.#cornerAt(at, map);
    if (corner) return (corner[2] === 0) === (corner[3] === 3) ? "nwse-resize" : "nesw-resize";
    return this.#holds(at, map) ? "move" : "";
  }

  paint(pen, map) {
    paintBox(pen, map, this.bounds);
    if (this.#hasHandles(map)) for (const [right, up] of this.#corners()) paintHandle(pen, map.toCanvas([right, up]));
  }
}
