/** The frame of an HTML page that needs nothing else. */

import { createHash } from 'node:crypto'
import { element, text, trusted } from '../figure/markup.ts'
import type { Markup } from '../figure/markup.ts'
import { pageStyle } from './page-style.ts'

/**
 * A whole page. It loads nothing, and its policy lets no script run but the given one, whatever
 * names from strangers stand in it.
 *
 * @param content - what stands in the middle
 * @param script - source of the script, and what it finds in the page beside the content
 */
export function pageShell(
  title: string,
  content: readonly Markup[],
  script?: { readonly source: string; readonly data: Markup },
): string {
  const page = element(
    'html',
    { lang: 'en' },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy(script?.source) }),
      element('meta', { name: 'viewport', content: 'width=device-width,initial-scale=1' }),
      element('title', {}, text(`${title} \u2013 memory`)),
      trusted(`<style>${pageStyle()}</style>`),
    ),
    element(
      'body',
      {},
      element('main', {}, ...content),
      ...(script ? [script.data, trusted(`<script>${script.source}</script>`)] : []),
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
