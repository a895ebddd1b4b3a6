/** Scripts and style sheets of pages, as the build bundled them. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packageModule, requireFromHere } from '../../../package-file.ts'
import { bundleForBrowser } from './bundle-for-browser.ts'
import type { BrowserFiles, Esbuild, PageName } from './bundle-for-browser.ts'

/** What a page needs; run from its sources, the project bundles it once per process. */
export function browserFiles(page: PageName): BrowserFiles {
  return pageFiles(`monitor/browser/${page}`)
}

/**
 * As {@link browserFiles}, for the page of any module.
 *
 * @param module - the page's script, named without the folder of all sources and without its extension
 */
export function pageFiles(module: string): BrowserFiles {
  const found = kept.get(module) ?? load(module)
  kept.set(module, found)
  return found
}

const kept = new Map<string, BrowserFiles>()

function load(module: string): BrowserFiles {
  const script = fileURLToPath(packageModule(module))
  // esbuild is a tool of the project: a clone has it, users have what it made.
  if (script.endsWith('.ts')) {
    return bundleForBrowser(requireFromHere('esbuild') as Esbuild, script)
  }
  return {
    script: readFileSync(script, 'utf8'),
    style: readFileSync(script.replace(/js$/, 'css'), 'utf8'),
  }
}
