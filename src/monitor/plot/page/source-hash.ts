/** Hashes of scripts and styles for the policy of a page. */

import { createHash } from 'node:crypto'

/** How a Content-Security-Policy names an inline script or style. */
export function sourceHash(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`
}
