// Lints data packs with Spyglass: node lint.mjs TABLES PACK…. TABLES is a JSON file {version, commands, block_states, registries}
// that answers what Spyglass would fetch. Prints {packs: [{files, found: [{file, line,
// severity, message}]}], troubles: what went wrong in Spyglass itself}; severity 3 is an error, 2 a warning, 0 a hint.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as core from '@spyglassmc/core'
import { getNodeJsExternals } from '@spyglassmc/core/lib/nodejs.js'
import * as je from '@spyglassmc/java-edition'
import * as mcdoc from '@spyglassmc/mcdoc'

const [tablesFile, ...packFolders] = process.argv.slice(2)
const tables = JSON.parse(readFileSync(tablesFile, 'utf-8'))
const versions = createRequire(import.meta.url)('@spyglassmc/java-edition/lib/dependency/mcmeta/versions.json')
const troubles = []

globalThis.fetch = async (request) => {
  const url = new URL(request.url ?? request)
  const name = url.pathname.split('/').pop()
  const answers = {
    versions,
    block_states: tables.block_states,
    commands: tables.commands,
    registries: tables.registries
  }
  if (!(name in answers)) throw new Error(`no local answer for ${url}`)
  return new Response(JSON.stringify(answers[name]), { status: 200 })
}

const note = (...words) => troubles.push(words.map((word) => word?.stack ?? String(word)).join(' '))
const logger = { error: note, warn: () => {}, info: () => {}, log: () => {} }
const cache = core.fileUtil.ensureEndingSlash(pathToFileURL(resolve('no-cache-is-written')).href)
const externals = { ...getNodeJsExternals({ cacheRoot: cache, logger }), web: { getCache: async () => ({ match: async () => undefined, put: async () => {} }) } }

// A watcher that never sees a change: the files as they are.
class Still extends core.EventDispatcher {
  watchedFiles = new core.UriStore()
  constructor (root) { super(); this.root = root }
  async ready () { for (const uri of await core.fileUtil.getAllFiles(externals, this.root)) this.watchedFiles.add(uri) }
  async close () {}
}

async function lint (pack) {
  const root = core.fileUtil.ensureEndingSlash(pathToFileURL(resolve(pack)).href)
  const { project } = new core.Service({
    logger,
    project: {
      cacheRoot: cache,
      defaultConfig: core.ConfigService.merge(core.VanillaConfig, { env: { dependencies: [], gameVersion: tables.version } }),
      externals,
      initializers: [mcdoc.initialize, je.initialize],
      projectRoots: [root]
    }
  })
  project.cacheService.save = async () => {}
  const found = []
  await project.init()
  project.symbols.clear = () => {} // it looks through all symbols for each file, for the sake of files that change
  await project.ready({ projectRootsWatcher: new Still(root) })
  project.on('documentErrored', ({ errors, uri }) => {
    for (const { posRange, severity, message } of errors) {
      found.push({ file: decodeURIComponent(uri.slice(root.length)), line: (posRange?.start?.line ?? 0) + 1, severity, message })
    }
  })
  const { totalFiles } = await project.analyzeProject()
  await project.close()
  return { found, files: totalFiles }
}

const packs = []
for (const pack of packFolders) packs.push(await lint(pack))
process.stdout.write(JSON.stringify({ packs, troubles }), () => process.exit(0))
