/** Pictures of predictions beside the truth. */

import { array, type NDArray } from '../../arrays/index.ts'
import { type CurveSeries, drawCurves, drawMatrix, drawPoints } from '../../charts/internal.ts'
import { calibrationCurve } from '../../learn/index.ts'
import { formatCount, formatNumber } from '../../format.ts'
import type { Markup } from '../../pictures/internal.ts'
import { figure } from './figure.ts'
import {
  classNames,
  type PageData,
  predictedCodes,
  predictedRows,
  probabilitiesOf,
} from './page-data.ts'

/** Predicted numbers over true ones. */
export function numbersFigure(data: PageData): Markup {
  const { shown, target, input } = data
  const rows = predictedRows(data)
  const values = (column: NDArray): Float64Array =>
    Float64Array.from(rows, (row) => Number(column.get(row)))
  const predicted = shown.columns.ndim === 1 ? shown.columns : shown.columns.column(0)
  const { svg, outside } = drawPoints({
    x: values(target.y),
    y: values(predicted),
    xLabel: `true ${input.target}`,
    yLabel: 'predicted',
    label: `predicted over true ${input.target}`,
  })
  const far =
    outside > 0
      ? ` ${formatCount(outside, 'prediction')} outside of the range of ${input.target} ${outside === 1 ? 'is' : 'are'} not shown.`
      : ''
  return figure({
    title: 'Predicted and true',
    caption: `${formatCount(rows.length, 'row')}, each predicted by models that had not seen it. On the dashed line both are equal.${far}`,
    content: svg,
  })
}

/** Classes that a matrix shows. */
const mostClasses = 24

/** How often each class is taken for each other. */
export function confusionFigure(data: PageData): Markup {
  const names = classNames(data.target)
  const counts = countPairs(data)
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0))
  const largest = [...names.keys()].sort((a, b) => totals[b]! - totals[a]!)
  const kept = largest.slice(0, mostClasses).sort((a, b) => a - b)
  const left = names.length - kept.length
  const content = drawMatrix({
    rows: kept.map((code) => names[code]!),
    columns: kept.map((code) => names[code]!),
    label: `true and predicted ${data.input.target}`,
    cell: (row, column) => {
      const [truth, guess] = [kept[row]!, kept[column]!]
      const count = counts[truth]![guess]!
      const total = totals[truth]!
      const share = total === 0 ? 0 : count / total
      const percent = `${(100 * share).toFixed(1)} %`
      return {
        shown: formatNumber(count),
        shade: truth === guess ? share : -share,
        words: `true ${names[truth]}, predicted ${names[guess]}: ${formatCount(count, 'row')}, ${percent} of this class`,
      }
    },
  })
  return figure({
    title: 'Confusion',
    caption:
      'Rows: the true class. Columns: the predicted one, by models that had not seen the row. Blue is right, orange is wrong; the darker, the larger the share of the true class.' +
      (left > 0 ? ` The ${mostClasses} largest of ${names.length} classes.` : ''),
    content,
  })
}

/** Numbers of rows by true and predicted class. */
function countPairs(data: PageData): number[][] {
  const { target } = data
  const { length } = classNames(target)
  const counts = Array.from({ length }, () => Array.from({ length }, () => 0))
  const codes = predictedCodes(data)
  for (const row of Array.from(predictedRows(data)))
    counts[Number(target.y.get(row))]![codes[row]!]!++
  return counts
}

/** Classes whose curves can be told apart. */
const mostCurves = 6

/** How often probabilities come true. */
export function calibrationFigure(data: PageData): Markup | undefined {
  const probabilities = probabilitiesOf(data)
  if (probabilities === undefined) return undefined
  const names = classNames(data.target)
  const rows = predictedRows(data)
  const series =
    names.length === 2
      ? [curveOf(data, rows, probabilities, 1)]
      : names.length <= mostCurves
        ? names.map((_, code) => curveOf(data, rows, probabilities, code))
        : [confidenceCurve(data, rows, probabilities)]
  const what =
    names.length === 2
      ? `the class ${names[1]}`
      : names.length <= mostCurves
        ? 'each class'
        : 'the predicted class'
  return figure({
    title: 'Calibration',
    caption: `How often ${what} is the true one, by its predicted probability, in ten bins. On the dashed line probabilities come true as often as they say. Larger dots stand for more rows.`,
    content: drawCurves(series, {
      xLabel: 'predicted probability',
      yLabel: 'share that came true',
      label: `calibration of the probabilities of ${data.input.target}`,
    }),
  })
}

function curveOf(
  { target }: PageData,
  rows: ArrayLike<number>,
  probabilities: NDArray,
  code: number,
): CurveSeries {
  const truth = Array.from(rows, (row) => (Number(target.y.get(row)) === code ? 1 : 0))
  const own = Float64Array.from(rows, (row) => clipped(probabilities.get(row, code)))
  return seriesOf(classNames(target)[code]!, truth, own)
}

function confidenceCurve(
  data: PageData,
  rows: ArrayLike<number>,
  probabilities: NDArray,
): CurveSeries {
  const codes = predictedCodes(data)
  const truth = Array.from(rows, (row) => (Number(data.target.y.get(row)) === codes[row] ? 1 : 0))
  const own = Float64Array.from(rows, (row) => clipped(probabilities.get(row, codes[row]!)))
  return seriesOf('predicted class', truth, own)
}

function seriesOf(name: string, truth: number[], probabilities: Float64Array): CurveSeries {
  const classes = Float64Array.of(0, 1)
  const found = calibrationCurve(array(truth), array(probabilities), { bins: 10, classes })
  return { name, x: found.predicted, y: found.observed, weights: found.weights }
}

/** Sums of probabilities may be above 1 by their last digit. */
function clipped(probability: number | bigint): number {
  return Math.min(1, Math.max(0, Number(probability)))
}
