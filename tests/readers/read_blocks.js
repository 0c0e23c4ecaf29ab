// Prints every chunk of a world as JSON: for each chunk its place and a run-length list of the block names and properties in
// (y, z, x) order between two heights, and the biome of its first column.   node read_blocks.js WORLD VERSION MIN_Y MAX_Y X0 Z0 X1 Z1
const [, , world, version, minY, maxY, x0, z0, x1, z1] = process.argv
const { Vec3 } = require('vec3')
const data = require('minecraft-data')(version)
const Anvil = require('prismarine-provider-anvil').Anvil(version)
const Block = require('prismarine-block')(version)

async function main () {
  const provider = new Anvil(world + '/region')
  const names = new Map()
  const nameOf = state => {
    if (!names.has(state)) {
      const block = Block.fromStateId(state, 0)
      const inside = Object.entries(block.getProperties()).map(([key, value]) => `${key}=${value}`).sort().join(',')
      names.set(state, `minecraft:${block.name}[${inside}]`)
    }
    return names.get(state)
  }
  const out = []
  for (let x = +x0; x < +x1; x++) {
    for (let z = +z0; z < +z1; z++) {
      const chunk = await provider.load(x, z)
      if (!chunk) { out.push({ x, z, missing: true }); continue }
      const runs = []
      for (let y = +minY; y < +maxY; y++) {
        for (let dz = 0; dz < 16; dz++) {
          for (let dx = 0; dx < 16; dx++) {
            const name = nameOf(chunk.getBlockStateId(new Vec3(dx, y, dz)))
            if (runs.length && runs[runs.length - 1][0] === name) runs[runs.length - 1][1]++
            else runs.push([name, 1])
          }
        }
      }
      const biome = data.biomes[chunk.getBiome(new Vec3(0, +minY, 0))]
      out.push({ x, z, biome: biome && biome.name, runs })
    }
  }
  process.stdout.write(JSON.stringify(out))
}
main().catch(error => { console.error(error); process.exit(1) })
