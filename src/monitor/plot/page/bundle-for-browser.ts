/** Bundles the script and the style sheet of a page. */

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
    const { outputFiles } = buildSync({ ...options, entryPoints: [entry] })
    return outputFiles[0]!.text.trimEnd()
  }
  return { script: bundle(source), style: bundle(source.replace(/ts$/, 'css')) }
}

const options = {
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['es2022', 'chrome105', 'firefox110', 'safari16'],
  charset: 'utf8',
  legalComments: 'inline',
  logLevel: 'silent',
  write: false,
} as const satisfies BuildOptions
