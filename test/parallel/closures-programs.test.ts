/** Whole programs whose functions stand in their entry file, under loaders and bundlers. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'test/fixtures/functions/program.ts')
const common = join(root, 'test/fixtures/functions/common-program.cjs')
const tsx = import.meta.resolve('tsx')
const library = pathToFileURL(join(root, 'src/parallel/index.ts')).href
// Not among the tests: some of them list all others.
const folder = mkdtempSync(join(tmpdir(), 'onecopy-bundle-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const timeout = { timeout: 120_000 }

async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  return stdout
}

async function bundle(name: string, ...options: string[]): Promise<string> {
  const esbuild = fileURLToPath(new URL('../bin/esbuild', import.meta.resolve('esbuild')))
  const path = join(folder, name)
  // The library itself stays outside, as a package does.
  const external = `--external:${join(root, 'src')}/*`
  const common = ['--bundle', '--platform=node', '--log-level=error', `--outfile=${path}`, external]
  await promisify(execFile)(esbuild, [program, ...common, ...options])
  return path
}

/** Line of the fixture's own `throw`. */
function throwLine(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.findIndex((line) => line.includes("throw new Error('boom')")) + 1
}

test(
  'a TypeScript program under tsx: entry run once, stacks of the file as written',
  timeout,
  async () => {
    const place = `program.ts:${throwLine(program)}:13)`
    assert.equal(
      await run('--import', tsx, program),
      `started\nthreads ${place}\nprocesses ${place}\n`,
    )
  },
)

test('a CommonJS program: require, exports, sloppy and strict functions', timeout, async () => {
  const expected = `started\nthreads at fail (${throwLine(common)}:13)\nprocesses at fail (${throwLine(common)}:13)\n`
  assert.equal(await run(common, library), expected)
  assert.equal(await run('--import', tsx, common, library), expected)
})

for (const [name, ...options] of [
  ['plain.mjs', '--format=esm'],
  ['minified.mjs', '--format=esm', '--minify'],
  ['minified.cjs', '--format=cjs', '--minify'],
  ['named.cjs', '--format=cjs', '--minify', '--keep-names'],
] as const) {
  test(`an esbuild bundle, ${options.join(' ')}`, timeout, async () => {
    const output = await run(await bundle(name, ...options))
    const place = `${name.replace('.', '\\.')}:\\d+:\\d+\\)?`
    assert.match(output, new RegExp(`^started\nthreads ${place}\nprocesses ${place}\n$`))
  })
}

test(
  'a minified bundle with a source map has stacks of the files as written',
  timeout,
  async () => {
    const path = await bundle('mapped.mjs', '--format=esm', '--minify', '--sourcemap')
    const place = `program.ts:${throwLine(program)}:13)`
    assert.equal(
      await run('--enable-source-maps', path),
      `started\nthreads ${place}\nprocesses ${place}\n`,
    )
  },
)

test(
  'a debugger that is attached or listening is left alone, and no port is opened',
  timeout,
  async () => {
    const watched = join(import.meta.dirname, 'programs/watched.ts')
    assert.equal(await run(watched), '8 pauses 0 port undefined still told true\n')
    const entry = join(import.meta.dirname, 'programs/entry.ts')
    const printed = await run('--inspect=127.0.0.1:0', entry)
    assert.match(printed, /^started\n[^]*\nthreads 21 22\nprocesses 21 22\n$/)
    assert.doesNotMatch(printed, /started[^]*started/)
  },
)

test(
  'under --permission captures are refused with the way out; functions without them go',
  timeout,
  async () => {
    const flags = ['--permission', '--allow-fs-read=*', '--allow-addons', '--allow-worker']
    const advice = process.allowedNodeEnvironmentFlags.has('--allow-inspector')
      ? "Node's --permission needs --allow-inspector with it"
      : `--permission of Node ${process.versions.node} forbids it`
    const text = `import { delayed, Parallel } from '${library}'
    const k = 1
    const parallel = new Parallel({ workers: 1 })
    const [double] = await parallel.run([delayed((x) => Math.max(x, 2) * 2)(1)])
    const error = await parallel.run([delayed((x) => x + k)(1)]).catch((error) => error)
    console.log(double, error.code, error.message)
    await parallel.close()`
    assert.equal(
      await run('--no-warnings', ...flags, '--input-type=module', '--eval', text),
      `4 ERR_FUNCTION An anonymous function captures \`k\`, which only node:inspector can read, and that is not available here (${advice}). Pass it as an argument, or export the function and name it by task(import.meta.url, 'name').\n`,
    )
  },
)

test('in a context of its own, as Jest gives a test file, captures are read', timeout, async () => {
  const inspector = join(root, 'src/parallel/functions/scopes/inspector.ts')
  const text = `import { readFileSync } from 'node:fs'
    import { stripTypeScriptTypes } from 'node:module'
    import * as vm from 'node:vm'
    const context = vm.createContext({ console, process })
    const options = { context, identifier: 'file:///jest.mjs' }
    const read = (path) => stripTypeScriptTypes(readFileSync(path, 'utf8'))
    const source = read('${inspector}')
    const module = new vm.SourceTextModule(source + \`
      const make = (k) => (x) => x + k
      const fn = make(5)
      const { place: { script, line }, readScopes } = inspect(fn)
      console.log(script.url, line > 0, readScopes()[0].variables.k, '__onecopyProbe' in globalThis)\`, options)
    const link = (name) => name.startsWith('.')
      ? new vm.SourceTextModule(read(new URL(name, 'file://${inspector}').pathname), { context, identifier: name })
      : new vm.SyntheticModule(Object.keys(vm), function () {
      for (const [name, value] of Object.entries(vm)) this.setExport(name, value)
    }, { context })
    await module.link(link)
    await module.evaluate()`
  const flags = ['--no-warnings', '--experimental-vm-modules', '--input-type=module']
  assert.equal(await run(...flags, '--eval', text), 'file:///jest.mjs true 5 false\n')
})
