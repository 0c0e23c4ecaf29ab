// Prints every chunk of a world as JSON: its place, then runs [name with properties, count] of its blocks in (y, z, x) order
// between two heights, and runs of its biomes in the same order, a cell of 4 x 4 x 4 each.
//   node read_blocks.js WORLD VERSION MIN_Y MAX_Y X0 Z0 X1 Z1
const [, , world, version, minY, maxY, x0, z0, x1, z1] = process.argv
const { Vec3 } = require('vec3')
const data = require('minecraft-data')(version)
const Anvil = require('prismarine-provider-anvil').Anvil(version)
const Block = require('prismarine-block')(version)

const names = new Map()
function nameOf (state) {
  if (!names.has(state)) {
    const block = Block.fromStateId(state, 0)
    const inside = Object.entries(block.getProperties()).map(([key, value]) => `${key}=${value}`).sort().join(',')
    names.set(state, `minecraft:${block.name}[${inside}]`)
  }
  return names.get(state)
}

function runsOf (step, read) {
  const runs = []
  for (let y = +minY; y < +maxY; y += step) {
    for (let z = 0; z < 16; z += step) {
      for (let x = 0; x < 16; x += step) {
        const name = read(new Vec3(x, y, z))
        if (runs.length && runs[runs.length - 1][0] === name) runs[runs.length - 1][1]++
        else runs.push([name, 1])
      }
    }
  }
  return runs
}

async function main () {
  const provider = new Anvil(world + '/region')
  const out = []
  for (let x = +x0; x < +x1; x++) {
    for (let z = +z0; z < +z1; z++) {
      const chunk = await provider.load(x, z)
      if (!chunk) { out.push({ x, z, missing: true }); continue }
      const runs = runsOf(1, place => nameOf(chunk.getBlockStateId(place)))
      const biomes = runsOf(4, place => {
        const biome = data.biomes[chunk.getBiome(place)]
        return biome ? `minecraft:${biome.name}` : 'unknown'
      })
      out.push({ x, z, runs, biomes })
    }
  }
  process.stdout.write(JSON.stringify(out))
}
main().catch(error => { console.error(error); process.exit(1) })
