/**
 * Serves modules without their types, as test/strip-sources.ts has written them: Node would strip each of them again in
 * every process and thread. A module keeps its address, and what was not written is loaded by Node as always.
 */

import { readFileSync } from 'node:fs'
import * as module from 'node:module'
import { join } from 'node:path'

const folder = process.env['ONECOPY_TEST_SOURCES']
const root = new URL('..', import.meta.url).href

// A tool that a test starts may run on another Node.js, which has no such hooks.
if (folder !== undefined && 'registerHooks' in module)
  serve(new Set(readFileSync(join(folder, 'names'), 'utf8').split('\n')))

function serve(names) {
  module.registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context
      if (specifier.startsWith('.') && parentURL?.startsWith(root)) {
        const { href } = new URL(specifier, parentURL)
        if (names.has(nameOf(href))) return { url: href, format: 'module', shortCircuit: true }
      }
      return next(specifier, context)
    },
    load(url, context, next) {
      const name = nameOf(url)
      if (!names.has(name)) return next(url, context)
      const source = readFileSync(join(folder, name), 'utf8')
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

function nameOf(url) {
  return url.startsWith(root) ? url.slice(root.length) : undefined
}
