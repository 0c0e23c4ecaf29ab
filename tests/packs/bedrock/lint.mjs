// What bc-minecraft-bedrock-diagnoser says of a behaviour pack: node lint.mjs <pack folder, below a folder behavior_packs>.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import diagnoser from "bc-minecraft-bedrock-diagnoser";
import project from "bc-minecraft-bedrock-project";
import settings from "bc-minecraft-project";

const pack = process.argv[2];
const found = [];
const document = (uri) => {
  let text;
  try {
    text = readFileSync(uri, "utf8");
  } catch {
    return undefined;
  }
  return { uri, getText: () => text };
};
const walk = (folder) =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? walk(path) : [path];
    });
const files = walk(pack).filter((path) => /\.(mcfunction|json|lang)$/.test(path));
const context = {
  getDocument: document,
  getFiles: () => files,
  getProjectData: () => data,
  getDiagnoser: (doc, own) => ({
    context,
    project: own,
    document: doc,
    add: (position, message, severity, code) => found.push({ file: doc.uri, position, message, severity, code: String(code) }),
    done: () => {},
  }),
};
const cache = new project.ProjectData(context);
const data = new project.MinecraftData(cache);
const own = settings.MCProject.createEmpty();
// NPCs belong to Education in its tables.
own.attributes["education.enable"] = "true";
if (!cache.addPack(join(pack, "manifest.json"), own)) throw new Error(`${pack} is not taken for a pack`);
const documents = files.map(document);
for (const doc of documents) cache.process(doc);
const lint = new diagnoser.Diagnoser(context);
for (const doc of documents) lint.process(doc);
console.log(JSON.stringify({ files: files.length, found }));
