// The city's plane against the map: turned clockwise about the city's origin. The same as terrain/plane.py, for what a person types.

/** east, north on the map → right, up in the plane. */
export function toCity({ origin, turn_deg: turn }, [east, north]) {
  const angle = (turn * Math.PI) / 180;
  const [dx, dy] = [east - origin[0], north - origin[1]];
  return [origin[0] + dx * Math.cos(angle) - dy * Math.sin(angle), origin[1] + dx * Math.sin(angle) + dy * Math.cos(angle)];
}

/** right, up in the plane → east, north on the map. */
export function toMap({ origin, turn_deg: turn }, [right, up]) {
  return toCity({ origin, turn_deg: -turn }, [right, up]);
}
