/** Draws the legend of a picture. */

import { formatBytes } from '../../../format.ts'
import { cutText, element, join, type Markup, text, textWidth } from '../../../pictures/internal.ts'

/** A line of a legend. */
export interface LegendEntry {
  readonly label: string
  /** Bytes on the right side; NaN is shown as `n/a`, nothing as nothing. */
  readonly value?: number
  /** Draws its swatch at (x, y), the lower left corner; 14 wide and 12 high. */
  readonly swatch: (x: number, y: number) => Markup
  /** Whether it is a remark and not a part of the picture. */
  readonly isMuted?: boolean
}

const lineHeight = 21

/** Draws a column of entries, as many as have room. */
export function drawLegend(
  entries: readonly LegendEntry[],
  place: { x: number; y: number; width: number; height: number; heading: string },
): Markup {
  const right = place.x + place.width
  const lines = Math.max(1, Math.floor((place.height - 14) / lineHeight))
  const left = entries.length > lines ? entries.length - lines + 1 : 0
  const more = left > 0 ? [{ label: `${left} more`, swatch: () => join(), isMuted: true }] : []
  const shown: readonly LegendEntry[] = [...entries.slice(0, entries.length - left), ...more]
  const heading = element(
    'text',
    { class: 'small muted end', x: right, y: place.y + 9 },
    text(place.heading),
  )
  return join(
    heading,
    ...shown.flatMap(({ label, value, swatch, isMuted }, i) => {
      const y = place.y + (i + 1) * lineHeight + 10
      const size = value === undefined ? '' : formatBytes(value)
      const ink = isMuted ? 'muted' : ''
      const room = place.width - 22 - textWidth(size, 12) - 8
      return [
        swatch(place.x, y),
        element(
          'text',
          { class: ink || undefined, x: place.x + 22, y },
          text(cutText(label, 12, room)),
        ),
        element('text', { class: `end ${ink}`.trim(), x: right, y }, text(size)),
      ]
    }),
  )
}
