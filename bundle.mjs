/** Makes few files of dist/, since Node takes time for each file that it imports. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import * as esbuild from 'esbuild'

const dist = resolve(process.argv[2])
const { exports, dependencies } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
)

/** What is started by its file name: in workers, and as the command. */
const started = [
  'parallel/worker/worker',
  'monitor/watch/sampler-worker',
  'serve/fleet/serve-worker',
  'cli/main',
]

/**
 * Files that many programs and threads need, in their order: each holds all that its modules need and no file before it
 * holds. What else is shared, esbuild puts into files of its own.
 */
const chunks = {
  common: [
    'errors',
    'options',
    'package-file',
    'collect-garbage',
    'scratch-file',
    'cgroup-folders',
    'parallel/is-parallel',
  ],
  worker: ['parallel/worker/worker'],
  arrays: ['arrays/index', 'arrays/internal'],
  parallel: ['parallel/index', 'parallel/internal'],
  watch: ['monitor/watch/monitor', 'monitor/marks/mark', 'monitor/watch/sampler-worker'],
  models: ['models/index'],
}

/**
 * Rooms of `learn` whose models are used together: a program that opens one of them from a file imports few others. What several of them
 * need is in a file before theirs.
 */
const families = {
  neighbors: ['neighbors', 'cluster'],
  linear: ['linear', 'logistic', 'robust', 'svm', 'bayes'],
  trees: ['trees'],
  preprocessing: ['preprocessing', 'encoders', 'pipelines'],
  ensembles: ['ensembles', 'combiners', 'splits', 'calibration', 'selection', 'cross-validated'],
}

/** The scripts of pages, which are for browsers. */
const pages = ['monitor/browser/report', 'monitor/browser/live', 'serve/browser/page']

/** A Node that is too old is refused before it meets something that it doesn't have. */
const builtinSource = `
export const builtin = process.getBuiltinModule ?? (() => {
  throw new Error(\`onecopy needs Node.js 22.18 or newer, this is \${process.version}.\`)
})
`
const builtinFile = join(dist, 'builtin.js')

/** How the compiler writes imports of other modules of ours. */
const ownImport = /^(import|export) \{ ([^}]+?),? \} from '(\.[^']+)';$/gm

/** The modules that have their place: the chunk, and the name there of each export. */
const placed = new Map()

await bundlePages()
await writeSchema()
await bundleModules()
keepPublicTypes()

/** Writes what pages need in a browser: for each a script and a style sheet. */
async function bundlePages() {
  const { bundleForBrowser } = await import(join(dist, 'monitor/plot/page/bundle-for-browser.js'))
  for (const module of pages) rmSync(join(dist, dirname(module)), { recursive: true, force: true })
  for (const module of pages) {
    const source = join(import.meta.dirname, `src/${module}.ts`)
    const { script, style } = bundleForBrowser(esbuild, source)
    mkdirSync(join(dist, dirname(module)), { recursive: true })
    writeFileSync(join(dist, `${module}.js`), script)
    writeFileSync(join(dist, `${module}.css`), style)
  }
}

/** Writes the schema of files that describe an ensemble, for editors. */
async function writeSchema() {
  const { ensembleSchema } = await import(join(dist, 'cli/ensemble-file/ensemble-schema.js'))
  const text = JSON.stringify(ensembleSchema(), undefined, 1)
  writeFileSync(join(dist, 'ensemble.schema.json'), `${text}\n`)
}

/** Replaces all modules by few files. Each module is in one of them: its state is there once in a thread. */
async function bundleModules() {
  const modules = listFiles('.js').filter((file) => !/\/(monitor|serve)\/browser\//.test(file))
  writeFileSync(builtinFile, builtinSource)
  const made = []
  for (const [chunk, names] of Object.entries(chunks)) {
    made.push(await bundleChunk(chunk, names.map(moduleFile)))
  }
  made.push(...(await bundleFamilies(modules)))
  const entries = findEntries(modules)
  const entryPoints = entries.filter((file) => !placed.has(file))
  made.push(await build({ entryPoints, splitting: true, chunkNames: 'shared/[hash]' }))
  requireOnce(made)
  writeLicenses(made)
  for (const file of [...modules, builtinFile]) rmSync(file)
  for (const { path, text } of made.flatMap(({ outputFiles }) => outputFiles)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, linkFiles(keepClassNames(text), dirname(path)))
  }
  for (const file of entries.filter((entry) => placed.has(entry))) writeDoor(file)
}

/** Makes a file for each family of models, after one for what several families need. */
async function bundleFamilies(modules) {
  const own = Object.entries(families).map(([family, rooms]) => {
    const isOwn = (file) => rooms.includes(relative(dist, file).split('/')[1])
    return [family, modules.filter((file) => file.startsWith(join(dist, 'learn/')) && isOwn(file))]
  })
  const counts = new Map()
  // Ensembles come last, and need nearly all of the others: what they share with one of these is no reason to load it with all.
  for (const [, files] of own.slice(0, -1))
    for (const file of modulesIn(await build({ entryPoints: files, outdir: dist })))
      counts.set(file, (counts.get(file) ?? 0) + 1)
  const several = [...counts].flatMap(([file, count]) => (count > 1 ? [file] : []))
  const made = [await bundleChunk('learn', several)]
  for (const [family, files] of own) {
    const left = files.filter((file) => !placed.has(file))
    made.push(await bundleChunk(family, left))
  }
  return made
}

/** Writes a module that has its place in another file as what leads there. */
function writeDoor(file) {
  const { chunk, names } = placed.get(file)
  const list = Object.entries(names).map(([name, exported]) => `${exported} as ${name}`)
  mkdirSync(dirname(file), { recursive: true })
  const text = `export { ${list.join(', ')} } from "onecopy:${chunkFile(chunk)}";\n`
  writeFileSync(file, linkFiles(text, dirname(file)))
}

/** Puts all that some modules need into one file, which exports all that they do. */
async function bundleChunk(chunk, entries) {
  let found = modulesIn(await build({ entryPoints: entries }))
  for (const file of started.map(moduleFile)) found.delete(file)
  // What a module exports for others may need more modules.
  for (;;) {
    const names = exportNames(found)
    const lines = Array.from(names, ([file, list]) => {
      const free = Object.entries(list).map(([name, free]) => `${name} as ${free}`)
      return `export { ${free.join(', ')} } from '${file}'`
    })
    const stdin = { contents: lines.join('\n'), resolveDir: dist, sourcefile: `${chunk}.js` }
    const result = await build({ stdin, outfile: chunkFile(chunk) })
    const needed = modulesIn(result)
    if (needed.size === found.size) {
      for (const [file, list] of names) placed.set(file, { chunk, names: list })
      return result
    }
    found = needed
  }
}

/** The names of all exports in a file for all; one that is taken gets a number. */
function exportNames(files) {
  const taken = new Set()
  const names = new Map()
  for (const file of files) {
    const list = {}
    const text = readFileSync(file, 'utf8')
    for (const [, name] of text.matchAll(
      /^export (?:async )?(?:function\*?|class|const|let) (\w+)/gm,
    )) {
      let free = name
      for (let i = 2; taken.has(free); i++) free = `${name}${i}`
      taken.add(free)
      list[name] = free
    }
    names.set(file, list)
  }
  return names
}

function build(options) {
  return esbuild.build({
    outbase: dist,
    ...(options.outfile === undefined && { outdir: dist }),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    external: Object.keys(dependencies),
    metafile: true,
    write: false,
    allowOverwrite: true,
    logLevel: 'warning',
    plugins: [{ name: 'modules', setup: loadModules }],
    ...options,
  })
}

function loadModules({ onLoad, onResolve }) {
  onResolve({ filter: /^onecopy:/ }, ({ path }) => ({ path, external: true }))
  onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
    if (kind !== 'dynamic-import') return undefined
    const file = resolve(resolveDir, path)
    return { path: `onecopy:${file}`, external: true }
  })
  onLoad({ filter: /\.js$/ }, ({ path }) => {
    if (!path.startsWith(dist)) return undefined
    return { contents: takeBuiltins(importFromSource(path)) }
  })
}

/** The text of a module that imports each name from the module that makes it, or from its chunk. */
function importFromSource(file) {
  return readFileSync(file, 'utf8').replace(ownImport, (_, word, names, from) => {
    const lines = names.split(',').map((pair) => {
      const [name, local = name] = pair.trim().split(' as ')
      const [source, exported] = sourceOf(resolve(dirname(file), from), name)
      const place = placed.get(source)
      if (place === undefined) return `${word} { ${exported} as ${local} } from '${source}';`
      return `${word} { ${place.names[exported]} as ${local} } from 'onecopy:${chunkFile(place.chunk)}';`
    })
    return lines.join(' ')
  })
}

/** The module that makes what `file` exports as `name`, and its name there. */
function sourceOf(file, name) {
  for (const [, word, names, from] of readFileSync(file, 'utf8').matchAll(ownImport)) {
    if (word === 'import') continue
    for (const pair of names.split(',')) {
      const [original, exported = original] = pair.trim().split(' as ')
      if (exported === name) return sourceOf(resolve(dirname(file), from), original)
    }
  }
  return [file, name]
}

/**
 * Takes Node's own modules without `import`, which makes a list of their exports, and for that loads parts that nobody
 * asked for: 2.8 ms each for `node:fs` and `node:util`, in every process and every thread.
 */
function takeBuiltins(text) {
  const changed = text.replace(
    /^import (?:\* as (\w+)|(\w+)|(\{[^}]*\})) from '(node:[\w/]+)';$/gm,
    (_, namespace, object, names, module) =>
      `const ${namespace ?? object ?? names.replaceAll(' as ', ': ')} = builtin('${module}');`,
  )
  if (changed === text) return text
  const place = placed.get(builtinFile)
  return `import { builtin } from '${place ? `onecopy:${chunkFile(place.chunk)}` : builtinFile}'; ${changed}`
}

/** Names our own files by where they are. */
function linkFiles(text, folder) {
  return text.replace(/"onecopy:([^"]+)"/g, (_, file) => {
    const path = relative(folder, file)
    return JSON.stringify(path.startsWith('.') ? path : `./${path}`)
  })
}

/** A class that names itself within becomes `var Ridge = class _Ridge`, and users would see that name. */
function keepClassNames(text) {
  return text
    .matchAll(/^var (\w+) = class (_\1)\b/gm)
    .reduce((now, [, name, inner]) => now.replace(new RegExp(`\\b${inner}\\b`, 'g'), name), text)
}

/** What is imported by its file: by users, by workers, as the command, and by other files when they need it. */
function findEntries(modules) {
  const doors = Object.values(exports).flatMap((door) => door.default ?? [])
  // Workers import the functions in them by their names.
  const tasks = modules.filter((file) => /\/(learn|cache)\/.*-tasks\.js$/.test(file))
  const entries = [...doors.map((door) => resolve(door)), ...started.map(moduleFile), ...tasks]
  for (const file of modules)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/\bimport\('(\.[^']+)'\)/g))
      entries.push(resolve(dirname(file), path))
  return [...new Set(entries)]
}

/** The modules whose code is in what was made; doors have none of their own. */
function modulesIn({ metafile }) {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  const files = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
  const own = files.filter((path) => existsSync(path) && !/\/(index|internal)\.js$/.test(path))
  return new Set(own.map((path) => resolve(path)))
}

/** What two files hold would be there twice in a thread. */
function requireOnce(made) {
  const files = made.flatMap((result) => [...modulesIn(result)])
  const twice = files.filter((file, i) => files.indexOf(file) !== i)
  if (twice.length > 0) throw new Error(`In two files of dist/: ${twice.join(', ')}`)
}

/** Keeps the licenses of packages whose code is in dist/. */
function writeLicenses(made) {
  const inputs = made.flatMap(({ metafile }) => Object.keys(metafile.inputs))
  const found = inputs.flatMap((path) => /^.*\/node_modules\/[^/]+\//.exec(resolve(path)) ?? [])
  const folders = new Set([...found, resolve('node_modules/uplot')])
  const texts = Array.from(folders, (folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return `${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`
  })
  writeFileSync(join(dist, 'LICENSES.txt'), texts.join('\n\n'))
}

function moduleFile(name) {
  return join(dist, `${name}.js`)
}

function chunkFile(chunk) {
  return join(dist, 'shared', `${chunk}.js`)
}

/** Removes declarations that no public door leads to: users can't import them. */
function keepPublicTypes() {
  const types = Object.values(exports).flatMap(({ types: path }) => path ?? [])
  const kept = new Set(types.map((path) => join(dist, relative('dist', path))))
  for (const file of kept) {
    const text = readFileSync(file, 'utf8')
    // Examples in comments match too, and lead nowhere.
    for (const [, path] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)\.[jt]s'/g)) {
      const declared = `${resolve(dirname(file), path)}.d.ts`
      if (existsSync(declared)) kept.add(declared)
    }
  }
  for (const file of listFiles('.d.ts')) if (!kept.has(file)) rmSync(file)
  for (const folder of readdirSync(dist, { recursive: true, withFileTypes: true }).toReversed()) {
    const path = join(folder.parentPath, folder.name)
    if (folder.isDirectory() && readdirSync(path).length === 0) rmSync(path, { recursive: true })
  }
}

/** The files of dist/ with this ending. */
function listFiles(ending) {
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(dist, name))
}
