/** What `onecopy fit` prints: scores, memory, time and files. */

import { basename, join } from 'node:path'
import { styleText } from 'node:util'
import { plainStrings } from '../../plain-name.ts'
import type { ClassScores, FitReport, LearnerReport, NumberScores } from './fit-report.ts'
import {
  combinerText,
  foldsText,
  scoreCells,
  scoreHeading,
  scoreInText,
  spreadOf,
} from './score-cells.ts'
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
    ...testLines(report),
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
      `${formatCount(rows, 'row')} of ${basename(file)} in ${foldsText(options.folds)}`,
    ...notes.map((note) => paint('yellow', note)),
  ]
}

/** One line a learner, the best one marked. */
function scoreLines({ learners, ensemble, best, skipped, options }: FitReport): string[] {
  const rows = ensemble === null ? learners : [...learners, ensemble]
  const [heading, ...lines] = textTable([
    left(
      'Learner',
      rows.map(({ name }) => name),
    ),
    ...scoreColumns(rows, options.scorer),
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

/** The score and its spread, then what is measured besides. */
function scoreColumns(rows: readonly LearnerReport[], scorer: string): TextColumn[] {
  const scores = rows.map(({ score }) => score)
  return [
    right(scoreHeading(scorer), scoreCells(scorer, scores)),
    right(
      '±',
      scoreCells(
        scorer,
        rows.map((row) => spreadOf(row)),
        scores,
      ),
    ),
    ...otherColumns(rows, scorer),
  ]
}

/** What is measured beside the scorer. */
function otherColumns(rows: readonly Measured[], scorer: string): TextColumn[] {
  const measures = rows.map(({ name: _name, ...measured }) => Object.entries(measured))
  return ['rmse', 'r2', 'accuracy', 'logLoss']
    .filter((name) => name !== scorer && name in rows[0]!)
    .map((name) => {
      const values = measures.map((own) => own.find(([key]) => key === name)![1])
      return right(scoreHeading(name), scoreCells(name, values))
    })
}

type Measured = Pick<LearnerReport, 'name'> & (NumberScores | ClassScores)

/** The scores on rows of another file. */
function testLines({ test, options }: FitReport): string[][] {
  if (test === null) return []
  const { learners: rows, file, notes } = test
  const [heading, ...lines] = textTable([
    left(
      'Learner',
      rows.map(({ name }) => name),
    ),
    right(
      scoreHeading(options.scorer),
      scoreCells(
        options.scorer,
        rows.map(({ score }) => score),
      ),
    ),
    ...otherColumns(rows, options.scorer),
  ])
  return [
    [
      `${paint('bold', 'Test')} on ${formatCount(test.rows, 'row')} of ${basename(file)}, predicted by models of all rows above`,
      ...notes.map((note) => paint('yellow', note)),
      `  ${paint('dim', heading!)}`,
      ...lines.map((line) => `  ${line}`),
    ],
  ]
}

function right(heading: string, cells: readonly string[]): TextColumn {
  return { heading, cells, align: 'right' }
}

function left(heading: string, cells: readonly string[]): TextColumn {
  return { heading, cells, align: 'left' }
}

function legend(report: FitReport): string[] {
  const { input, task, ensemble, options, greaterIsBetter, combiner } = report
  const { target } = input
  const { scorer } = options
  const texts: Readonly<Record<string, string>> = {
    rmse: `typical error in ${target} on rows that the model had not seen; lower is better`,
    r2: `share of the variance of ${target} explained; 1 is perfect, 0 is no better than the mean`,
    accuracy: `share of rows whose ${target} was predicted right, of rows that the model had not seen`,
    logLoss: 'mean of -log(probability of the true class); lower is better',
  }
  const shown = new Set([
    scorer,
    ...(task === 'classification' ? ['accuracy', 'logLoss'] : ['rmse', 'r2']),
  ])
  const own = `score on rows that the model had not seen; ${greaterIsBetter ? 'higher' : 'lower'} is better`
  const [first, ...others] = Array.from(shown, (name) => [scoreHeading(name), texts[name] ?? own])
  const lines = [
    first!,
    ['±', `standard deviation of the ${scoreInText(scorer)} over the folds`],
    ...others,
    ['Fit, Predict', 'time for one fold'],
    ...(ensemble === null ? [] : [['ensemble', combinerText(combiner)]]),
  ]
  const width = Math.max(14, ...lines.map(([name]) => name!.length + 2))
  return lines.map(([name = '', text = '']) => paint('dim', `  ${name.padEnd(width)}${text}`))
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
  const { folder, files, replaced, options } = report
  if (files.length === 0) return []
  const texts = fileTexts(report)
  const named = [...files, 'report.json'].map((name) => [join(folder, name), texts[name]!] as const)
  if (options.report !== undefined)
    named.unshift([options.report, 'everything as pictures: open it in a browser'])
  if (options.save !== undefined)
    named.unshift([options.save, 'the fitted ensemble, for onecopy predict, serve and describe'])
  const width = Math.max(...named.map(([name]) => name.length))
  const lines = named.map(([name, text]) => `${name.padEnd(width)}   ${text}`)
  return [
    ...lines.map((line, i) =>
      i === 0 ? `${paint('bold', 'Files')}    ${line}` : `         ${line}`,
    ),
    ...(replaced ? ['         These files replaced the results of an earlier run.'] : []),
    `${paint('bold', 'Next')}     open the predictions: openArray(path) in Node, numpy.load(path) in Python`,
  ]
}
