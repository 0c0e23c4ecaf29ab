"use strict";
/* Distances and heights between two places that are pointed at. */
class Measuring {
  /* relief(): what stands; frame: of the world. */
  constructor(relief, frame) {
    this.relief = relief;
    this.frame = frame;
    this.on = false;
    this.first = null;
  }

  turn() {
    this.on = !this.on;
    this.first = null;
    panel.one("measure").setAttribute("aria-pressed", String(this.on));
    panel.say(this.on ? "Klicka på två punkter, eller tryck Enter för mitten. / " +
      "Click two places, or press Enter for the middle." : "");
  }

  /* The place that is seen at shares of the picture's width and height; aspect: width by height. */
  seen(eye, angle, aspect, across, down) {
    const [right, up, ahead] = matrices.axes(eye.yaw, eye.pitch);
    const tall = Math.tan(angle / 2), a = (2 * across - 1) * tall * aspect, b = (1 - 2 * down) * tall;
    const way = [0, 1, 2].map((i) => ahead[i] + right[i] * a + up[i] * b);
    const long = Math.hypot(...way);
    return this.relief() ? this.relief().hit(eye.at, way.map((part) => part / long)) : null;
  }

  /* Somebody pointed at a place, or at nothing. */
  pointed(place) {
    const { blocks_per_metre: scale, vertical_scale: tall, sea_level_y: sea } = this.frame, metres = panel.metres;
    if (!place) {
      panel.say("Där är ingenting. / There is nothing.");
      return;
    }
    if (!this.first) {
      const height = metres((place[1] - sea) / tall);
      this.first = place;
      panel.say(`Höjd ${height} m. Peka på nästa punkt. / Height ${height} m. Point at the next place.`);
      return;
    }
    const flat = metres(Math.hypot(place[0] - this.first[0], place[2] - this.first[2]) / scale);
    const up = metres((place[1] - this.first[1]) / tall);
    this.first = null;
    panel.say(
      `Avstånd ${flat} m, höjdskillnad ${up} m. / Distance ${flat} m, difference in height ${up} m.`
    );
  }
}
