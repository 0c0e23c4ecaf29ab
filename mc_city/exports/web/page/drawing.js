"use strict";
/* Draws tiles of faces. A face is six numbers in its file and four corners on the card: what draws without
   a card draws instances one by one, and light is counted at corners, as there are fewer of them than points. */
var drawing = (function () {
  var FINE = 16, BYTES = 8, CORNERS = 4;
  var WAYS = [-1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1], EVEN = [0.86, 0.86, 0.62, 1, 0.92, 0.92];
  var VERTEX = [
    "#version 300 es", "precision highp float; precision highp int; precision highp sampler2D;",
    "layout(location=0) in vec3 at; layout(location=1) in float look;",
    "uniform mat4 seen; uniform vec2 corner; uniform sampler2D palette; uniform vec3 eye; uniform float reach; uniform vec3 lit[6]; uniform vec3 unlit[6]; uniform vec3 way[6];",
    "out vec3 place; flat out vec3 normal; flat out vec3 bright; flat out vec3 dark; flat out float alpha; out float haze; out float near;",
    "void main() {",
    "  int held = int(look), side = held >> 11 & 7, n = held & 2047;",
    // A hair larger than it is, so that nothing is seen between faces that meet.
    "  vec2 e = vec2(float(held >> 14 & 1), float(held >> 15)) * 0.3 - 0.15;",
    "  place = (at + (side < 2 ? vec3(0.0, e) : side < 4 ? vec3(e.x, 0.0, e.y) : vec3(e, 0.0))) * 0.0625 + vec3(corner.x, 0.0, corner.y);",
    "  vec4 colour = texelFetch(palette, ivec2(n & 63, n >> 6), 0);",
    "  normal = way[side]; dark = colour.rgb * unlit[side]; bright = colour.rgb * lit[side]; alpha = colour.a;",
    "  vec3 off = place - eye; float far = dot(off, off), t = far * reach;",
    "  haze = t / (0.6 + t); near = 1.0 - far * 0.00002;",
    "  gl_Position = seen * vec4(place, 1.0);",
    "}"].join("\n");
  var FRAGMENT = [
    "#version 300 es", "precision highp float; precision highp int; precision highp sampler2D;",
    "in vec3 place; flat in vec3 normal; flat in vec3 bright; flat in vec3 dark; flat in float alpha; in float haze; in float near; out vec4 shown;",
    "uniform vec4 ground; uniform vec3 air; uniform sampler2D shade; uniform float shadows;",
    "float chance(vec3 p) { vec3 q = fract(p * vec3(0.1031, 0.1130, 0.0973)); q += dot(q, q.yzx + 33.33); return fract((q.x + q.y) * q.z); }",
    "void main() {",
    "  vec3 c = bright;",
    "  if (shadows > 0.0 && bright != dark) {",
    "    vec3 q = place + normal * 0.55; ivec2 cell = ivec2(floor((q.xz - ground.xy) * ground.z));",
    "    if (q.y + 0.05 < texelFetch(shade, clamp(cell, ivec2(0), textureSize(shade, 0) - 1), 0).r) c = dark;",
    "  }",
    "  if (near > 0.0) c *= 1.0 + (chance(floor(place - normal * 0.01)) - 0.5) * 0.06 * near;",
    "  shown = vec4(mix(c, air, haze), alpha);",
    "}"].join("\n");

  function compiled(gl) {
    var program = gl.createProgram();
    [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]].forEach(function (one) {
      var shader = gl.createShader(one[0]);
      gl.shaderSource(shader, one[1]); gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(program, shader);
    });
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    return program;
  }

  function texture(gl, unit, inner, wide, high, format, type, data) {
    var made = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit); gl.bindTexture(gl.TEXTURE_2D, made);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, inner, wide, high, 0, format, type, data);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return made;
  }

  function Drawing(canvas, colours) {
    var gl = canvas.getContext("webgl2", { antialias: false, alpha: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("WebGL 2");
    this.gl = gl; this.program = compiled(gl); gl.useProgram(this.program);
    var self = this; this.at = {};
    ["seen", "corner", "palette", "eye", "lit", "unlit", "way", "reach", "ground", "air", "shade", "shadows"].forEach(function (name) {
      self.at[name] = gl.getUniformLocation(self.program, name);
    });
    var pixels = new Uint8Array(64 * 64 * 4);
    colours.forEach(function (one, i) {
      pixels.set([one >>> 16 & 255, one >>> 8 & 255, one & 255, one >>> 24], 4 * i);
    });
    texture(gl, 0, gl.RGBA, 64, 64, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    gl.uniform1i(this.at.palette, 0);
    gl.uniform1f(this.at.shadows, 0);
    gl.enable(gl.DEPTH_TEST); gl.polygonOffset(-1, -1);
    this.faces = 0; this.room = 0; this.order = gl.createBuffer(); this.shades = [];
  }

  /* The corners of so many faces as triangles, in one list for all tiles. */
  Drawing.prototype.makeRoom = function (faces) {
    if (faces <= this.room) return;
    var list = new Uint32Array(6 * faces), i, at;
    for (i = 0, at = 0; i < faces; i++) {
      list[at++] = 4 * i; list[at++] = 4 * i + 1; list[at++] = 4 * i + 2;
      list[at++] = 4 * i + 2; list[at++] = 4 * i + 1; list[at++] = 4 * i + 3;
    }
    this.room = faces;
    this.gl.bindVertexArray(null);
    this.gl.bindBuffer(this.gl.ELEMENT_ARRAY_BUFFER, this.order);
    this.gl.bufferData(this.gl.ELEMENT_ARRAY_BUFFER, list, this.gl.STATIC_DRAW);
  };

  /* Four corners of each face: x, y, z, and the colour's number (the first 2,048 have one), the side and which corner in one. */
  function cornersOf(groups, rows, faces) {
    var out = new Int16Array(CORNERS * 4 * faces), face = 0, at = 0;
    groups.forEach(function (group) {
      group.counts.forEach(function (count, number) {
        var side = number % 6, axis = side >> 1, one = axis === 0 ? 1 : 0, two = axis === 2 ? 1 : 2, i, corner, r;
        for (i = 0; i < count; i++, face++) {
          r = 6 * face;
          for (corner = 0; corner < 4; corner++) {
            out[at] = rows[r]; out[at + 1] = rows[r + 1]; out[at + 2] = rows[r + 2];
            out[at + one] += corner & 1 ? rows[r + 3] : 0; out[at + two] += corner >> 1 ? rows[r + 4] : 0;
            out[at + 3] = corner << 14 | side << 11 | Math.min(rows[r + 5] & 4095, 2047);
            at += 4;
          }
        }
      });
    });
    return out;
  }

  /* Shadows of a state: 0 = of today, 1 = of what is chosen. */
  Drawing.prototype.setShade = function (which, values, wide, high) {
    var gl = this.gl;
    if (this.shades[which]) gl.deleteTexture(this.shades[which]);
    this.shades[which] = texture(gl, 1 + which, gl.R32F, wide, high, gl.RED, gl.FLOAT, values);
    gl.uniform1f(this.at.shadows, 1);
  };

  /* Faces of a tile onto the card. groups: {shown, counts}; rows: six int16 a face. */
  Drawing.prototype.loaded = function (groups, rows, corner) {
    var gl = this.gl, faces = rows.length / 6, low = 1e9, high = -1e9, first = 0, i;
    for (i = 1; i < rows.length; i += 6) { if (rows[i] < low) low = rows[i]; if (rows[i] > high) high = rows[i]; }
    groups.forEach(function (group) {
      group.first = first;
      group.counts.forEach(function (count) { first += count; });
    });
    this.makeRoom(faces);
    var buffer = gl.createBuffer(), held = gl.createVertexArray();
    gl.bindVertexArray(held);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer); gl.bufferData(gl.ARRAY_BUFFER, cornersOf(groups, rows, faces), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0); gl.vertexAttribPointer(0, 3, gl.SHORT, false, BYTES, 0);
    gl.enableVertexAttribArray(1); gl.vertexAttribPointer(1, 1, gl.UNSIGNED_SHORT, false, BYTES, 6);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order);
    gl.bindVertexArray(null);
    return { buffer: buffer, held: held, groups: groups, corner: corner, low: low / FINE, high: high / FINE + 24, faces: faces };
  };

  Drawing.prototype.forget = function (tile) { this.gl.deleteBuffer(tile.buffer); this.gl.deleteVertexArray(tile.held); };

  /* What the sky and the sun give to each side; roots, as the colours are the roots of what they reflect. */
  function lightOfSides(light) {
    var lit = [], unlit = [], side, part, low, sun;
    for (side = 0; side < 6; side++) {
      sun = Math.max(0, WAYS[3 * side] * light.sun[0] + WAYS[3 * side + 1] * light.sun[1] + WAYS[3 * side + 2] * light.sun[2]);
      for (part = 0; part < 3; part++) {
        low = light.sky[part] * 0.62 * EVEN[side];
        unlit.push(Math.sqrt(low)); lit.push(Math.sqrt(low + light.warm[part] * sun * 0.72));
      }
    }
    return { lit: lit, unlit: unlit };
  }

  Drawing.prototype.begin = function (light, reach, ground) {
    var gl = this.gl;
    gl.disable(gl.SCISSOR_TEST);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    var sides = lightOfSides(light);
    gl.uniform3fv(this.at.lit, sides.lit); gl.uniform3fv(this.at.unlit, sides.unlit); gl.uniform3fv(this.at.way, WAYS);
    gl.uniform1f(this.at.reach, 1 / (reach * reach)); gl.uniform4f(this.at.ground, ground[0], ground[1], 1 / ground[2], 0);
    var s = light.sky, air = [0.74 * Math.sqrt(s[0]), 0.83 * Math.sqrt(s[1]), 0.9 * Math.sqrt(s[2])];
    gl.uniform3fv(this.at.air, air); gl.clearColor(air[0], air[1], air[2], 1); gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.faces = 0;
  };

  /* Which sides of a box one can see from a place: those that do not all look away. */
  function facing(side, eye, low, high) {
    var axis = side >> 1;
    return side & 1 ? eye[axis] > low[axis] : eye[axis] < high[axis];
  }

  /* Tiles from near to far; state: {is: tells whether a group is shown, shade: whose shadows}; clip: [from, to] of the width. */
  Drawing.prototype.draw = function (tiles, seen, eye, state, clip) {
    var gl = this.gl, self = this, wide = gl.drawingBufferWidth;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(Math.round(clip[0] * wide), 0, Math.round((clip[1] - clip[0]) * wide), gl.drawingBufferHeight);
    gl.uniform1i(this.at.shade, 1 + state.shade); gl.uniformMatrix4fv(this.at.seen, false, seen); gl.uniform3fv(this.at.eye, eye);
    [0, 1].forEach(function (clear) {
      if (clear) { gl.enable(gl.BLEND); gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA); gl.depthMask(false); }
      else { gl.disable(gl.BLEND); gl.depthMask(true); }
      (clear ? tiles.slice().reverse() : tiles).forEach(function (tile) {
        var bound = false;
        tile.groups.forEach(function (group) {
          if (!state.is(group.shown)) return;
          var first = group.first, side, begin = 0, end = 0;
          function flush() {
            if (end > begin) {
              if (!bound) { gl.bindVertexArray(tile.held); gl.uniform2fv(self.at.corner, tile.corner); bound = true; }
              // From afar a cube may be half what stands always and half what is shown: that one is seen.
              if (group.shown.length) gl.enable(gl.POLYGON_OFFSET_FILL); else gl.disable(gl.POLYGON_OFFSET_FILL);
              gl.drawElements(gl.TRIANGLES, 6 * (end - begin), gl.UNSIGNED_INT, 24 * begin);
              self.faces += end - begin;
            }
          }
          // Sides that look away are left out, the others drawn together where they lie together.
          for (side = 0; side < 12; first += group.counts[side], side++) {
            if (side >= 6 !== !!clear || !facing(side % 6, eye, tile.boxLow, tile.boxHigh)) continue;
            if (first !== end) { flush(); begin = first; }
            end = first + group.counts[side];
          }
          flush();
        });
      });
    });
    gl.bindVertexArray(null);
    gl.depthMask(true);
  };
  return { Drawing: Drawing };
})();
