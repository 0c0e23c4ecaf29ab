// What nucleation finds in a .mcstructure: size, and its blocks but for air. node read_structure.mjs <file>.
import { readFileSync } from "node:fs";
import { Schematic } from "nucleation";

const schematic = Schematic.fromMcstructure([...readFileSync(process.argv[2])]);
const { x, y, z } = schematic.dimensions();
console.log(JSON.stringify({ size: [x, y, z], blocks: JSON.parse(schematic.getNonAirBlocksJson()) }));
