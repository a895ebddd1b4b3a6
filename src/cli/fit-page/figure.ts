/** A picture with its heading and what it shows. */

import { element, join, type Markup, text } from '../../pictures/internal.ts'

/** The parts of a figure. */
export interface Figure {
  readonly title: string
  /** What it shows, in words. */
  readonly caption: string
  /** Undefined: the caption says why there is none. */
  readonly content?: Markup
  /** Wider than a phone: it scrolls there. */
  readonly isWide?: boolean
  readonly class?: string
}

/** A figure of the page. */
export function figure({ title, caption, content, isWide, class: own }: Figure): Markup {
  const shown = content ?? join()
  return element(
    'figure',
    { class: [isWide ? 'wide' : '', own ?? ''].join(' ').trim() || undefined },
    element('h2', {}, text(title)),
    element('figcaption', {}, text(caption)),
    isWide ? element('div', { class: 'scroll' }, shown) : shown,
  )
}
