/** The frame of a self-contained HTML page. */

import { createHash } from 'node:crypto'
import { element, text, trusted } from '../figure/markup.ts'
import type { Markup } from '../figure/markup.ts'
import { pageVariables } from '../figure/theme.ts'
import { browserFiles } from './browser-files.ts'

/**
 * A whole page. It loads nothing, and its policy allows only the report's own script, whatever
 * untrusted names it contains.
 *
 * @param content - the body of the page
 * @param scriptData - what the script reads; without it the page has no script
 */
export function pageShell(title: string, content: readonly Markup[], scriptData?: Markup): string {
  const { script, style } = browserFiles('report')
  const page = element(
    'html',
    { lang: 'en' },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      element('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: policy(scriptData && script),
      }),
      element('meta', { name: 'viewport', content: 'width=device-width,initial-scale=1' }),
      element('title', {}, text(`${title} \u2013 memory`)),
      trusted(`<style>${pageVariables()}${style}</style>`),
    ),
    element(
      'body',
      {},
      element('main', {}, ...content),
      ...(scriptData ? [scriptData, trusted(`<script>${script}</script>`)] : []),
    ),
  )
  return `<!doctype html>\n${page}\n`
}

/** Nothing from anywhere; inline styles; of scripts only the one whose hash this is. */
function policy(script: string | undefined): string {
  const hash = script && createHash('sha256').update(script).digest('base64')
  const scripts = hash === undefined ? "'none'" : `'sha256-${hash}'`
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; base-uri 'none'; form-action 'none'`
}
