/** Draws scores of learners with their spread over folds. */

import { element, join, type Markup, svgPicture, text, textWidth } from '../pictures/internal.ts'
import { axisHeight, bottomAxis, chartWidth, type Scale, scaleOver } from './plot-area.ts'
import { labelWidth, rowLabel } from './row-labels.ts'

/** The scores of one learner. */
export interface ScoreLine {
  readonly name: string
  readonly score: number
  readonly spread: number
  readonly folds: readonly number[]
  /** The score as text. */
  readonly shown: string
  /** Whether it combines the others. */
  readonly isEnsemble: boolean
  readonly isBest: boolean
}

const rowHeight = 30

/**
 * A line for each learner: a dot for each fold, and a larger one with a bar for the mean and the standard deviation. Learners that are
 * far off the others are drawn as arrows at the edge.
 */
export function drawScores(lines: readonly ScoreLine[], label: string): Markup {
  const names = lines.map(({ name }) => name)
  const width = labelWidth(names, 165)
  const values = Math.max(...lines.map(({ shown }) => textWidth(shown, 12.8)))
  const top = 8
  const box = {
    left: width + 18,
    right: chartWidth - values - 18,
    top,
    bottom: top + rowHeight * lines.length,
  }
  const [low, high] = domainOf(lines)
  const room = 0.04 * (high - low)
  const x = scaleOver(low - room, high + room, [box.left, box.right])
  return svgPicture(
    {
      width: chartWidth,
      height: box.bottom + axisHeight,
      label: `${label} of ${names.join(', ')}`,
      theme: 'auto',
      definitions: join(),
    },
    bottomAxis(x, box, label),
    ...lines.map((line, i) => {
      const y = top + (i + 0.5) * rowHeight
      return join(
        rowLabel(line.name, { x: width + 6, y: y + 4, width }, line.isBest),
        drawLine(line, x, y),
        element(
          'text',
          {
            class: 'end',
            x: chartWidth - 6,
            y: y + 4,
            ...(line.isBest && { 'font-weight': 600 }),
          },
          text(line.shown),
        ),
      )
    }),
  )
}

function drawLine({ score, spread, folds, isEnsemble }: ScoreLine, x: Scale, y: number): Markup {
  const [low, high] = x.domain() as [number, number]
  const ink = isEnsemble ? 'p4' : 'shared'
  if (score < low || score > high) {
    const isLeft = score < low
    const [at, tip] = isLeft ? [x(low), -7] : [x(high), 7]
    const d = `M${at - tip} ${y - 6}L${at} ${y}L${at - tip} ${y + 6}z`
    return element('path', { class: ink, d })
  }
  const clamp = (value: number): number => x(Math.min(high, Math.max(low, value)))
  return join(
    ...folds
      .filter((fold) => fold >= low && fold <= high)
      .map((fold) => element('circle', { class: 'others', cx: x(fold), cy: y, r: 3 })),
    element('line', {
      class: `s-${ink}`,
      'stroke-width': 2.5,
      x1: clamp(score - spread),
      x2: clamp(score + spread),
      y1: y,
      y2: y,
    }),
    element('circle', { class: `${ink} s-bg`, 'stroke-width': 1.5, cx: x(score), cy: y, r: 6 }),
  )
}

/**
 * From the least to the greatest score of a fold, without the farthest learners where these would make those of the others one dot: at
 * most half of them.
 */
function domainOf(lines: readonly ScoreLine[]): readonly [number, number] {
  const extent = (some: readonly ScoreLine[]): [number, number] => {
    const all = some.flatMap(({ folds, score }) => [...folds, score])
    return [Math.min(...all), Math.max(...all)]
  }
  const best = (lines.find(({ isBest }) => isBest) ?? lines[0]!).score
  const near = lines.toSorted((a, b) => Math.abs(a.score - best) - Math.abs(b.score - best))
  const whole = extent(lines)
  for (let dropped = 1; dropped <= lines.length / 2; dropped++) {
    const kept = near.slice(0, lines.length - dropped)
    if (kept.length > 1 && widthOf(extent(kept)) <= widthOf(whole) / 3) return extent(kept)
  }
  return whole
}

function widthOf([low, high]: readonly [number, number]): number {
  return high - low
}
