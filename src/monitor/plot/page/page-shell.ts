/** The page of a report, which needs no other file. */

import {
  element,
  htmlPage,
  type Markup,
  pageVariables,
  trusted,
} from '../../../pictures/internal.ts'
import { browserFiles } from './browser-files.ts'
import { sourceHash } from './source-hash.ts'

/**
 * A whole page. It loads nothing, and its policy allows only the report's own script, whatever
 * untrusted names it contains.
 *
 * @param content - the body of the page
 * @param scriptData - what the script reads; without it the page has no script
 */
export function pageShell(title: string, content: readonly Markup[], scriptData?: Markup): string {
  const { script, style } = browserFiles('report')
  const policy = policyOf(scriptData && script)
  return htmlPage({
    title: `${title} \u2013 memory`,
    head: [element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy })],
    style: `${pageVariables()}${style}`,
    content,
    scripts: scriptData ? [scriptData, trusted(`<script>${script}</script>`)] : [],
  })
}

/** Nothing from anywhere; inline styles; of scripts only the one whose hash this is. */
function policyOf(script: string | undefined): string {
  const scripts = script === undefined ? "'none'" : sourceHash(script)
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; base-uri 'none'; form-action 'none'`
}
