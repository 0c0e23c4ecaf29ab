"use strict";
/* Matrices of 4 x 4, column by column, as WebGL has them. */
const matrices = {
  perspective(angle, aspect, near, far) {
    const f = 1 / Math.tan(angle / 2);
    const depth = 1 / (near - far);
    return [f / aspect, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) * depth, -1, 0, 0, 2 * far * near * depth, 0];
  },

  /* The way one looks: yaw clockwise from -z, pitch upwards, in radians. */
  ahead(yaw, pitch) {
    return [Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), -Math.cos(yaw) * Math.cos(pitch)];
  },

  /* [to the right, upwards, ahead] of an eye, each of length 1. */
  axes(yaw, pitch) {
    const ahead = matrices.ahead(yaw, pitch);
    const right = [Math.cos(yaw), 0, Math.sin(yaw)];
    const up = [
      right[1] * ahead[2] - right[2] * ahead[1],
      right[2] * ahead[0] - right[0] * ahead[2],
      right[0] * ahead[1] - right[1] * ahead[0]
    ];
    return [right, up, ahead];
  },

  view(at, yaw, pitch) {
    const [right, up, ahead] = matrices.axes(yaw, pitch);
    const off = (axis) => -(axis[0] * at[0] + axis[1] * at[1] + axis[2] * at[2]);
    return [
      right[0], up[0], -ahead[0], 0,
      right[1], up[1], -ahead[1], 0,
      right[2], up[2], -ahead[2], 0,
      off(right), off(up), -off(ahead), 1
    ];
  },

  times(a, b) {
    const out = new Array(16).fill(0);
    for (let column = 0; column < 4; column++) {
      for (let row = 0; row < 4; row++) {
        for (let k = 0; k < 4; k++) out[4 * column + row] += a[4 * k + row] * b[4 * column + k];
      }
    }
    return out;
  },

  /* Whether a box may be seen: it is not wholly beyond one of the sides of the view. */
  sees(m, low, high) {
    // A bit for each side of the view beyond which all corners lie.
    let beyond = 31;
    for (let corner = 0; corner < 8 && beyond; corner++) {
      const x = corner & 1 ? high[0] : low[0];
      const y = corner & 2 ? high[1] : low[1];
      const z = corner & 4 ? high[2] : low[2];
      const right = m[0] * x + m[4] * y + m[8] * z + m[12];
      const up = m[1] * x + m[5] * y + m[9] * z + m[13];
      const ahead = m[3] * x + m[7] * y + m[11] * z + m[15];
      beyond &= (right < -ahead) | (right > ahead) << 1 | (up < -ahead) << 2 | (up > ahead) << 3 | (ahead <= 0) << 4;
    }
    return !beyond;
  }
};
