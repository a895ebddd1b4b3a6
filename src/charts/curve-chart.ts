/** Draws curves of shares against shares. */

import { cutText, element, join, type Markup, svgPicture, text } from '../pictures/internal.ts'
import { axisHeight, bottomAxis, type Box, chartWidth, leftAxis, scaleOver } from './plot-area.ts'

/** A curve through points in the unit square. */
export interface CurveSeries {
  readonly name: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** How much each point counts; larger ones are drawn larger. */
  readonly weights: ArrayLike<number>
}

/** Colours of curves, in order. */
const inks = ['shared', 'p4', 'p2', 'p3', 'p0', 'muted'] as const

/** How many curves can be told apart. */
const mostCurves = inks.length

const box: Box = { left: 58, right: chartWidth - 12, top: 10, bottom: 310 }

/**
 * Curves over the line on which both are equal.
 *
 * @param series - at most six
 */
export function drawCurves(
  series: readonly CurveSeries[],
  {
    xLabel,
    yLabel,
    label,
  }: { readonly xLabel: string; readonly yLabel: string; readonly label: string },
): Markup {
  const shown = series.slice(0, mostCurves)
  const x = scaleOver(0, 1, [box.left, box.right])
  const y = scaleOver(0, 1, [box.bottom, box.top])
  const largest = Math.max(...shown.flatMap(({ weights }) => Array.from(weights)))
  const keyTop = box.bottom + axisHeight + 4
  const keyRows = shown.length > 1 ? Math.ceil(shown.length / 2) : 0
  const drawCurve = (one: CurveSeries, number: number): Markup => {
    const ink = inks[number]!
    const points = Array.from(one.x, (value, i) => [x(value), y(one.y[i]!)] as const)
    const d = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px.toFixed(1)} ${py.toFixed(1)}`)
    return join(
      element('path', { class: `line s-${ink}`, 'stroke-width': 2, d: d.join('') }),
      ...points.map(([cx, cy], i) => {
        const share = one.weights[i]! / largest
        return element('circle', {
          class: `${ink} s-bg`,
          cx,
          cy,
          r: 3 + 5 * Math.sqrt(share),
        })
      }),
    )
  }
  const drawKey = ({ name }: CurveSeries, number: number): Markup => {
    const left = box.left + (number % 2) * 170
    const top = keyTop + Math.floor(number / 2) * 20
    return join(
      element('circle', { class: inks[number]!, cx: left + 6, cy: top + 8, r: 5 }),
      element('text', { x: left + 18, y: top + 12 }, text(cutText(name, 12, 140))),
    )
  }
  return svgPicture(
    {
      width: chartWidth,
      height: keyTop + keyRows * 20 + 4,
      label,
      theme: 'auto',
      definitions: join(),
    },
    leftAxis(y, box, yLabel),
    bottomAxis(x, box, xLabel),
    element('line', {
      class: 's-muted',
      'stroke-dasharray': '6 4',
      x1: x(0),
      y1: y(0),
      x2: x(1),
      y2: y(1),
    }),
    ...shown.map(drawCurve),
    ...(keyRows > 0 ? shown.map(drawKey) : []),
  )
}
