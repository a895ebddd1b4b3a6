/** Draws pairs of numbers as points, or as density of many. */

import { element, join, type Markup, svgPicture } from '../pictures/internal.ts'
import {
  axisHeight,
  bottomAxis,
  type Box,
  chartWidth,
  leftAxis,
  type Scale,
  scaleOver,
} from './plot-area.ts'

/** Pairs of numbers of the same kind. */
export interface PointChart {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly xLabel: string
  readonly yLabel: string
  /** What screen readers say. */
  readonly label: string
}

/** Points up to which each is drawn. */
const fewPoints = 1500

/** Cells of a density along each axis. */
const cells = 56

/** Steps of darkness of a density. */
const levels = 8

const box: Box = { left: 64, right: chartWidth - 12, top: 10, bottom: 330 }

/**
 * Points over the line on which both are equal. Both axes have the range of `x`, wider by a tenth; the picture's size does not grow with the
 * number of points.
 *
 * @returns the picture, and how many points lie outside of it
 */
export function drawPoints({ x, y, xLabel, yLabel, label }: PointChart): {
  readonly svg: Markup
  readonly outside: number
} {
  const [low, high] = rangeOf(x)
  const room = 0.05 * (high - low)
  const across = scaleOver(low - room, high + room, [box.left, box.right])
  const up = scaleOver(low - room, high + room, [box.bottom, box.top])
  const [from, to] = across.domain() as [number, number]
  const inside = Array.from({ length: x.length }, (_, i) => i).filter(
    (i) => y[i]! >= from && y[i]! <= to,
  )
  const points =
    inside.length <= fewPoints
      ? drawEach(inside, { x, y }, across, up)
      : drawDensity(inside, { x, y }, across, up)
  const svg = svgPicture(
    {
      width: chartWidth,
      height: box.bottom + axisHeight,
      label,
      theme: 'auto',
      definitions: join(),
    },
    leftAxis(up, box, yLabel),
    bottomAxis(across, box, xLabel),
    points,
    element('line', {
      class: 's-p4',
      'stroke-width': 1.5,
      'stroke-dasharray': '6 4',
      x1: box.left,
      x2: box.right,
      y1: box.bottom,
      y2: box.top,
    }),
  )
  return { svg, outside: x.length - inside.length }
}

type Pairs = Pick<PointChart, 'x' | 'y'>

function drawEach(inside: readonly number[], { x, y }: Pairs, across: Scale, up: Scale): Markup {
  return element(
    'g',
    { class: 'shared', 'fill-opacity': '.5' },
    ...inside.map((i) => element('circle', { cx: across(x[i]!), cy: up(y[i]!), r: 3 })),
  )
}

/** The darker a cell, the more points are in it, by their logarithm: rare ones show, too. */
function drawDensity(inside: readonly number[], { x, y }: Pairs, across: Scale, up: Scale): Markup {
  const counts = new Uint32Array(cells * cells)
  const place = (pixel: number, from: number, size: number): number =>
    Math.min(cells - 1, Math.max(0, Math.floor(((pixel - from) / size) * cells)))
  const [width, height] = [box.right - box.left, box.bottom - box.top]
  for (const i of inside)
    counts[place(up(y[i]!), box.top, height) * cells + place(across(x[i]!), box.left, width)]!++
  const most = Math.log1p(counts.reduce((max, count) => Math.max(max, count), 0))
  const paths = Array.from({ length: levels }, () => '')
  const [w, h] = [(width / cells).toFixed(2), (height / cells).toFixed(2)]
  for (const [at, count] of counts.entries()) {
    if (count === 0) continue
    const level = Math.min(levels - 1, Math.floor((Math.log1p(count) / most) * levels))
    const left = (box.left + ((at % cells) * width) / cells).toFixed(2)
    const top = (box.top + (Math.floor(at / cells) * height) / cells).toFixed(2)
    paths[level] += `M${left} ${top}h${w}v${h}h-${w}z`
  }
  return join(
    ...paths.map((d, level) =>
      d === ''
        ? join()
        : element('path', {
            class: 'shared',
            'fill-opacity': (0.15 + (0.85 * (level + 1)) / levels).toFixed(3),
            d,
          }),
    ),
  )
}

function rangeOf(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!)
    high = Math.max(high, values[i]!)
  }
  return [low, high]
}
