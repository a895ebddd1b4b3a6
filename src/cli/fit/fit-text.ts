/** What `onecopy fit` prints: scores, memory, time and files. */

import { basename, join } from 'node:path'
import { styleText } from 'node:util'
import { plainStrings } from '../../plain-name.ts'
import type { FitReport } from './fit-report.ts'
import { columnText } from '../output/numbers-text.ts'
import { formatBytes, formatCount, formatNumber, formatTime } from '../../format.ts'
import { textTable } from '../../text-table.ts'

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
  const { file, rows, target, features, notes } = input
  return [
    `${paint('bold', `Predicting ${target}`)} from ${formatCount(features.length, 'feature')}: ` +
      `${formatCount(rows, 'row')} of ${basename(file)} in ${options.folds} folds`,
    ...notes.map((note) => paint('yellow', note)),
  ]
}

/** One line a learner, the best one marked. */
function scoreLines({ learners, ensemble, best, skipped }: FitReport): string[] {
  const rows = ensemble === null ? learners : [...learners, ensemble]
  const errors = rows.map(({ rmse }) => rmse)
  const right = (heading: string, cells: readonly string[]) =>
    ({ heading, cells, align: 'right' }) as const
  const left = (heading: string, cells: readonly string[]) =>
    ({ heading, cells, align: 'left' }) as const
  const [heading, ...lines] = textTable([
    left(
      'Learner',
      rows.map(({ name }) => name),
    ),
    right('RMSE', columnText(errors)),
    right(
      '±',
      columnText(
        rows.map(({ spread }) => spread),
        errors,
      ),
    ),
    right(
      'R²',
      rows.map(({ r2 }) => r2.toFixed(4)),
    ),
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

function legend({ input, ensemble }: FitReport): string[] {
  const { target } = input
  const lines = [
    ['RMSE', `typical error in ${target} on rows that the model had not seen; lower is better`],
    ['±', 'standard deviation of the RMSE over the folds'],
    [
      'R²',
      `share of the variance of ${target} explained; 1 is perfect, 0 is no better than the mean`,
    ],
    ['Fit, Predict', 'time for one fold'],
    ...(ensemble === null ? [] : [['ensemble', 'all learners, combined by a ridge regression']]),
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

function fileLines({ folder, files, replaced, input, learners }: FitReport): string[] {
  if (files.length === 0) return []
  const paths = [...files, 'report.json'].map((name) => join(folder, name))
  const width = Math.max(...paths.map((path) => path.length))
  const [predictions, ...others] = paths.map((path) => path.padEnd(width))
  const shape = `${formatNumber(input.rows)} × ${learners.length}`
  return [
    `${paint('bold', 'Files')}    ${predictions}   predictions of each learner for every row used, ${shape}`,
    ...(others.length > 1
      ? [`         ${others[0]}   which rows of the file these are, counted from 0`]
      : []),
    `         ${others.at(-1)}   everything above, for programs`,
    ...(replaced ? ['         These files replaced the results of an earlier run.'] : []),
    `${paint('bold', 'Next')}     open the predictions: openArray(path) in Node, numpy.load(path) in Python`,
  ]
}
