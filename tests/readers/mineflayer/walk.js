// Joins a server on loopback as a player in survival, looks at blocks and walks, without digging or building.
//   node walk.js PORT VERSION X0 Y0 Z0 X1 Y1 Z1  GOAL_X GOAL_Y GOAL_Z
// Prints JSON: where it stood first and last, and runs [name with properties, count] of the blocks of a box in (y, z, x) order.
const [, , port, version, ...numbers] = process.argv
const [x0, y0, z0, x1, y1, z1, ...goal] = numbers.map(Number)
const mineflayer = require('mineflayer')
const { pathfinder, Movements, goals } = require('mineflayer-pathfinder')
const { Vec3 } = require('vec3')

const end = (said, code) => { console.error(said); process.exit(code) }
setTimeout(() => end('gave up after 150 s', 2), 150000)
const bot = mineflayer.createBot({ host: '127.0.0.1', port: +port, username: 'walker', auth: 'offline', version })
bot.loadPlugin(pathfinder)
bot.on('kicked', reason => end('kicked ' + JSON.stringify(reason), 3))
bot.on('error', error => end(error.stack, 4))

function nameOf (block) {
  if (!block) return 'none'
  const inside = Object.entries(block.getProperties()).map(([key, value]) => `${key}=${value}`).sort().join(',')
  return `minecraft:${block.name}[${inside}]`
}

function seen () {
  const runs = []
  for (let y = y0; y < y1; y++) {
    for (let z = z0; z < z1; z++) {
      for (let x = x0; x < x1; x++) {
        const name = nameOf(bot.blockAt(new Vec3(x, y, z)))
        if (runs.length && runs[runs.length - 1][0] === name) runs[runs.length - 1][1]++
        else runs.push([name, 1])
      }
    }
  }
  return runs
}

// Where it stands it learns from the server, which first loads the chunks around; more of them come some at a time.
bot.once('forcedMove', async () => {
  const corners = [x0, x1 - 1].flatMap(x => [z0, z1 - 1].map(z => new Vec3(x, y0, z)))
  while (!corners.every(place => bot.blockAt(place))) await new Promise(resolve => setTimeout(resolve, 200))
  await bot.waitForTicks(40)
  const first = bot.entity.position.clone()
  const blocks = seen()
  const movements = new Movements(bot)
  Object.assign(movements, { canDig: false, allow1by1towers: false, scafoldingBlocks: [], maxDropDown: 3 })
  bot.pathfinder.setMovements(movements)
  bot.pathfinder.thinkTimeout = 30000
  let said = ''
  // Its path finder ends short on long ways: ask again.
  for (let asked = 0; asked < 6 && bot.entity.position.distanceTo(new Vec3(...goal)) > 3; asked++) {
    try { await bot.pathfinder.goto(new goals.GoalNear(...goal, 1)) } catch (error) { said = error.message }
    await bot.waitForTicks(20)
  }
  const { x, y, z } = bot.entity.position
  process.stdout.write(JSON.stringify({ first: [first.x, first.y, first.z], last: [x, y, z], said, blocks }) + '\n', () => process.exit(0))
})
