/** Names to the left of rows of a chart. */

import { cutText, element, type Markup, text, textWidth } from '../pictures/internal.ts'

/** Width of the longest name, up to `most`. */
export function labelWidth(names: readonly string[], most: number, size = 12): number {
  return Math.min(most, Math.max(24, ...names.map((name) => textWidth(name, size) + 2)))
}

/** A name that ends at `x`, cut to `width`; the whole of it shows under the pointer. */
export function rowLabel(
  name: string,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
  isStrong = false,
): Markup {
  const shown = cutText(name, isStrong ? 12.8 : 12, width)
  return element(
    'text',
    { class: 'end', x, y, ...(isStrong && { 'font-weight': 600 }) },
    text(shown),
    ...(shown === name ? [] : [element('title', {}, text(name))]),
  )
}
