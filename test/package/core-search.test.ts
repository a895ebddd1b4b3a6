/** Which C++ core is loaded, and what is said when none can be. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { interfaceVersion } from '../../src/native/interface-version.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = 'native/build/Release/onecopy.node'
const prebuilt = `prebuilds/${process.platform}-${process.arch}/onecopy.node`

test('a package without a core says so, and by which command to build one', (t) => {
  const folder = packageWith(t, {})
  const { stdout, stderr } = load(folder)
  assert.equal(stdout, '')
  assert.equal(
    stderr,
    `onecopy has no C++ core for ${process.platform}-${process.arch} in ${folder}/. ${advice(folder)}\n`,
  )
})

test('the command that a message names is in the package and builds the core', (t) => {
  const folder = packageWith(t, {})
  const [, command = ''] = /`node (.*)`/.exec(load(folder).stderr) ?? []
  assert.ok(existsSync(command), command)
  // node-gyp itself takes minutes: a stand-in shows where it is started and with which headers.
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'node-gyp'),
    `#!/bin/sh\nmkdir -p build/Release && cp ${join(root, built)} build/Release/\n`,
    { mode: 0o755 },
  )
  const { status, stderr } = spawnSync(process.execPath, [command], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:/usr/bin:/bin` },
  })
  assert.equal(stderr, '')
  assert.equal(status, 0)
  assert.equal(load(folder).stdout, 'loaded\n')
})

test('a build that fails says what it needs', (t) => {
  const folder = packageWith(t, {})
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'node-gyp'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'native/build.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:/usr/bin:/bin` },
  })
  assert.equal(status, 1)
  assert.equal(
    stderr,
    'Could not build the C++ core of onecopy. It needs g++ 12 or newer (or clang 16), make, python3 ' +
      `and permission to write to ${folder}/native/build.\n`,
  )
})

test('a core that does not load is named with the reason and the command', (t) => {
  const folder = packageWith(t, { [prebuilt]: 'not a library' })
  const { stdout, stderr } = load(folder)
  assert.equal(stdout, '')
  assert.equal(
    stderr,
    `onecopy could not load ${folder}/${prebuilt}: ${folder}/${prebuilt}: file too short. ${advice(folder)}\n`,
  )
})

test('a core that was built for another system gives way to the one in the package', (t) => {
  const folder = packageWith(t, { [built]: 'not a library', [prebuilt]: null })
  assert.deepEqual(load(folder), { stdout: 'loaded\n', stderr: '' })
})

test('a core with other functions than the code calls is refused', (t) => {
  const folder = packageWith(t, { [built]: null })
  const file = join(folder, 'src/native/interface-version.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace(interfaceVersion, 'abcdef012345'))
  assert.deepEqual(load(folder), {
    stdout: '',
    stderr: `onecopy can't use ${folder}/${built}, which was built from other sources. ${advice(folder)}\n`,
  })
})

test('a core that was built here comes before the one in the package', (t) => {
  const folder = packageWith(t, { [built]: null, [prebuilt]: 'not a library' })
  assert.deepEqual(load(folder), { stdout: 'loaded\n', stderr: '' })
})

test('where Node.js may load no addon, the message names the flag', (t) => {
  const folder = packageWith(t, { [built]: null })
  const expected =
    'onecopy needs its C++ core, which Node.js may not load here. Add `--allow-addons` to `--permission`, or leave out `--no-addons`.\n'
  assert.equal(load(folder, ['--no-addons']).stderr, expected)
  const permission = ['--permission', '--allow-fs-read=*']
  assert.equal(load(folder, permission).stderr, expected)
  assert.equal(load(folder, [...permission, '--allow-addons']).stdout, 'loaded\n')
})

test('an instruction set that the processor lacks is not a reason to build', (t) => {
  const folder = packageWith(t, { [built]: null })
  const { stderr } = load(folder, [], { ONECOPY_SIMD: 'none' })
  assert.match(stderr, /^Expected ONECOPY_SIMD to be/)
  assert.doesNotMatch(stderr, /build/)
})

/** A package with the loader, the sources' build command and these cores; null stands for a good one. */
function packageWith(t: TestContext, cores: Record<string, string | null>): string {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-package-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const path of [
    'src/errors.ts',
    'src/package-file.ts',
    'src/native',
    'native/build.mjs',
    'native/interface.mjs',
    'native/border/interface_version.h',
    'native/node',
  ]) {
    cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  writeFileSync(join(folder, 'package.json'), '{ "name": "onecopy", "type": "module" }')
  for (const [path, content] of Object.entries(cores)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    if (content === null) cpSync(join(root, built), join(folder, path))
    else writeFileSync(join(folder, path), content)
  }
  return folder
}

/** Loads the core in a process of its own. */
function load(folder: string, flags: string[] = [], env: Record<string, string> = {}) {
  const program = join(folder, 'program.ts')
  writeFileSync(program, "import './src/native/load.ts'\nconsole.log('loaded')\n")
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return { stdout, stderr }
}

function advice(folder: string): string {
  return `Build a core for this machine with \`node ${folder}/native/build.mjs\` (it needs g++ 12 or newer, make and python3).`
}
