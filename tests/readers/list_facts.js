// Prints what minecraft-data knows of a version as JSON: of each block whether it has `waterlogged` and the boxes that it is
// hit by in its default state; of each biome the temperature.   node list_facts.js VERSION
const data = require('minecraft-data')(process.argv[2])
const { blocks: shapeOf, shapes } = data.blockCollisionShapes
const blocks = {}
for (const block of data.blocksArray) {
  const shape = shapeOf[block.name]
  const number = Array.isArray(shape) ? shape[block.defaultState - block.minStateId] : shape
  blocks[block.name] = { waterlogged: block.states.some(state => state.name === 'waterlogged'), boxes: shapes[number] }
}
const biomes = Object.fromEntries(data.biomesArray.map(biome => [`minecraft:${biome.name}`, biome.temperature]))
process.stdout.write(JSON.stringify({ blocks, biomes }))
