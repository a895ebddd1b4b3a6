/** What `onecopy fit` prints: scores, memory, time and files. */

import { basename, join } from 'node:path'
import { styleText } from 'node:util'
import { plainStrings } from '../../plain-name.ts'
import type { FitReport } from './fit-report.ts'
import { columnText } from '../output/numbers-text.ts'
import { formatBytes, formatCount, formatNumber, formatTime } from '../../format.ts'
import { type TextColumn, textTable } from '../../text-table.ts'

/** Colours and weights; they go away by themselves where nobody sees them. */
function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** The whole text. */
export function fitText(found: FitReport): string {
  const report = plainStrings(found)
  const blocks = [
    inputLines(report),
    scoreLines(report),
    legend(report),
    [...memoryLines(report), timeLine(report), ...fileLines(report)],
  ]
  return `\n${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n\n`
}

function inputLines({ input, options }: FitReport): string[] {
  const { file, rows, target, features, classes, notes } = input
  const what =
    classes === undefined
      ? target
      : `${target} (${formatCount(classes.length, 'class', 'classes')})`
  return [
    `${paint('bold', `Predicting ${what}`)} from ${formatCount(features.length, 'feature')}: ` +
      `${formatCount(rows, 'row')} of ${basename(file)} in ${options.folds} folds`,
    ...notes.map((note) => paint('yellow', note)),
  ]
}

/** One line a learner, the best one marked. */
function scoreLines({ learners, ensemble, best, skipped }: FitReport): string[] {
  const rows = ensemble === null ? learners : [...learners, ensemble]
  const [heading, ...lines] = textTable([
    left(
      'Learner',
      rows.map(({ name }) => name),
    ),
    ...scoreColumns(rows),
    right(
      'Fit',
      rows.map(({ fitSeconds }) => formatTime(1000 * fitSeconds)),
    ),
    right(
      'Predict',
      rows.map(({ predictSeconds }) => formatTime(1000 * predictSeconds)),
    ),
    left(
      '',
      rows.map(({ name }) => (name === best ? '← best' : '')),
    ),
  ])
  return [
    `  ${paint('dim', heading!)}`,
    ...lines.map((line, row) =>
      rows[row]!.name === best ? `  ${paint(['bold', 'green'], line)}` : `  ${line}`,
    ),
    ...skipped.map(({ name, reason }) => paint('yellow', `  ${name} was left out: ${reason}`)),
  ]
}

/** Columns of scores, which are not the same for numbers and classes. */
function scoreColumns(rows: FitReport['learners']): TextColumn[] {
  const spreads = rows.map(({ spread }) => spread)
  const accuracies = rows.flatMap((row) => ('accuracy' in row ? [row.accuracy] : []))
  if (accuracies.length > 0) {
    const losses = rows.flatMap((row) => ('logLoss' in row ? [row.logLoss] : []))
    return [
      right(
        'Accuracy',
        accuracies.map((value) => value.toFixed(4)),
      ),
      right(
        '±',
        spreads.map((value) => value.toFixed(4)),
      ),
      right('Log loss', columnText(losses)),
    ]
  }
  const numbers = rows.flatMap((row) => ('rmse' in row ? [row] : []))
  const errors = numbers.map(({ rmse }) => rmse)
  return [
    right('RMSE', columnText(errors)),
    right('±', columnText(spreads, errors)),
    right(
      'R²',
      numbers.map(({ r2 }) => r2.toFixed(4)),
    ),
  ]
}

function right(heading: string, cells: readonly string[]): TextColumn {
  return { heading, cells, align: 'right' }
}

function left(heading: string, cells: readonly string[]): TextColumn {
  return { heading, cells, align: 'left' }
}

function legend({ input, task, ensemble }: FitReport): string[] {
  const { target } = input
  const isClasses = task === 'classification'
  const scores = isClasses
    ? [
        [
          'Accuracy',
          `share of rows whose ${target} was predicted right, of rows that the model had not seen`,
        ],
        ['±', 'standard deviation of the accuracy over the folds'],
        ['Log loss', 'mean of -log(probability of the true class); lower is better'],
      ]
    : [
        ['RMSE', `typical error in ${target} on rows that the model had not seen; lower is better`],
        ['±', 'standard deviation of the RMSE over the folds'],
        [
          'R²',
          `share of the variance of ${target} explained; 1 is perfect, 0 is no better than the mean`,
        ],
      ]
  const combiner = isClasses ? 'logistic regression' : 'ridge regression'
  const lines = [
    ...scores,
    ['Fit, Predict', 'time for one fold'],
    ...(ensemble === null ? [] : [['ensemble', `all learners, combined by a ${combiner}`]]),
  ]
  return lines.map(([name = '', text = '']) => paint('dim', `  ${name.padEnd(14)}${text}`))
}

function memoryLines({ memory, options }: FitReport): string[] {
  const { anonymous, shmem, fileBacked, processes } = memory
  const heading = paint('bold', 'Memory')
  if (anonymous === null) return [`${heading}   n/a: only Linux shows it`]
  const [own, shared, files] = [anonymous, shmem, fileBacked].map((n) =>
    formatBytes(n ?? undefined),
  )
  const workers =
    options.backend === 'serial' ? 'no workers' : formatCount(options.workers, 'worker')
  const who = `${processes === 1 ? '1 process' : `${processes} processes`}, ${workers}`
  return [
    `${heading}   peak ${own} anonymous, ${shared} shmem, ${files} file-backed (${who})`,
    paint(
      'dim',
      '         shmem holds the only copy of the data; file-backed is cache that the system can drop',
    ),
  ]
}

function timeLine({ seconds }: FitReport): string {
  const parts = `${formatTime(1000 * seconds.read)} to read, ${formatTime(1000 * seconds.fit)} to fit`
  return `${paint('bold', 'Time')}     ${formatTime(1000 * seconds.total)} in all: ${parts}`
}

/** What is in each file. */
function fileTexts({ input, task, columns }: FitReport): Readonly<Record<string, string>> {
  const what = task === 'regression' ? 'predictions' : 'probabilities'
  return {
    'out-of-fold.npy': `${what} of each learner for every row used, ${formatNumber(input.rows)} × ${columns.length}`,
    'out-of-fold-rows.npy': 'which rows of the file these are, counted from 0',
    'predictions.csv': `${input.target} as the ensemble predicts it of every row used, with probabilities`,
    'report.json': 'everything above, for programs',
  }
}

function fileLines(report: FitReport): string[] {
  const { folder, files, replaced } = report
  if (files.length === 0) return []
  const names = [...files, 'report.json']
  const width = Math.max(...names.map((name) => join(folder, name).length))
  const texts = fileTexts(report)
  const lines = names.map((name) => `${join(folder, name).padEnd(width)}   ${texts[name]}`)
  return [
    ...lines.map((line, i) =>
      i === 0 ? `${paint('bold', 'Files')}    ${line}` : `         ${line}`,
    ),
    ...(replaced ? ['         These files replaced the results of an earlier run.'] : []),
    `${paint('bold', 'Next')}     open the predictions: openArray(path) in Node, numpy.load(path) in Python`,
  ]
}
