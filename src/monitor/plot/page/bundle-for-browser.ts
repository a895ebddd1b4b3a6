/** Bundles the script and the style sheet of a page. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BuildOptions } from 'esbuild'

/** The pages that have a script of their own. */
export type PageName = 'report' | 'live'

/** A script and a style sheet that need nothing else. */
export interface BrowserFiles {
  readonly script: string
  readonly style: string
}

/** What is used of esbuild. */
export type Esbuild = Pick<typeof import('esbuild'), 'buildSync'>

/** @param source - the page's script, which has a style sheet beside it */
export function bundleForBrowser({ buildSync }: Esbuild, source: string): BrowserFiles {
  const bundle = (entry: string): string => {
    const { outputFiles, metafile } = buildSync({ ...options, entryPoints: [entry] })
    const isForeign = Object.keys(metafile.inputs).some((file) => file.includes('/uplot/'))
    return (isForeign ? licenceOfUplot(source) : '') + outputFiles[0]!.text.trimEnd()
  }
  return { script: bundle(source), style: bundle(source.replace(/ts$/, 'css')) }
}

/** Its licence asks for this text in every copy. */
function licenceOfUplot(source: string): string {
  const file = createRequire(source)
    .resolve('uplot/package.json')
    .replace(/package\.json$/, 'LICENSE')
  return `/*! uPlot, https://github.com/leeoniya/uPlot\n\n${readFileSync(file, 'utf8').trim()}\n*/\n`
}

const options = {
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['es2022', 'chrome105', 'firefox110', 'safari16'],
  charset: 'utf8',
  metafile: true,
  logLevel: 'silent',
  write: false,
} as const satisfies BuildOptions
