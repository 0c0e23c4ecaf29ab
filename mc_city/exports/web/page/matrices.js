"use strict";
/* Matrices of 4 x 4, column by column, as WebGL has them. */
var matrices = {
  perspective: function (angle, aspect, near, far) {
    var f = 1 / Math.tan(angle / 2);
    return [f / aspect, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / (near - far), -1, 0, 0, 2 * far * near / (near - far), 0];
  },
  /* The way one looks: yaw clockwise from -z, pitch upwards, in radians. */
  ahead: function (yaw, pitch) {
    return [Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), -Math.cos(yaw) * Math.cos(pitch)];
  },
  view: function (at, yaw, pitch) {
    var d = matrices.ahead(yaw, pitch);
    var r = [Math.cos(yaw), 0, Math.sin(yaw)];
    var u = [r[1] * d[2] - r[2] * d[1], r[2] * d[0] - r[0] * d[2], r[0] * d[1] - r[1] * d[0]];
    function dot(a) { return -(a[0] * at[0] + a[1] * at[1] + a[2] * at[2]); }
    return [r[0], u[0], -d[0], 0, r[1], u[1], -d[1], 0, r[2], u[2], -d[2], 0, dot(r), dot(u), -dot(d), 1];
  },
  times: function (a, b) {
    var out = [], i, j, k, sum;
    for (i = 0; i < 4; i++) for (j = 0; j < 4; j++) {
      for (sum = 0, k = 0; k < 4; k++) sum += a[4 * k + j] * b[4 * i + k];
      out[4 * i + j] = sum;
    }
    return out;
  },
  /* Whether a box may be seen: it is not wholly beyond one of the sides of the view. */
  sees: function (m, low, high) {
    var side, corner, x, y, z, w, v, out;
    for (side = 0; side < 5; side++) {
      out = true;
      for (corner = 0; corner < 8 && out; corner++) {
        x = corner & 1 ? high[0] : low[0]; y = corner & 2 ? high[1] : low[1]; z = corner & 4 ? high[2] : low[2];
        w = m[3] * x + m[7] * y + m[11] * z + m[15];
        v = side < 2 ? m[0] * x + m[4] * y + m[8] * z + m[12] : side < 4 ? m[1] * x + m[5] * y + m[9] * z + m[13] : 0;
        if (side === 4 ? w > 0 : side & 1 ? v <= w : v >= -w) out = false;
      }
      if (out) return false;
    }
    return true;
  }
};
