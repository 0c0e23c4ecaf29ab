"use strict";
/* The sun of a day and hour, and how high above each cell its shadow ends. */
const shadows = {
  /* Height above the horizon and azimuth clockwise from north, in radians. day: 1 to 366; minutes: of universal
     time. By the series of Spencer (1971), good to a quarter of a degree. */
  sun(latitude, longitude, day, minutes) {
    const turn = 2 * Math.PI * (day - 1 + (minutes - 720) / 1440) / 365;
    const [c1, s1, c2, s2, c3, s3] = [1, 2, 3].flatMap((n) => [Math.cos(n * turn), Math.sin(n * turn)]);
    const equation = 229.18 * (0.000075 + 0.001868 * c1 - 0.032077 * s1 - 0.014615 * c2 - 0.040849 * s2);
    const tilt =
      0.006918 - 0.399912 * c1 + 0.070257 * s1 - 0.006758 * c2 + 0.000907 * s2 - 0.002697 * c3 + 0.00148 * s3;
    const hour = (minutes + equation + 4 * longitude) / 4 * Math.PI / 180 - Math.PI;
    const north = latitude * Math.PI / 180;
    const up = Math.asin(Math.sin(north) * Math.sin(tilt) + Math.cos(north) * Math.cos(tilt) * Math.cos(hour));
    const east = -Math.cos(tilt) * Math.sin(hour);
    const ahead = Math.cos(north) * Math.sin(tilt) - Math.sin(north) * Math.cos(tilt) * Math.cos(hour);
    return { up, way: (Math.atan2(east, ahead) + 2 * Math.PI) % (2 * Math.PI) };
  },

  /* The sun over a place [latitude, longitude] at a Date. */
  sunAt(place, when) {
    const year = when.getUTCFullYear();
    const day = (Date.UTC(year, when.getUTCMonth(), when.getUTCDate()) - Date.UTC(year, 0, 1)) / 864e5 + 1;
    return shadows.sun(place[0], place[1], day, when.getUTCHours() * 60 + when.getUTCMinutes());
  },

  /* For each cell the height below which it lies in shade: row by row away from the sun, each takes the shadow of
     the row before. tops: heights of what stands, (z, x); step: blocks of a cell; toSun: x, y, z. */
  edges(tops, wide, high, step, toSun) {
    const out = new Float32Array(wide * high).fill(toSun[1] > 0 ? -1e4 : 1e4);
    if (toSun[1] <= 0 || Math.hypot(toSun[0], toSun[2]) < 1e-6) return out;
    const alongX = Math.abs(toSun[0]) >= Math.abs(toSun[2]);
    const [main, aside] = alongX ? [toSun[0], toSun[2]] : [toSun[2], toSun[0]];
    const [length, breadth] = alongX ? [wide, high] : [high, wide];
    const [far, near] = alongX ? [1, wide] : [wide, 1];
    const drift = aside / Math.abs(main), fall = toSun[1] / Math.abs(main) * step;
    const begin = main > 0 ? length - 1 : 0, move = main > 0 ? -1 : 1;
    for (let i = 1; i < length; i++) {
      const at = begin + i * move;
      for (let j = 0; j < breadth; j++) {
        const from = j + drift, one = Math.floor(from), share = from - one;
        if (one < 0 || one + 1 >= breadth) continue;
        const a = (at - move) * far + one * near, b = a + near;
        out[at * far + j * near] =
          Math.max(out[a], tops[a]) * (1 - share) + Math.max(out[b], tops[b]) * share - fall;
      }
    }
    return out;
  }
};
