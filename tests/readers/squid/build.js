// Serves a world folder on loopback, joins it as a player in creative mode, places blocks by hand around a place, and lets the server save.
//   node build.js VERSION WORLD X Y Z BLOCK
// The server rewrites the folder. Prints JSON: the places [x, y, z] where the client saw its blocks stand.
const [, , version, world, ...rest] = process.argv
const [x, y, z] = rest.slice(0, 3).map(Number)
const name = rest[3]
const { Vec3 } = require('vec3')
const squid = require('flying-squid')
const mineflayer = require('mineflayer')
const data = require('minecraft-data')(version)
const Item = require('prismarine-item')(version)

const end = (said, code) => { console.error(said); process.exit(code) }
setTimeout(() => end('gave up after 240 s', 2), 240000)
process.on('unhandledRejection', error => console.error('server:', error.message))

const server = squid.createMCServer({
  motd: 'build', port: 0, host: '127.0.0.1', 'max-players': 2, 'online-mode': false, logging: false, gameMode: 1, difficulty: 0, worldFolder: world,
  generation: { name: 'superflat', options: { worldHeight: 80 } }, kickTimeout: 10000, plugins: {}, modpe: false, 'view-distance': 4,
  'player-list-text': { header: { text: '' }, footer: { text: '' } }, 'everybody-op': true, 'max-entities': 20, version
})
server.on('newPlayer', player => { player.findSpawnPoint = async () => { player.spawnPoint = new Vec3(x, y, z) } })

async function build (bot) {
  await bot.waitForTicks(60)
  const feet = bot.entity.position.floored()
  await bot.creative.setInventorySlot(36, new Item(data.itemsByName[name].id, 64))
  bot.setQuickBarSlot(0)
  await bot.waitForTicks(10)
  const placed = []
  for (let up = 0; up < 3; up++) {
    for (const [right, down] of [[2, 0], [2, 1], [2, -1], [-2, 0]]) {
      const below = bot.blockAt(feet.offset(right, up - 1, down))
      if (!below || below.boundingBox !== 'block') continue
      await bot.placeBlock(below, new Vec3(0, 1, 0)).catch(error => console.error(error.message))
      const at = feet.offset(right, up, down)
      if (bot.blockAt(at).name === name) placed.push([at.x, at.y, at.z])
      await bot.waitForTicks(4)
    }
  }
  return placed
}

// The server turns away clients that come before it has read its world.
server.on('listening', () => setTimeout(() => {
  const port = server._server.socketServer.address().port
  const bot = mineflayer.createBot({ host: '127.0.0.1', port, username: 'child', auth: 'offline', version })
  bot.on('kicked', reason => end('kicked ' + JSON.stringify(reason), 3))
  bot.once('spawn', async () => {
    await Promise.race([bot.waitForChunksToLoad(), new Promise(resolve => setTimeout(resolve, 20000))])
    const placed = await build(bot)
    await bot.waitForTicks(20)
    await server.overworld.waitSaving()
    process.stdout.write(JSON.stringify(placed) + '\n', () => process.exit(0))
  })
}, 5000))
