/** Pictures and tables of scores. */

import { type BarRow, drawBars, drawScores } from '../../charts/internal.ts'
import { permutationImportance, type ScorerName } from '../../learn/index.ts'
import { formatCount, formatTime } from '../../format.ts'
import { columnText } from '../output/numbers-text.ts'
import { shapeOf } from '../input/input.ts'
import {
  scoreCells,
  scoreHeading,
  scoreInText,
  spreadOf,
  weightText,
} from '../fit-report/score-cells.ts'
import type { LearnerReport } from '../fit-report/fit-report.ts'
import { element, join, type Markup, text } from '../../pictures/internal.ts'
import { figure } from './figure.ts'
import type { PageData } from './page-data.ts'

/** Scores of all learners over the folds. */
export function scoreFigure({ report }: PageData): Markup {
  const { options, best, greaterIsBetter } = report
  const rows = rowsOf(report).filter(({ score }) => score !== null)
  const sign = greaterIsBetter ? -1 : 1
  const sorted = rows.toSorted((a, b) => sign * (a.score! - b.score!))
  const shown = scoreCells(
    options.scorer,
    sorted.map(({ score }) => score),
  )
  const lines = sorted.map(({ name, score, spread, folds, layer }, i) => ({
    name,
    score: score!,
    spread: spread ?? 0,
    folds: folds.filter((fold) => fold !== null),
    shown: shown[i]!,
    isEnsemble: layer === null,
    isBest: name === best,
  }))
  const heading = scoreHeading(options.scorer)
  return figure({
    title: 'Scores',
    caption: `${heading} on rows that the model had not seen; ${greaterIsBetter ? 'higher' : 'lower'} is better. Grey: each fold. Bars: standard deviation.`,
    content: drawScores(lines, heading),
  })
}

/** Columns with more would take minutes, and no reader looks at so many bars. */
const mostSources = 200

/** Bars that are drawn. */
const mostBars = 20

/** Values that are predicted, over all columns and repeats. */
const mostPredictions = 20_000

/** How much worse the ensemble is without what each column says. */
export async function importanceFigure(data: PageData): Promise<Markup> {
  const { input, tested, ensemble, report, settings } = data
  const { sources } = input
  const rows = tested ?? input
  const title = 'Importance of columns'
  if (ensemble.combined === undefined)
    return figure({
      title,
      caption: 'Nothing combines the learners, so there is no ensemble to ask.',
    })
  if (sources.length > mostSources)
    return figure({
      title,
      caption: `Left out: there are ${formatCount(sources.length, 'column')}, and at most ${mostSources} are shuffled here. In a program, call permutationImportance.`,
    })
  const repeats = 3
  const n = shapeOf(rows.X)[0]
  const count = Math.min(n, Math.max(100, Math.floor(mostPredictions / (sources.length * repeats))))
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * n) / count))
  const found = await permutationImportance(ensemble.model, rows.X, rows.y, {
    rows: chosen,
    repeats,
    seed: settings.seed,
    scorer: settings.scorer as ScorerName,
    together: sources.map(({ range: [start, stop] }) =>
      Array.from({ length: stop - start }, (_, i) => start + i),
    ),
    ...(rows.weights && { weights: rows.weights }),
  })
  const order = [...found.means.keys()].sort((a, b) => found.means[b]! - found.means[a]!)
  const kept = order.slice(0, mostBars)
  const shown = columnText(kept.map((j) => found.means[j]!))
  const bars: BarRow[] = kept.map((j, i) => ({
    name: sources[j]!.name,
    value: found.means[j]!,
    deviation: found.deviations[j]!,
    shown: shown[i]!,
  }))
  const where =
    tested === undefined
      ? 'that it has learned from, so that columns by which it knows rows again look more important than they are'
      : 'of the test'
  const heading = scoreInText(report.options.scorer)
  const more = order.length - kept.length
  return figure({
    title,
    caption: `How much worse the ${heading} gets when a column is shuffled: on ${formatCount(count, 'row')} ${where}.${more > 0 ? ` ${formatCount(more, 'column')} with less ${more === 1 ? 'is' : 'are'} not shown.` : ''}`,
    content: drawBars(bars, `loss of ${heading}`),
  })
}

/** All scores and times as a table. */
export function scoreTable({ report }: PageData): Markup {
  const rows = rowsOf(report)
  const { scorer } = report.options
  const cells = (name: string, values: readonly (number | null)[]): string[] =>
    scoreCells(name, values)
  const scores = rows.map(({ score }) => score)
  const columns: (readonly [heading: string, cells: readonly string[]])[] = [
    ['learner', rows.map(({ name }) => name)],
    [scoreHeading(scorer), cells(scorer, scores)],
    [
      '±',
      scoreCells(
        scorer,
        rows.map((row) => spreadOf(row)),
        scores,
      ),
    ],
    ...otherScores(rows, scorer),
    ['weight', rows.map(({ weight }) => weightText(weight) ?? '')],
    ['fit', rows.map(({ fitSeconds }) => formatTime(1000 * fitSeconds))],
    ['predict', rows.map(({ predictSeconds }) => formatTime(1000 * predictSeconds))],
  ]
  return tableOf(columns, (row) => rows[row]!.name === report.best)
}

/** Scores on the rows of a test as a table. */
export function testTable({ report: { test, options } }: PageData): Markup {
  if (test === null) return join()
  const { learners: rows } = test
  return join(
    element(
      'h2',
      { class: 'wide' },
      text(`Test: ${formatCount(test.rows, 'row')} of ${test.file}`),
    ),
    element('p', { class: 'facts' }, text('Predicted by the models of all rows above.')),
    tableOf(
      [
        ['learner', rows.map(({ name }) => name)],
        [
          scoreHeading(options.scorer),
          scoreCells(
            options.scorer,
            rows.map(({ score }) => score),
          ),
        ],
        ...otherScores(rows, options.scorer),
      ],
      () => false,
    ),
  )
}

function otherScores(
  rows: readonly object[],
  scorer: string,
): (readonly [heading: string, cells: readonly string[]])[] {
  const values = rows as readonly Readonly<Record<string, number | null>>[]
  return ['rmse', 'r2', 'accuracy', 'logLoss']
    .filter((name) => name !== scorer && name in values[0]!)
    .map((name) => [
      scoreHeading(name),
      scoreCells(
        name,
        values.map((row) => row[name]!),
      ),
    ])
}

function tableOf(
  columns: readonly (readonly [heading: string, cells: readonly string[]])[],
  isBest: (row: number) => boolean,
): Markup {
  const head = columns.map(([heading]) => element('th', { scope: 'col' }, text(heading)))
  const body = columns[0]![1].map((_, row) =>
    element(
      'tr',
      isBest(row) ? { class: 'best' } : {},
      ...columns.map(([, cells]) => element('td', {}, text(cells[row]!))),
    ),
  )
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  )
}

function rowsOf({ learners, ensemble }: PageData['report']): readonly LearnerReport[] {
  return ensemble === null ? learners : [...learners, ensemble]
}
