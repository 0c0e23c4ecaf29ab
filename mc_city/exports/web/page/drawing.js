"use strict";
/* Draws tiles of faces. Each face is an instance of six numbers; the shader makes its four corners. */
var drawing = (function () {
  var FINE = 16, BYTES = 12;
  var VERTEX = [
    "#version 300 es", "precision highp float; precision highp int; precision highp sampler2D;",
    "layout(location=0) in vec3 at; layout(location=1) in vec2 size; layout(location=2) in float number;",
    "uniform mat4 seen; uniform vec2 corner; uniform int side; uniform sampler2D palette; uniform vec3 eye;",
    "out vec3 place; flat out vec4 colour; out float far;",
    "void main() {",
    "  vec2 c = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * (size + 0.3) - 0.15; int axis = side >> 1;",
    "  vec3 p = at + (axis == 0 ? vec3(0.0, c) : axis == 1 ? vec3(c.x, 0.0, c.y) : vec3(c, 0.0));",
    "  place = p / 16.0 + vec3(corner.x, 0.0, corner.y);",
    "  int n = int(number); colour = texelFetch(palette, ivec2(n & 63, n >> 6), 0);",
    "  far = distance(place, eye); gl_Position = seen * vec4(place, 1.0);",
    "}"].join("\n");
  var FRAGMENT = [
    "#version 300 es", "precision highp float; precision highp int; precision highp sampler2D;",
    "in vec3 place; flat in vec4 colour; in float far; out vec4 shown;",
    "uniform int side; uniform vec3 sun; uniform vec3 warm; uniform vec3 sky; uniform float reach; uniform vec4 ground; uniform sampler2D shade; uniform float shadows;",
    "float chance(vec3 p) { vec3 q = fract(p * vec3(0.1031, 0.1130, 0.0973)); q += dot(q, q.yzx + 33.33); return fract((q.x + q.y) * q.z); }",
    "void main() {",
    "  vec3 n = side == 0 ? vec3(-1,0,0) : side == 1 ? vec3(1,0,0) : side == 2 ? vec3(0,-1,0) : side == 3 ? vec3(0,1,0) : side == 4 ? vec3(0,0,-1) : vec3(0,0,1);",
    "  float lit = max(dot(n, sun), 0.0);",
    "  if (lit > 0.0 && shadows > 0.0) {",
    "    vec3 q = place + n * 0.55; ivec2 cell = ivec2(floor((q.xz - ground.xy) / ground.z));",
    "    float edge = texelFetch(shade, clamp(cell, ivec2(0), textureSize(shade, 0) - 1), 0).r;",
    "    lit *= q.y + 0.05 < edge ? 0.0 : 1.0;",
    "  }",
    "  float even = side == 3 ? 1.0 : side == 2 ? 0.62 : side < 2 ? 0.86 : 0.92;",
    "  vec3 light = sky * 0.62 * even + warm * lit * 0.72;",
    "  float near = clamp(1.0 - far / 220.0, 0.0, 1.0);",
    "  float grain = 1.0 + (chance(floor(place - n * 0.01)) - 0.5) * 0.11 * near;",
    "  vec3 c = colour.rgb * colour.rgb * light * grain;",
    "  float haze = 1.0 - exp(-pow(far / reach, 2.0) * 1.6);",
    "  c = mix(sqrt(c), vec3(0.74, 0.83, 0.90) * sqrt(sky), haze);",
    "  shown = vec4(c, colour.a);",
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
    ["seen", "corner", "side", "palette", "eye", "sun", "warm", "sky", "reach", "ground", "shade", "shadows"].forEach(function (name) {
      self.at[name] = gl.getUniformLocation(self.program, name);
    });
    var pixels = new Uint8Array(64 * 64 * 4);
    colours.forEach(function (one, i) {
      pixels.set([one >>> 16 & 255, one >>> 8 & 255, one & 255, one >>> 24], 4 * i);
    });
    texture(gl, 0, gl.RGBA, 64, 64, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    gl.uniform1i(this.at.palette, 0); gl.uniform1i(this.at.shade, 1);
    gl.uniform1f(this.at.shadows, 0);
    gl.enable(gl.DEPTH_TEST); gl.polygonOffset(-1, -1);
    this.faces = 0;
  }

  Drawing.prototype.setShade = function (values, wide, high) {
    var gl = this.gl;
    if (this.shade) gl.deleteTexture(this.shade);
    this.shade = texture(gl, 1, gl.R32F, wide, high, gl.RED, gl.FLOAT, values);
    gl.uniform1f(this.at.shadows, 1);
  };

  /* Faces of a tile onto the card. groups: {shown, counts}; rows: six int16 a face. */
  Drawing.prototype.loaded = function (groups, rows, corner) {
    var gl = this.gl, buffer = gl.createBuffer(), first = 0, low = 1e9, high = -1e9, i;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer); gl.bufferData(gl.ARRAY_BUFFER, rows, gl.STATIC_DRAW);
    for (i = 1; i < rows.length; i += 6) { if (rows[i] < low) low = rows[i]; if (rows[i] > high) high = rows[i]; }
    groups.forEach(function (group) {
      group.first = first;
      group.counts.forEach(function (count) { first += count; });
    });
    return { buffer: buffer, groups: groups, corner: corner, low: low / FINE, high: high / FINE + 24, faces: first };
  };

  Drawing.prototype.forget = function (tile) { this.gl.deleteBuffer(tile.buffer); };

  Drawing.prototype.begin = function (light, reach, ground) {
    var gl = this.gl;
    gl.disable(gl.SCISSOR_TEST);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform3fv(this.at.sun, light.sun); gl.uniform3fv(this.at.warm, light.warm); gl.uniform3fv(this.at.sky, light.sky);
    gl.uniform1f(this.at.reach, reach); gl.uniform4f(this.at.ground, ground[0], ground[1], ground[2], 0);
    var s = light.sky;
    gl.clearColor(0.74 * Math.sqrt(s[0]), 0.83 * Math.sqrt(s[1]), 0.9 * Math.sqrt(s[2]), 1); gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.faces = 0;
  };

  /* Which sides of a box one can see from a place: those that do not all look away. */
  function facing(side, eye, low, high) {
    var axis = side >> 1;
    return side & 1 ? eye[axis] > low[axis] : eye[axis] < high[axis];
  }

  /* Tiles from near to far; is: tells whether a group is shown; clip: [from, to] of the width. */
  Drawing.prototype.draw = function (tiles, seen, eye, is, clip) {
    var gl = this.gl, self = this, wide = gl.drawingBufferWidth;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(Math.round(clip[0] * wide), 0, Math.round((clip[1] - clip[0]) * wide), gl.drawingBufferHeight);
    gl.uniformMatrix4fv(this.at.seen, false, seen); gl.uniform3fv(this.at.eye, eye);
    [0, 1].forEach(function (clear) {
      if (clear) { gl.enable(gl.BLEND); gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA); gl.depthMask(false); }
      else { gl.disable(gl.BLEND); gl.depthMask(true); }
      (clear ? tiles.slice().reverse() : tiles).forEach(function (tile) {
        gl.bindBuffer(gl.ARRAY_BUFFER, tile.buffer);
        gl.uniform2fv(self.at.corner, tile.corner);
        tile.groups.forEach(function (group) {
          if (!is(group.shown)) return;
          // From afar a cube may be half what stands always and half what is shown: that one is seen.
          if (group.shown.length) gl.enable(gl.POLYGON_OFFSET_FILL); else gl.disable(gl.POLYGON_OFFSET_FILL);
          var first = group.first, side, count;
          for (side = 0; side < 12; side++) {
            count = group.counts[side];
            if (count && side >= 6 === !!clear && facing(side % 6, eye, tile.boxLow, tile.boxHigh)) {
              [0, 1, 2].forEach(function (place) { gl.enableVertexAttribArray(place); gl.vertexAttribDivisor(place, 1); });
              gl.vertexAttribPointer(0, 3, gl.SHORT, false, BYTES, first * BYTES);
              gl.vertexAttribPointer(1, 2, gl.UNSIGNED_SHORT, false, BYTES, first * BYTES + 6);
              gl.vertexAttribPointer(2, 1, gl.UNSIGNED_SHORT, false, BYTES, first * BYTES + 10);
              gl.uniform1i(self.at.side, side % 6);
              gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
              self.faces += count;
            }
            first += count;
          }
        });
      });
    });
    gl.depthMask(true);
  };
  return { Drawing: Drawing };
})();
