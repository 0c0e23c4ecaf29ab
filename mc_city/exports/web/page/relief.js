"use strict";
/* How high the city stands in each cell, in each state of its layers. */
class Relief {
  /* found: as heights.js has it; area: [x, z, ...] of its first cell. */
  constructor(found, area) {
    this.step = found.step;
    [this.high, this.wide] = found.shape;
    this.area = area;
    this.changes = found.changes;
    this.ready = false;
    this.shown = null;
  }

  /* Unpacks it all; a promise. */
  async unpack(found) {
    this.today = new Int16Array(await unpacked(found.today));
    for (const change of this.changes) {
      change.places = new Uint32Array(await unpacked(change.cells));
      change.values = new Int16Array(await unpacked(change.tops));
    }
    this.ready = true;
  }

  /* Heights in a state of the layers. shows: tells whether something is shown in it. */
  tops(shows) {
    const found = Float32Array.from(this.today);
    for (const change of this.changes) {
      if (!shows(change.shown)) continue;
      change.places.forEach((cell, i) => { found[cell] = Math.max(found[cell], change.values[i]); });
    }
    return found;
  }

  /* The height of what is shown at a place, in blocks. */
  ground(x, z) {
    if (!this.shown) return -64;
    const column = Math.floor((x - this.area[0]) / this.step), row = Math.floor((z - this.area[1]) / this.step);
    const cell = (value, count) => Math.max(0, Math.min(count - 1, value));
    return this.shown[cell(row, this.high) * this.wide + cell(column, this.wide)];
  }

  /* Where a look from `at` along `way` first meets something: x, y, z, or null. */
  hit(at, way) {
    for (let far = 1; far < 3000; far += Math.max(0.25, far / 800)) {
      const [x, y, z] = at.map((value, i) => value + way[i] * far);
      const ground = this.ground(x, z);
      if (y < ground) return [x, ground, z];
    }
    return null;
  }
}

/* The bytes of a packed text: gzip in base 64; a promise. */
function unpacked(coded) {
  const raw = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
