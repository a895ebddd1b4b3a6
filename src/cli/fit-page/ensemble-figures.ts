/** Pictures of the ensemble: its graph, its columns, its memory. */

import { type NDArray, toRowNumbers } from '../../arrays/index.ts'
import { drawMatrix, drawStack, type StackNode } from '../../charts/internal.ts'
import { formatCount, formatTime } from '../../format.ts'
import { drawRun } from '../../monitor/internal.ts'
import { type Markup, trusted } from '../../pictures/internal.ts'
import type { LearnerReport } from '../fit-report/fit-report.ts'
import { foldsText, scoreCells, scoreHeading, weightText } from '../fit-report/score-cells.ts'
import { figure } from './figure.ts'
import type { PageData } from './page-data.ts'

/** The ensemble as a graph. */
export function graphFigure({ report, ensemble, input }: PageData): Markup {
  const { learners, options, combiner } = report
  const rows = report.ensemble === null ? learners : [...learners, report.ensemble]
  const heading = scoreHeading(options.scorer)
  const cells = scoreCells(
    options.scorer,
    rows.map(({ score }) => score),
  )
  const largest = Math.max(...learners.map(({ weight }) => Math.abs(scalarOf(weight) ?? 0)))
  const nodeOf = (row: LearnerReport, i: number): StackNode => {
    const steps = ensemble.learners[i]?.steps.join(', ') ?? ''
    const scalar = scalarOf(row.weight)
    return {
      name: shortName(row.name),
      lines: [
        `${heading} ${cells[i]!}`,
        `fit ${formatTime(1000 * row.fitSeconds)}, predict ${formatTime(1000 * row.predictSeconds)}`,
        ...(steps === '' ? [] : [`after ${steps}`]),
      ],
      share: scalar === undefined || largest === 0 ? undefined : scalar / largest,
      weight: weightText(row.weight),
    }
  }
  const nodes = learners.map(nodeOf)
  const count = Math.max(...learners.map(({ layer }) => layer ?? 0)) + 1
  const layers = Array.from({ length: count }, (_, layer) =>
    nodes.filter((_, i) => learners[i]!.layer === layer),
  )
  const own = report.ensemble
  const several = learners.some(({ weight }) => Array.isArray(weight))
  const content = drawStack({
    input: {
      name: `${formatCount(report.input.rows, 'row')} × ${formatCount(report.input.features.length, 'feature')}`,
      lines: [`${foldsText(options.folds)}, of ${formatCount(input.sources.length, 'column')}`],
    },
    layers,
    combiner:
      own === null
        ? undefined
        : {
            name: 'ensemble',
            lines: [
              String(combiner),
              `${heading} ${cells.at(-1)!}`,
              `fit ${formatTime(1000 * own.fitSeconds)}`,
            ],
          },
    label: `an ensemble of ${formatCount(learners.length, 'learner')}`,
  })
  return figure({
    title: 'The ensemble',
    caption: `Each learner with its score, its weight (×) and the time for one fold. Lines are as thick as the weights; those of negative ones are dashed.${several ? ' A learner with several columns shows the mean size of their weights (Ø).' : ''}`,
    content,
    // More layers than one are wider than a phone.
    ...(layers.length > 1 && { isWide: true }),
  })
}

/** One number for a learner: its weight, or the mean size of several. */
function scalarOf(weight: LearnerReport['weight']): number | undefined {
  if (weight === null) return undefined
  if (typeof weight === 'number') return weight
  return weight.reduce((sum, one) => sum + Math.abs(one), 0) / weight.length
}

/** Columns that a matrix shows. */
const mostColumns = 24

/** Rows that correlations are taken of. */
const mostRows = 100_000

/** How alike the predictions of the learners are. */
export function correlationFigure({ ensemble }: PageData): Markup {
  const { outOfFold: Z, outOfFoldColumns: names } = ensemble
  const rows = toRowNumbers(ensemble.learners.at(-1)!.rows)
  const kept = [...names.keys()].slice(0, mostColumns)
  const columns = kept.map((column) => standardized(sampled(Z.column(column), rows)))
  const correlation = (i: number, j: number): number =>
    columns[i]!.reduce((sum, value, row) => sum + value * columns[j]![row]!, 0)
  const shown = kept.map((column) => names[column]!)
  const numbered = shown.map((name, i) => `${i + 1}  ${shortName(name)}`)
  const left = names.length - kept.length
  return figure({
    title: 'Correlation of predictions',
    caption:
      'Of the predictions of each learner, by models that had not seen the row. The less alike good learners are, the more an ensemble gains.' +
      (left > 0 ? ` The first ${mostColumns} of ${names.length} columns.` : ''),
    content: drawMatrix({
      rows: numbered,
      columns: shown.map((_, i) => String(i + 1)),
      label: 'correlations of the predictions of learners',
      cell: (i, j) => {
        const value = correlation(i, j)
        const text = Number.isNaN(value) ? 'n/a' : value.toFixed(2).replace('-', '\u2212')
        return {
          shown: text,
          shade: Number.isNaN(value) ? 0 : value,
          words: `${shown[i]} and ${shown[j]}: ${text}`,
        }
      },
    }),
  })
}

/** Without what the task says anyway. */
function shortName(name: string): string {
  return name.replace(/-(?:regressor|classifier)(?=:|$)/, '')
}

/** Evenly spaced rows of those that have a prediction. */
function sampled(column: NDArray<'float64'>, rows: Int32Array): Float64Array {
  const count = Math.min(mostRows, rows.length)
  return Float64Array.from({ length: count }, (_, i) =>
    column.get(rows[Math.floor((i * rows.length) / count)]!),
  )
}

/** Values about their mean, with squares that add up to 1; NaN where all are alike. */
function standardized(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const centred = values.map((value) => value - mean)
  const size = Math.hypot(...blockNorms(centred))
  return centred.map((value) => (size === 0 ? Number.NaN : value / size))
}

/** Norms of parts: a call can't take a million arguments. */
function blockNorms(values: Float64Array): number[] {
  const norms: number[] = []
  for (let from = 0; from < values.length; from += 1000)
    norms.push(Math.hypot(...values.subarray(from, from + 1000)))
  return norms
}

/** The memory of the command over time. */
export async function memoryFigure({ memory }: PageData): Promise<Markup> {
  const svg = await drawRun(memory.data, {
    by: 'kind',
    theme: 'auto',
    title: '',
    width: 1000,
    height: 360,
    id: 'memory',
  })
  return figure({
    title: 'Memory',
    caption: String(memory),
    // The picture escaped all its text itself.
    content: trusted(svg),
    isWide: true,
    class: 'memory',
  })
}
