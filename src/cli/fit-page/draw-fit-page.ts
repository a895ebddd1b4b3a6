/** Draws the page of a fit, as one self-contained file. */

import { basename } from 'node:path'
import { formatCount, formatTime } from '../../format.ts'
import {
  element,
  htmlPage,
  type Markup,
  pageVariables,
  text,
  trusted,
} from '../../pictures/internal.ts'
import type { FitReport } from '../fit-report/fit-report.ts'
import type { FitResult } from '../fit-report/make-report.ts'
import { foldsText, scoreCells, scoreInText } from '../fit-report/score-cells.ts'
import type { Input } from '../input/input.ts'
import { correlationFigure, graphFigure, memoryFigure } from './ensemble-figures.ts'
import { pageData } from './page-data.ts'
import { pageMark } from './page-mark.ts'
import { pageStyle } from './page-style.ts'
import { calibrationFigure, confusionFigure, numbersFigure } from './prediction-figures.ts'
import { importanceFigure, scoreFigure, scoreTable, testTable } from './score-figures.ts'

/**
 * Writes the page. It loads nothing, and its policy allows no script, whatever the names in the file are.
 *
 * @param result - what the report was made of, and the rows of a test
 */
export async function drawFitPage(
  report: FitReport,
  result: FitResult & { readonly tested: Input | undefined },
): Promise<string> {
  const data = pageData(report, result)
  const isNumbers = report.task === 'regression'
  const calibration = isNumbers ? undefined : calibrationFigure(data)
  const isDeep = report.learners.some(({ layer }) => layer !== 0)
  const title = `Predicting ${report.input.target}`
  return htmlPage({
    title: `${title} \u2013 onecopy fit`,
    head: [
      trusted(pageMark),
      element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    ],
    style: `${pageVariables()}${pageStyle}`,
    content: [
      element('h1', {}, text(title)),
      element('p', { class: 'facts' }, text(factsOf(report))),
      element('p', { class: 'words' }, ...wordsOf(report)),
      notesOf(report),
      element(
        'div',
        { class: 'figures' },
        scoreFigure(data),
        isNumbers ? numbersFigure(data) : confusionFigure(data),
        ...(calibration === undefined ? [] : [calibration]),
        await importanceFigure(data),
        correlationFigure(data),
        ...(isDeep ? [] : [graphFigure(data)]),
      ),
      ...(isDeep ? [graphFigure(data)] : []),
      element('h2', { class: 'wide' }, text('All scores')),
      scoreTable(data),
      testTable(data),
      await memoryFigure(data),
    ],
    scripts: [],
  })
}

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'none'; base-uri 'none'; form-action 'none'"

function factsOf({ input, options, seconds, version }: FitReport): string {
  return [
    basename(input.file),
    formatCount(input.rows, 'row'),
    formatCount(input.features.length, 'feature'),
    ...(input.classes === undefined ? [] : [formatCount(input.classes.length, 'class', 'classes')]),
    foldsText(options.folds),
    `fitted in ${formatTime(1000 * seconds.fit)}`,
    `onecopy ${version}`,
  ].join(' \u00b7 ')
}

/** Which one is the best, and by how much. */
function wordsOf({ learners, ensemble, best, options, greaterIsBetter }: FitReport): Markup[] {
  const rows = ensemble === null ? learners : [...learners, ensemble]
  const cells = scoreCells(
    options.scorer,
    rows.map(({ score }) => score),
  )
  const heading = scoreInText(options.scorer)
  const at = rows.findIndex(({ name }) => name === best)
  if (at < 0) return [text('No learner predicts what the scorer needs.')]
  const first = `${best === 'ensemble' ? 'The ensemble' : best} is the best: ${heading} ${cells[at]!}.`
  const sign = greaterIsBetter ? -1 : 1
  const [next] = learners
    .map(({ name, score }, i) => ({ name, score, cell: cells[i]! }))
    .filter(({ name, score }) => name !== best && score !== null)
    .toSorted((a, b) => sign * (a.score! - b.score!))
  const rest =
    best !== 'ensemble' && ensemble !== null && ensemble.score !== null
      ? ` The ensemble has ${cells.at(-1)!}.`
      : next === undefined
        ? ''
        : ` The best learner ${best === 'ensemble' ? 'alone' : 'after it'}, ${next.name}, has ${next.cell}.`
  return [element('strong', {}, text(first)), text(rest)]
}

function notesOf({ input, skipped }: FitReport): Markup {
  const sentences = [
    ...input.notes,
    ...skipped.map(({ name, reason }) => `${name} was left out: ${reason}`),
  ]
  return element('div', { class: 'notes' }, ...sentences.map((one) => element('p', {}, text(one))))
}
