// What Khronos' validator finds in glTF files, as JSON, a line each.
const fs = require("fs");
const validator = require("gltf-validator");

async function main() {
  for (const file of process.argv.slice(2)) {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(file)), { maxIssues: 100 });
    console.log(JSON.stringify(report));
  }
}

main();
