"use strict";
/* Keys, mouse and fingers move the eye. */
var moving = (function () {
  function Moving(canvas, eye, ground) {
    this.eye = eye; this.ground = ground; this.held = {}; this.walking = false; this.changed = true; this.tapped = null;
    var self = this, points = {}, apart = 0, moved = 0;
    canvas.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      var key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (key === " ") { self.setWalking(!self.walking); event.preventDefault(); return; }
      if (key === "Enter" && self.tapped) { self.tapped(0.5, 0.5); return; }
      if (/^(Arrow.*|Shift|PageUp|PageDown|[wasdqertfgc])$/.test(key)) { self.held[key] = true; self.changed = true; if (key !== "Shift") event.preventDefault(); }
    });
    addEventListener("keyup", function (event) { delete self.held[event.key.length === 1 ? event.key.toLowerCase() : event.key]; });
    addEventListener("blur", function () { self.held = {}; });
    canvas.addEventListener("pointerdown", function (event) {
      points[event.pointerId] = [event.clientX, event.clientY]; apart = 0; moved = 0;
      canvas.setPointerCapture(event.pointerId); canvas.focus({ preventScroll: true });
    });
    canvas.addEventListener("pointermove", function (event) {
      var old = points[event.pointerId], ids, one, two, now;
      if (!old) return;
      points[event.pointerId] = [event.clientX, event.clientY];
      moved += Math.abs(event.clientX - old[0]) + Math.abs(event.clientY - old[1]);
      ids = Object.keys(points);
      if (ids.length > 1) {
        one = points[ids[0]]; two = points[ids[1]]; now = Math.hypot(one[0] - two[0], one[1] - two[1]);
        if (apart) self.go((now - apart) * 0.4, 0, 0);
        apart = now;
        self.go(0, -(event.clientX - old[0]) * 0.1, (event.clientY - old[1]) * 0.1);
        return;
      }
      eye.yaw -= (event.clientX - old[0]) * 0.004; eye.pitch += (event.clientY - old[1]) * 0.004; self.limit();
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function (event) {
        var box = canvas.getBoundingClientRect();
        if (name === "pointerup" && moved < 6 && self.tapped) self.tapped((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
        delete points[event.pointerId];
      });
    });
    canvas.addEventListener("wheel", function (event) { self.go(-Math.sign(event.deltaY) * (self.walking ? 2 : 12), 0, 0); event.preventDefault(); }, { passive: false });
  }
  Moving.prototype.limit = function () {
    this.eye.pitch = Math.max(-1.55, Math.min(1.4, this.eye.pitch)); this.changed = true;
  };
  /* Ahead, to the right, up; in blocks. */
  Moving.prototype.go = function (ahead, right, up) {
    var eye = this.eye, way = matrices.ahead(eye.yaw, this.walking ? 0 : eye.pitch), x, z, base;
    x = eye.at[0] + way[0] * ahead + Math.cos(eye.yaw) * right; z = eye.at[2] + way[2] * ahead + Math.sin(eye.yaw) * right;
    if (this.walking) {
      base = this.ground(x, z);
      if (base - this.ground(eye.at[0], eye.at[2]) > 2.6) return;
      eye.at = [x, base + 1.7, z];
    } else {
      eye.at = [x, Math.max(eye.at[1] + way[1] * ahead + up, this.ground(x, z) + 1.2), z];
    }
    this.changed = true;
  };
  Moving.prototype.setWalking = function (is) {
    this.walking = is;
    if (is) { this.eye.at[1] = this.ground(this.eye.at[0], this.eye.at[2]) + 1.7; this.eye.pitch = 0; }
    this.changed = true;
    if (this.told) this.told(is);
  };
  Moving.prototype.step = function (seconds) {
    var held = this.held, any = Object.keys(held).some(function (key) { return key !== "Shift"; });
    if (!any) return;
    var speed = (this.walking ? 5 : 22 + Math.max(0, this.eye.at[1] - 60) * 0.35) * (held.Shift ? 3 : 1) * seconds;
    var ahead = (held.ArrowUp || held.w ? 1 : 0) - (held.ArrowDown || held.s ? 1 : 0);
    var right = (held.ArrowRight || held.d ? 1 : 0) - (held.ArrowLeft || held.a ? 1 : 0);
    var up = (held.r || held.PageUp ? 1 : 0) - (held.f || held.PageDown ? 1 : 0);
    this.eye.yaw += ((held.e ? 1 : 0) - (held.q ? 1 : 0)) * seconds * 1.2;
    this.eye.pitch += ((held.t ? 1 : 0) - (held.g ? 1 : 0)) * seconds * 0.8;
    this.limit();
    if (ahead || right || up) this.go(ahead * speed, right * speed, this.walking ? 0 : up * speed);
  };
  return { Moving: Moving };
})();
