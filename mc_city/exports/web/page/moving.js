"use strict";
/* Keys, mouse and fingers move the eye: {at: [x, y, z], yaw, pitch}. */
/* Who wants no motion moves in steps, each what a key does in so many seconds, and as far apart while it is held. */
const STEP_S = 0.4;
const EYES = 1.7, STEP_UP = 2.6, NOT_LOWER = 1.2;
const HELD_KEYS = /^(Arrow.*|Shift|PageUp|PageDown|[wasdqertfg])$/;

function keyOf(event) {
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

class Moving {
  /* ground: the height at (x, z). tapped: called with shares of the picture's width and height; walks: told whether one
     walks. */
  constructor(canvas, eye, { ground, tapped, walks }) {
    Object.assign(this, { canvas, eye, ground, tapped, walks });
    this.held = new Set();
    this.walking = false;
    this.changed = true;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.stepped = 0;
    this.listenToKeys();
    this.listenToPointers();
    canvas.addEventListener("wheel", (event) => {
      this.go(-Math.sign(event.deltaY) * (this.walking ? 2 : 12), 0, 0);
      event.preventDefault();
    }, { passive: false });
  }

  listenToKeys() {
    this.canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = keyOf(event);
      if (key === " ") this.setWalking(!this.walking);
      else if (key === "Enter") this.tapped(0.5, 0.5);
      else if (HELD_KEYS.test(key)) {
        this.held.add(key);
        this.changed = true;
        if (this.still.matches) this.stepOnce(event);
      } else return;
      if (key !== "Shift") event.preventDefault();
    });
    addEventListener("keyup", (event) => this.held.delete(keyOf(event)));
    addEventListener("blur", () => this.held.clear());
  }

  /* One finger or the mouse looks around, two fingers move. */
  listenToPointers() {
    const canvas = this.canvas, points = new Map();
    let moved = 0, apart = 0;
    canvas.addEventListener("pointerdown", (event) => {
      points.set(event.pointerId, [event.clientX, event.clientY]);
      moved = apart = 0;
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
    });
    canvas.addEventListener("pointermove", (event) => {
      const old = points.get(event.pointerId);
      if (!old) return;
      const across = event.clientX - old[0], down = event.clientY - old[1];
      points.set(event.pointerId, [event.clientX, event.clientY]);
      moved += Math.abs(across) + Math.abs(down);
      if (points.size > 1) {
        const [one, two] = [...points.values()];
        const now = Math.hypot(one[0] - two[0], one[1] - two[1]);
        this.go(apart ? (now - apart) * 0.4 : 0, -across * 0.1, down * 0.1);
        apart = now;
        return;
      }
      this.turn(-across * 0.004, down * 0.004);
    });
    const ended = (event) => {
      const box = canvas.getBoundingClientRect();
      if (event.type === "pointerup" && moved < 6 && points.has(event.pointerId)) {
        this.tapped((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      }
      points.delete(event.pointerId);
      apart = 0;
    };
    canvas.addEventListener("pointerup", ended);
    canvas.addEventListener("pointercancel", ended);
  }

  turn(yaw, pitch) {
    this.eye.yaw += yaw;
    this.eye.pitch = Math.max(-1.55, Math.min(1.4, this.eye.pitch + pitch));
    this.changed = true;
  }

  /* Ahead, to the right, up; in blocks. Who walks stays on the ground and before walls. */
  go(ahead, right, up) {
    const { at, yaw, pitch } = this.eye;
    const way = matrices.ahead(yaw, this.walking ? 0 : pitch);
    const x = at[0] + way[0] * ahead + Math.cos(yaw) * right, z = at[2] + way[2] * ahead + Math.sin(yaw) * right;
    const ground = this.ground(x, z);
    if (!this.walking) this.eye.at = [x, Math.max(at[1] + way[1] * ahead + up, ground + NOT_LOWER), z];
    else if (ground - this.ground(at[0], at[2]) <= STEP_UP) this.eye.at = [x, ground + EYES, z];
    this.changed = true;
  }

  setWalking(is) {
    this.walking = is;
    if (is) {
      this.eye.at[1] = this.ground(this.eye.at[0], this.eye.at[2]) + EYES;
      this.eye.pitch = 0;
    }
    this.changed = true;
    this.walks(is);
  }

  stepOnce({ repeat, timeStamp }) {
    if (repeat && timeStamp - this.stepped < 1000 * STEP_S) return;
    this.stepped = timeStamp;
    this.move(STEP_S);
  }

  step(seconds) {
    if (!this.still.matches) this.move(seconds);
  }

  /* What held keys do in so many seconds. */
  move(seconds) {
    if (![...this.held].some((key) => key !== "Shift")) return;
    const is = (...keys) => keys.some((key) => this.held.has(key));
    const way = (more, less) => (is(...more) ? 1 : 0) - (is(...less) ? 1 : 0);
    const high = Math.max(0, this.eye.at[1] - 60);
    const far = (this.walking ? 5 : 22 + 0.35 * high) * (is("Shift") ? 3 : 1) * seconds;
    const ahead = way(["ArrowUp", "w"], ["ArrowDown", "s"]), right = way(["ArrowRight", "d"], ["ArrowLeft", "a"]);
    const up = this.walking ? 0 : way(["r", "PageUp"], ["f", "PageDown"]);
    this.turn(way(["e"], ["q"]) * seconds * 1.2, way(["t"], ["g"]) * seconds * 0.8);
    if (ahead || right || up) this.go(ahead * far, right * far, up * far);
  }
}
