/** The frame of every SVG picture: its size, label, styles and background. */

import { element } from './markup.ts'
import type { Markup } from './markup.ts'
import { pictureStyle } from './theme.ts'
import type { Theme } from './theme.ts'

/** What a picture has beside what is drawn. */
interface PictureFrame {
  readonly width: number
  readonly height: number
  /** What screen readers say for it. */
  readonly label: string
  readonly theme: Theme
  /** Element `defs`, with patterns and clips that the drawing uses. */
  readonly definitions: Markup
}

/** An SVG picture of `parts`, the first at the bottom. */
export function svgPicture(
  { width, height, label, theme, definitions }: PictureFrame,
  ...parts: readonly Markup[]
): Markup {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'onecopy',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': label,
    },
    pictureStyle(theme),
    definitions,
    element('rect', { class: 'bg', width, height }),
    ...parts,
  )
}
