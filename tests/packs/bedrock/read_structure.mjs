// Size and how many blocks of each name nucleation finds in a .mcstructure: node read_structure.mjs <file>.
import { readFileSync } from "node:fs";
import { Schematic } from "nucleation";

const schematic = Schematic.fromMcstructure([...readFileSync(process.argv[2])]);
console.log(Object.getOwnPropertyNames(Object.getPrototypeOf(schematic)).join(" "));
