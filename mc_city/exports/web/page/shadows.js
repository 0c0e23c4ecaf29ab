"use strict";
/* The sun of a day and hour, and how high above each cell its shadow ends. */
var shadows = {
  /* Height above the horizon and azimuth clockwise from north, radians. day: 1 to 366; minutes of universal time. */
  sun: function (latitude, longitude, day, minutes) {
    var turn = 2 * Math.PI * (day - 1 + (minutes - 720) / 1440) / 365;
    var equation = 229.18 * (0.000075 + 0.001868 * Math.cos(turn) - 0.032077 * Math.sin(turn) - 0.014615 * Math.cos(2 * turn) - 0.040849 * Math.sin(2 * turn));
    var tilt = 0.006918 - 0.399912 * Math.cos(turn) + 0.070257 * Math.sin(turn) - 0.006758 * Math.cos(2 * turn) + 0.000907 * Math.sin(2 * turn) - 0.002697 * Math.cos(3 * turn) + 0.00148 * Math.sin(3 * turn);
    var hour = (minutes + equation + 4 * longitude) / 4 * Math.PI / 180 - Math.PI;
    var high = latitude * Math.PI / 180;
    var up = Math.asin(Math.sin(high) * Math.sin(tilt) + Math.cos(high) * Math.cos(tilt) * Math.cos(hour));
    var way = Math.atan2(-Math.cos(tilt) * Math.sin(hour), Math.cos(high) * Math.sin(tilt) - Math.sin(high) * Math.cos(tilt) * Math.cos(hour));
    return { up: up, way: (way + 2 * Math.PI) % (2 * Math.PI) };
  },
  /* For each cell the height below which it lies in shade. tops: heights of what stands, (z, x); toSun: x, y, z. */
  edges: function (tops, wide, high, step, toSun) {
    var out = new Float32Array(wide * high), flat = Math.hypot(toSun[0], toSun[2]);
    out.fill(-1e4);
    if (toSun[1] <= 0) { out.fill(1e4); return out; }
    if (flat < 1e-6) return out;
    var across = Math.abs(toSun[0]) >= Math.abs(toSun[2]);
    var main = across ? toSun[0] : toSun[2], drift = (across ? toSun[2] : toSun[0]) / Math.abs(main);
    var fall = toSun[1] / Math.abs(main) * step, length = across ? wide : high, breadth = across ? high : wide;
    var i, j, from, at, share, one, two, before, begin = main > 0 ? length - 1 : 0, move = main > 0 ? -1 : 1;
    function cell(along, beside) { return across ? beside * wide + along : along * wide + beside; }
    for (i = 0, at = begin; i < length; i++, at += move) {
      for (j = 0; j < breadth; j++) {
        if (!i) continue;
        before = at - move; from = j + drift; one = Math.floor(from); share = from - one; two = one + 1;
        if (one < 0 || two >= breadth) continue;
        var a = cell(before, one), b = cell(before, two);
        out[cell(at, j)] = (Math.max(out[a], tops[a]) * (1 - share) + Math.max(out[b], tops[b]) * share) - fall;
      }
    }
    return out;
  }
};
