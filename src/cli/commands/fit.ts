/** The command `onecopy fit`: its options, and what it says. */

import { availableParallelism } from 'node:os'
import { parse } from 'node:path'
import { newCommand, oneOf, wholeNumber } from './command.ts'
import type { FitReport } from '../fit/fit-report.ts'
import { Progress } from '../output/progress.ts'

/** Makes the command; its work is loaded when it runs, so that `--help` is quick. */
export function fitCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('fit')
    .summary('fit an ensemble to a table and score it')
    .description(
      'Fits five learners and an ensemble of them to a table, and tells how well each of them\n' +
        'predicts rows that it has not seen. All workers share one copy of the table.',
    )
    .argument('<file>', 'table to learn from: .csv, .tsv or .npy')
    .requiredOption(
      '-t, --target <column>',
      'column to predict: its name, or in a .npy file its number, counted from 0',
    )
    .option(
      '--folds <number>',
      'parts of the rows; each is predicted by models that learned from the others',
      wholeNumber('--folds', { min: 2, max: 1000 }),
      5,
    )
    .option(
      '--workers <number>',
      'how many parts of the work are done at once (default: all cores)',
      wholeNumber('--workers', { min: 1, max: 1024 }),
    )
    .option(
      '--backend <kind>',
      'what a worker is: threads or processes',
      oneOf('--backend', ['threads', 'processes']),
      'threads' as const,
    )
    .option(
      '--seed <number>',
      'draws the rows of each fold; the same seed gives the same result',
      wholeNumber('--seed', { min: 0, max: 2 ** 32 - 1 }),
      0,
    )
    .option('--out <folder>', 'where the files go (default: <name of the file>-ensemble)')
    .option('--json', 'print the report as JSON on stdout, and nothing else')
    .addHelpText('after', examples)
    .action(async (file, { out, json, workers = availableParallelism(), ...options }) => {
      const folder = out ?? `${parse(file).name}-ensemble`
      const { runFit } = await import('../fit/run-fit.ts')
      const progress = new Progress()
      try {
        const { report, write } = await runFit({ file, workers, ...options }, folder, progress)
        try {
          await write()
        } catch (error) {
          // What took so long to find out is worth a look without its files, too.
          progress.end()
          await print({ ...report, files: [] }, json)
          throw error
        }
        progress.end()
        await print(report, json)
      } finally {
        progress.clear()
      }
    })
  return command as unknown as ReturnType<typeof newCommand>
}

async function print(report: FitReport, json: true | undefined): Promise<void> {
  const { fitText } = await import('../fit/fit-text.ts')
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : fitText(report))
}

const examples = `
Examples:
  onecopy fit diamonds.csv --target price
  onecopy fit measured.npy --target 0 --folds 10 --json > scores.json`
