/** Numbers the functions of the C++ core, so that an outdated build is refused. */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the number stands, in a package that has sources, and the code around it. */
const places = [
  {
    file: 'native/border/interface_version.h',
    text: (version) => `/** Which functions this core has; written by native/interface.mjs. */

#pragma once

namespace onecopy {

/** A hash of their declarations in src/native, which the code that calls them compares with its own. */
constexpr const char* kInterfaceVersion = "${version}";

}  // namespace onecopy
`,
  },
  {
    file: 'src/native/interface-version.ts',
    text: (version) => `/** Which functions of the C++ core this code calls. */

/** A hash of their declarations; native/build.mjs writes it here and into the core. */
export const interfaceVersion = '${version}'
`,
  },
]

/**
 * Hashes the declarations of the core's functions: `core.ts` and `*-core.ts`, without comments and spaces.
 *
 * @param root - folder of the package, with its sources
 */
export function hashInterface(root) {
  const folder = join(root, 'src/native')
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).toSorted()) {
    if (!/(^|-)core\.ts$/.test(name)) continue
    const text = readFileSync(join(folder, name), 'utf8')
    hash.update(
      `${name}\n${text.replaceAll(/\/\*.*?\*\/|\/\/.*?$/gms, '').replaceAll(/\s+/g, '')}\n`,
    )
  }
  return hash.digest('hex').slice(0, 12)
}

/** Which files don't have the number of today's declarations. */
export function outdatedFiles(root) {
  const version = hashInterface(root)
  return places.filter(({ file, text }) => {
    const path = join(root, file)
    return !existsSync(path) || readFileSync(path, 'utf8') !== text(version)
  })
}

/** Writes the number where declarations have changed. A package without sources has the right one. */
export function writeInterfaceVersion(root) {
  if (!existsSync(join(root, 'src/native/core.ts'))) return
  const version = hashInterface(root)
  for (const { file, text } of outdatedFiles(root)) {
    writeFileSync(join(root, file), text(version))
    console.log(`The functions of the C++ core have changed: wrote ${file}.`)
  }
}
