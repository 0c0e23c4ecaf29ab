// How what lies on the map looks, by name.
export const ACCENT = "#0a5c8c";

export const STYLES = {
  house: { line: "#7a4a3a", fill: "#b9826ecc", width: 1 },
  street: { line: "#8a8a8a", width: 2 },
  water: { line: "#3a78a8", fill: "#8fbfe0cc", width: 1 },
  green: { line: "#4a8a4a", fill: "#a9cf9fcc", width: 1 },
  extent: { line: "#5a5a5a", fill: "#5a5a5a10", width: 1.5, dash: [8, 5] },
  chosen: { line: ACCENT, fill: "#0a5c8c2e", width: 3 },
  area: { line: ACCENT, fill: "#0a5c8c24", width: 3 },
  plan: { line: "#9a3f00", fill: "#f0a05088", width: 2 },
  demolished: { line: "#8c1d1d", fill: "#8c1d1d33", width: 2, dash: [5, 4] },
  finding: { line: "#8c1d1d", fill: "#ffd23f", width: 2 },
  wrong: { line: "#8c1d1d", fill: "#8c1d1d22", width: 2.5, dash: [4, 4] },
  drawn: { line: ACCENT, fill: "#0a5c8c33", width: 2.5 },
  other: { line: "#444444", fill: "#44444422", width: 1.5 },
};
