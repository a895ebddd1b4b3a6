/** Makes the cores that the package brings along: Linux x64 and arm64, glibc 2.28 or newer. */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildCore } from '../build.mjs'

/** Names of the processors in Node.js and in GNU's tools. */
const processors = { x64: 'x86_64', arm64: 'aarch64' }

const native = fileURLToPath(new URL('..', import.meta.url))
const headers = createRequire(import.meta.url)('node-api-headers').include_dir

for (const [arch, gnu] of Object.entries(processors)) {
  const core = join(native, `../prebuilds/linux-${arch}/onecopy.node`)
  mkdirSync(dirname(core), { recursive: true })
  makeCore(arch, `${gnu}-linux-gnu-`, core)
  requireOldSymbols(execFileSync(`${gnu}-linux-gnu-objdump`, ['-Tp', core], { encoding: 'utf8' }))
}
// So that the core can be built from the package, which has no development dependencies.
cpSync(headers, join(native, 'node/include/node'), { recursive: true })

/**
 * Builds in a folder of its own. For this processor it takes what an ordinary build has compiled
 * along, so that only linking is left.
 */
function makeCore(arch, tools, core) {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-prebuild-'))
  const isOwn = arch === process.arch
  try {
    const filter = (path) => isOwn || path !== join(native, 'build')
    cpSync(native, folder, { recursive: true, preserveTimestamps: true, filter })
    const compilers = isOwn ? {} : { CC: `${tools}gcc`, CXX: `${tools}g++`, AR: `${tools}ar` }
    const problem = buildCore(folder, { old_glibc: 1 }, compilers, [`--arch=${arch}`])
    if (problem !== undefined) {
      throw new Error(
        `Could not build the core for ${arch}${problem}. It needs ${tools}g++: apt-get install g++-${tools.slice(0, -1).replace('_', '-')}.`,
      )
    }
    execFileSync(`${tools}strip`, [
      '--strip-unneeded',
      '-o',
      core,
      join(folder, 'build/Release/onecopy.node'),
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Refuses a core that needs a library, or a version of one, that old systems don't have. */
function requireOldSymbols(dump) {
  const libraries = [...dump.matchAll(/NEEDED +(\S+)/g)].map(([, name]) => name)
  const foreign = libraries.filter((name) => !/^(lib(c|m|gcc_s)|ld-linux-.*)\.so\.\d$/.test(name))
  const symbols = [...dump.matchAll(/\((GLIBC|GLIBCXX|CXXABI)_([\d.]+)\)\s+(\S+)/g)]
  const young = symbols.filter(
    ([, library, version]) => library !== 'GLIBC' || Number(version.split('.')[1]) > 28,
  )
  const named = young.map(([, library, version, name]) => `${name} (${library}_${version})`)
  if (foreign.length + young.length > 0) {
    throw new Error(
      `Expected a core that needs glibc 2.28 only, got one that needs ${[...foreign, ...named].join(', ')}. ` +
        'Bind it to an older version in native/prebuild/old_glibc.cc.',
    )
  }
}
