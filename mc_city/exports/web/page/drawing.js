"use strict";
/* Draws tiles of faces with WebGL 2. A face has six numbers in its file and four corners on the card: what draws
   without a card draws instances one by one. Light is counted at corners, as there are fewer of them than pixels. */
const FINE = 16, CORNERS = 4, CORNER_BYTES = 8;
/* Of the sides west, east, down, up, north, south: their normals, and how much of the sky each sees. */
const NORMALS = [-1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1];
const SKY_SEEN = [0.86, 0.86, 0.62, 1, 0.92, 0.92];
const SKY_SHARE = 0.62, SUN_SHARE = 0.72;
/* Colours that a corner can name. */
const MOST_COLOURS = 2048;

const VERTEX = `#version 300 es
precision highp float; precision highp int; precision highp sampler2D;
layout(location = 0) in vec3 at;
layout(location = 1) in float look;
uniform mat4 seen;
uniform vec2 corner;
uniform float scale;
uniform sampler2D palette;
uniform vec3 eye;
uniform float haziness;
uniform vec3 lit[6];
uniform vec3 unlit[6];
uniform vec3 normals[6];
out vec3 place;
flat out vec3 normal;
flat out vec3 bright;
flat out vec3 dark;
flat out float alpha;
out float haze;
out float near;
void main() {
  int held = int(look), side = held >> 11 & 7, colour = held & 2047;
  // A hair larger than it is, so that nothing is seen between faces that meet.
  vec2 hair = vec2(float(held >> 14 & 1), float(held >> 15)) * 0.3 - 0.15;
  vec3 wider = side < 2 ? vec3(0.0, hair) : side < 4 ? vec3(hair.x, 0.0, hair.y) : vec3(hair, 0.0);
  place = (at * scale + wider) * 0.0625 + vec3(corner.x, 0.0, corner.y);
  vec4 own = texelFetch(palette, ivec2(colour & 63, colour >> 6), 0);
  normal = normals[side];
  dark = own.rgb * unlit[side];
  bright = own.rgb * lit[side];
  alpha = own.a;
  vec3 off = place - eye;
  float far = dot(off, off), thick = far * haziness;
  haze = thick / (0.6 + thick);
  near = 1.0 - far * 0.00002;
  gl_Position = seen * vec4(place, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float; precision highp int; precision highp sampler2D;
in vec3 place;
flat in vec3 normal;
flat in vec3 bright;
flat in vec3 dark;
flat in float alpha;
in float haze;
in float near;
uniform vec3 ground;
uniform vec3 air;
uniform sampler2D shade;
uniform float shadows;
out vec4 shown;
float chance(vec3 p) {
  vec3 q = fract(p * vec3(0.1031, 0.1130, 0.0973));
  q += dot(q, q.yzx + 33.33);
  return fract((q.x + q.y) * q.z);
}
void main() {
  vec3 colour = bright;
  if (shadows > 0.0 && bright != dark) {
    vec3 before = place + normal * 0.55;
    ivec2 cell = ivec2(floor((before.xz - ground.xy) * ground.z));
    float edge = texelFetch(shade, clamp(cell, ivec2(0), textureSize(shade, 0) - 1), 0).r;
    if (before.y + 0.05 < edge) colour = dark;
  }
  // Each block of a merged face is a little lighter or darker than its neighbours.
  if (near > 0.0) colour *= 1.0 + (chance(floor(place - normal * 0.01)) - 0.5) * 0.06 * near;
  shown = vec4(mix(colour, air, haze), alpha);
}`;

const UNIFORMS = [
  "seen", "corner", "scale", "palette", "eye", "haziness", "lit", "unlit", "normals", "ground", "air", "shade",
  "shadows"
];

function compiled(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}

/* A texture whose pixels are read as they are. kind: [inner format, format, type]. */
function texture(gl, unit, [wide, high], [inner, format, type], data) {
  const made = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, inner, wide, high, 0, format, type, data);
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  }
  for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
  }
  return made;
}

/* (4 a face, 4) int16: x, y, z, and in one number which corner, which side, and which colour. rows: (n, 6) as in a
   tile's file: x, y, z, both lengths, colour. */
function cornersOf(groups, rows) {
  const out = new Int16Array(CORNERS * 4 * rows.length / 6);
  let row = 0, at = 0;
  for (const group of groups) {
    group.counts.forEach((count, number) => {
      const side = number % 6, axis = side >> 1, one = axis === 0 ? 1 : 0, two = axis === 2 ? 1 : 2;
      for (const end = row + 6 * count; row < end; row += 6) {
        const look = side << 11 | Math.min(rows[row + 5], MOST_COLOURS - 1);
        for (let corner = 0; corner < CORNERS; corner++, at += 4) {
          for (let part = 0; part < 3; part++) out[at + part] = rows[row + part];
          if (corner & 1) out[at + one] += rows[row + 3];
          if (corner >> 1) out[at + two] += rows[row + 4];
          out[at + 3] = corner << 14 | look;
        }
      }
    });
  }
  return out;
}

/* What sky and sun give to each side: [in the sun, in the shade]; roots, as the colours are the roots of what they
   reflect. */
function lightOfSides(light) {
  const lit = [], unlit = [];
  for (let side = 0; side < 6; side++) {
    const towards = light.sun.reduce((sum, part, i) => sum + part * NORMALS[3 * side + i], 0);
    for (let part = 0; part < 3; part++) {
      const sky = light.sky[part] * SKY_SHARE * SKY_SEEN[side];
      unlit.push(Math.sqrt(sky));
      lit.push(Math.sqrt(sky + light.warm[part] * Math.max(0, towards) * SUN_SHARE));
    }
  }
  return [lit, unlit];
}

/* Whether a side of something in a box can be seen from a place: not all of it looks away. */
function facing(side, eye, box) {
  const axis = side >> 1;
  return side & 1 ? eye[axis] > box.low[axis] : eye[axis] < box.high[axis];
}

/* [first, number] of the runs of faces of a group that may be seen from a place: sides that look away are left out,
   others drawn together where they lie together. clear: of glass and water. */
function runsOf(group, box, eye, clear) {
  const runs = [];
  let first = group.first;
  group.counts.forEach((count, number) => {
    if (count && number >= 6 === clear && facing(number % 6, eye, box)) {
      const last = runs[runs.length - 1];
      if (last && last[0] + last[1] === first) last[1] += count;
      else runs.push([first, count]);
    }
    first += count;
  });
  return runs;
}

class Drawing {
  /* colours: 0xAARRGGBB each, by their numbers. Throws where the browser has no WebGL 2. */
  constructor(canvas, colours) {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("WebGL 2");
    this.gl = gl;
    this.program = compiled(gl);
    gl.useProgram(this.program);
    this.at = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(this.program, name)]));
    const pixels = new Uint8Array(64 * 64 * 4);
    colours.slice(0, 64 * 64).forEach((one, i) => {
      pixels.set([one >>> 16 & 255, one >>> 8 & 255, one & 255, one >>> 24], 4 * i);
    });
    texture(gl, 0, [64, 64], [gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE], pixels);
    gl.uniform1i(this.at.palette, 0);
    gl.uniform1f(this.at.shadows, 0);
    gl.uniform3fv(this.at.normals, NORMALS);
    gl.enable(gl.DEPTH_TEST);
    gl.polygonOffset(-1, -1);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    this.order = gl.createBuffer();
    this.room = 0;
    this.shades = [];
    this.faces = 0;
  }

  /* The corners of so many faces as triangles, in one list for all tiles. */
  makeRoom(faces) {
    if (faces <= this.room) return;
    const list = new Uint32Array(6 * faces);
    for (let face = 0; face < faces; face++) {
      list.set([0, 1, 2, 2, 1, 3].map((corner) => 4 * face + corner), 6 * face);
    }
    this.room = faces;
    this.gl.bindVertexArray(null);
    this.gl.bindBuffer(this.gl.ELEMENT_ARRAY_BUFFER, this.order);
    this.gl.bufferData(this.gl.ELEMENT_ARRAY_BUFFER, list, this.gl.STATIC_DRAW);
  }

  /* Faces of a tile onto the card. groups: {shown, counts}; rows: see `cornersOf`; place: {corner, scale}, blocks. */
  load(groups, rows, place) {
    const gl = this.gl, faces = rows.length / 6;
    let low = Infinity, high = -Infinity, first = 0;
    for (let row = 1; row < rows.length; row += 6) {
      low = Math.min(low, rows[row]);
      high = Math.max(high, rows[row]);
    }
    for (const group of groups) {
      group.first = first;
      first += group.counts.reduce((sum, count) => sum + count, 0);
    }
    this.makeRoom(faces);
    const buffer = gl.createBuffer(), corners = gl.createVertexArray();
    gl.bindVertexArray(corners);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, cornersOf(groups, rows), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.SHORT, false, CORNER_BYTES, 0);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 1, gl.UNSIGNED_SHORT, false, CORNER_BYTES, 6);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order);
    gl.bindVertexArray(null);
    const blocks = place.scale / FINE;
    return { ...place, buffer, corners, groups, faces, low: low * blocks, high: high * blocks + 24 };
  }

  forget(held) {
    this.gl.deleteBuffer(held.buffer);
    this.gl.deleteVertexArray(held.corners);
  }

  /* Shadows of a state: 0 = of today, 1 = of what is chosen. values: see `shadows.edges`. */
  setShade(which, values, size) {
    const gl = this.gl;
    if (this.shades[which]) gl.deleteTexture(this.shades[which]);
    this.shades[which] = texture(gl, 1 + which, size, [gl.R32F, gl.RED, gl.FLOAT], values);
    gl.uniform1f(this.at.shadows, 1);
  }

  /* Begins a picture. light: {sun, warm, sky}; reach: blocks to where the air hides things; ground: x, z and side of
     the first cell of the shadows. */
  begin(light, reach, ground) {
    const gl = this.gl, at = this.at;
    const [lit, unlit] = lightOfSides(light);
    const air = [0.74, 0.83, 0.9].map((part, i) => part * Math.sqrt(light.sky[i]));
    gl.disable(gl.SCISSOR_TEST);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform3fv(at.lit, lit);
    gl.uniform3fv(at.unlit, unlit);
    gl.uniform1f(at.haziness, 1 / (reach * reach));
    gl.uniform3f(at.ground, ground[0], ground[1], 1 / ground[2]);
    gl.uniform3fv(at.air, air);
    gl.clearColor(...air, 1);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.faces = 0;
  }

  /* Tiles from near to far, between two shares of the picture's width. view: {seen, eye}; state: {shows: tells whether
     a group is shown, shade: whose shadows}. */
  draw(tiles, view, state, [from, to]) {
    const gl = this.gl, wide = gl.drawingBufferWidth;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(Math.round(from * wide), 0, Math.round((to - from) * wide), gl.drawingBufferHeight);
    gl.uniform1i(this.at.shade, 1 + state.shade);
    gl.uniformMatrix4fv(this.at.seen, false, view.seen);
    gl.uniform3fv(this.at.eye, view.eye);
    gl.disable(gl.BLEND);
    tiles.forEach((tile) => this.drawTile(tile, view.eye, state.shows, false));
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    [...tiles].reverse().forEach((tile) => this.drawTile(tile, view.eye, state.shows, true));
    gl.depthMask(true);
    gl.bindVertexArray(null);
  }

  drawTile(tile, eye, shows, clear) {
    const gl = this.gl, held = tile.held;
    let bound = false;
    for (const group of held.groups) {
      if (!shows(group.shown)) continue;
      const runs = runsOf(group, tile, eye, clear);
      if (!runs.length) continue;
      if (!bound) {
        gl.bindVertexArray(held.corners);
        gl.uniform2fv(this.at.corner, held.corner);
        gl.uniform1f(this.at.scale, held.scale);
        bound = true;
      }
      // From afar a cube may be half what stands always and half what is shown: that one is seen.
      if (group.shown.length) gl.enable(gl.POLYGON_OFFSET_FILL);
      else gl.disable(gl.POLYGON_OFFSET_FILL);
      for (const [first, count] of runs) {
        gl.drawElements(gl.TRIANGLES, 6 * count, gl.UNSIGNED_INT, 24 * first);
        this.faces += count;
      }
    }
  }
}
