"use strict";
/* The tiles of the city, as a tree: each is drawn by itself from afar, by the ones it is made of from near. */
class Tiles {
  /* rows: [level, x, z, faces] of each; facts: with `tile`, blocks of the finest's side, and `levels`. Level 0 is the
     finest. */
  constructor(rows, facts, draw) {
    this.draw = draw;
    this.by = new Map();
    this.fine = new Set();
    this.asked = 0;
    this.picture = 0;
    this.fault = () => {};
    // The second level is cut as the finest is, each other one twice as wide as the one before.
    const sideOf = (level) => facts.tile * 2 ** Math.max(0, level - 1);
    for (const [level, x, z] of rows) {
      const side = sideOf(level);
      const name = `${level}_${x}_${z}`;
      this.by.set(name, {
        name, level, x, z, side, held: null, asked: false, used: 0, away: 0, finer: [],
        low: [x - 16, -64, z - 16], high: [x + side + 16, 400, z + side + 16]
      });
    }
    for (const tile of this.by.values()) {
      const level = tile.level + 1, side = sideOf(level);
      const over = this.by.get(`${level}_${Math.floor(tile.x / side) * side}_${Math.floor(tile.z / side) * side}`);
      if (over) over.finer.push(tile);
    }
    const coarsest = facts.levels.length - 1;
    this.roots = [...this.by.values()].filter((tile) => tile.level === coarsest);
    this.sides = facts.levels;
  }

  /* Asks for a tile's file; it comes as a call of `city.take`, since pages from a folder may read nothing else. */
  load(tile) {
    tile.asked = true;
    this.asked++;
    const script = document.createElement("script");
    script.src = `tiles/${tile.name}.js`;
    script.onerror = () => { this.asked--; this.fault(script.src); };
    script.onload = () => script.remove();
    document.head.append(script);
  }

  /* What a tile's file holds; a promise, kept when it can be drawn. */
  async take(name, found) {
    const tile = this.by.get(name);
    const rows = new Int16Array(await unpacked(found.data));
    tile.held = this.draw.load(found.groups, rows, { corner: [tile.x, tile.z], scale: this.sides[tile.level] });
    tile.low[1] = tile.held.low;
    tile.high[1] = tile.held.high;
    if (!tile.level) this.fine.add(tile);
    this.asked--;
  }

  /* The tiles to draw for an eye, from near to far; asks for some of those that are missing, the coarsest first.
     quality: how far each level reaches, 1 = as `REACH` says; sees: tells whether a box (low, high) is seen. */
  chosen(eye, quality, sees) {
    const found = [], missing = [];
    this.picture++;
    const away = (tile) => Math.hypot(
      Math.max(tile.x - eye[0], 0, eye[0] - tile.x - tile.side),
      Math.max(tile.z - eye[2], 0, eye[2] - tile.z - tile.side),
      Math.max(0, eye[1] - 130)
    );
    // Whether all that is seen of a tile is among those found.
    const visit = (tile) => {
      if (!sees(tile.low, tile.high)) return true;
      tile.away = away(tile);
      if (tile.level && tile.away < REACH[tile.level - 1] * quality) {
        const before = found.length;
        if (tile.finer.map(visit).every(Boolean)) return true;
        // Until all are there, the one of them all is drawn, or as many as there are.
        if (!tile.held && found.length > before) return false;
        found.length = before;
      }
      if (!tile.held) {
        if (!tile.asked) missing.push(tile);
        return false;
      }
      tile.used = this.picture;
      found.push(tile);
      return true;
    };
    this.roots.forEach(visit);
    missing.sort((a, b) => b.level - a.level || a.away - b.away);
    missing.slice(0, Math.max(0, AT_ONCE - this.asked)).forEach((tile) => this.load(tile));
    this.forget();
    return found.sort((a, b) => a.away - b.away);
  }

  /* Lets go of the finest tiles that were not drawn for longest. */
  forget() {
    const many = this.fine.size - MOST_FINE;
    if (many <= 0) return;
    for (const tile of [...this.fine].sort((a, b) => a.used - b.used).slice(0, many)) {
      this.draw.forget(tile.held);
      this.fine.delete(tile);
      tile.held = null;
      tile.asked = false;
    }
  }
}

/* Blocks to which tiles of each level reach; how many of the finest are kept; how many files are asked for at once. */
const REACH = [110, 260, 560, 1200, 2400];
const MOST_FINE = 96;
const AT_ONCE = 4;
