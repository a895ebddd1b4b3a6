/** The command `onecopy fit`: its options and output. */

import { parse } from 'node:path'
import {
  durationOf,
  listOf,
  newCommand,
  oneMore,
  oneOf,
  onlyOne,
  sizeOf,
  wholeNumber,
} from './command.ts'
import type { FitReport } from '../fit-report/fit-report.ts'
import type { FitRequest } from '../fit-report/fit-request.ts'
import { UsageError } from '../output/failure.ts'
import { leaveDeletedFolder } from '../output/working-folder.ts'
import { Progress } from '../output/progress.ts'
import { addTableOptions } from './table-options.ts'

const targetFlag = '-t, --target <column>'

/** Makes the command; its work is loaded when it runs, so that `--help` is quick. */
export function fitCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('fit')
    .summary('fit an ensemble to a table and score it')
    .description(
      'Fits several learners and an ensemble of them to a table, and reports how well each predicts ' +
        'rows that it has not seen: numbers, or classes where the target holds texts. All workers share one copy of the table.',
    )
    .argument('<file>', 'table to learn from: .csv, .tsv, .arrow, .feather or .npy')
    // Not `requiredOption`, which is missed before a misspelt `--targt` is found.
    .option(
      targetFlag,
      'column to predict: its name, or its number (from 0) in a .npy file',
      onlyOne('--target'),
    )
    .option(
      '--task <kind>',
      'what to predict: regression (numbers) or classification (default: classification for a target of texts)',
      oneOf('--task', ['regression', 'classification']),
    )
    .option(
      '--preset <name>',
      'choose learners for the table: quick, good or best (default: five learners of numbers, four of classes)',
      oneOf('--preset', ['quick', 'good', 'best']),
    )
    .option(
      '--time-limit <time>',
      'end with the best ensemble after this time: 30, 30s, 5min or 1h; implies --preset good',
      durationOf('--time-limit'),
    )
    .option(
      '--memory-limit <size>',
      'leave out learners that would need more memory than this: 500MB or 2GB; implies --preset good',
      sizeOf('--memory-limit'),
    )
    .option(
      '--learners <names>',
      'learners to fit, with commas between them: ridge,random-forest',
      listOf('--learners'),
    )
    .option(
      '--config <file>',
      'JSON file that describes the ensemble: layers, learners, their options (see docs/fit.md)',
      onlyOne('--config'),
    )
    .option(
      '--scorer <name>',
      'measure that decides which is best: rmse, mae, r2, accuracy, logLoss, rocAuc, … (default: rmse or accuracy)',
      onlyOne('--scorer'),
    )
    .option(
      '--folds <number>',
      'number of cross-validation folds (default: 5)',
      wholeNumber('--folds', { min: 2, max: 1000 }),
    )
    .option(
      '--groups <column>',
      'keep rows with the same value in this column in one fold; do not learn from it',
      onlyOne('--groups'),
    )
    .option(
      '--weights <column>',
      'count each row by its value in this column; do not learn from it',
      onlyOne('--weights'),
    )
    .option(
      '--test <file>',
      'table with the same columns whose rows are predicted and scored, not learned from',
      onlyOne('--test'),
    )
    .option(
      '--workers <number>',
      'number of workers; -1 is one per core, -2 one less (default: -1, none for a small table)',
      workerCount,
    )
    .option(
      '--backend <kind>',
      'kind of worker: threads or processes (default: threads)',
      oneOf('--backend', ['threads', 'processes']),
    )
    .option(
      '--seed <number>',
      'seed for drawing the folds; the same seed gives the same result (default: 0)',
      wholeNumber('--seed', { min: 0, max: 2 ** 32 - 1 }),
    )
    .option(
      '--report <file>',
      'write a page with pictures of the results to this .html file',
      onlyOne('--report'),
    )
    .option(
      '--save <file>',
      'save the fitted ensemble to this .onecopy file, for onecopy predict and serve',
      onlyOne('--save'),
    )
    .option(
      '--out <folder>',
      'folder for the results, which replace those of an earlier run there (default: <name of the file>-ensemble)',
    )
    .option('--json', 'print the report as JSON on stdout, and nothing else')
  addTableOptions(command)
    .option('--text <column>', 'read this column as text (repeatable)', oneMore)
    .option('--without <column>', 'do not learn from this column (repeatable)', oneMore)
    .addHelpText('after', examples)
    .action(async (file, options) => {
      const { out, json, target, ...others } = options
      if (target === undefined)
        throw new UsageError(`required option '${targetFlag}' not specified.`)
      const {
        task,
        preset,
        timeLimit: timeLimitMs,
        memoryLimit,
        learners,
        config,
        scorer,
        folds,
        groups,
        weights,
        test,
        ...rest
      } = others
      const { workers, backend, seed, report: page, save, ...table } = rest
      const request: FitRequest = {
        file,
        target,
        task,
        preset,
        timeLimitMs,
        memoryLimit,
        learners,
        config,
        scorer,
        folds,
        groups,
        weights,
        test,
        workers,
        backend,
        seed,
        report: page,
        save,
        table,
      }
      const folder = out ?? `${parse(file).name}-ensemble`
      leaveDeletedFolder([
        file,
        folder,
        ...[config, test, page, save].filter((path) => path !== undefined),
      ])
      const { runFit } = await import('../fit/run-fit.ts')
      const progress = new Progress()
      try {
        const { report, write, draw, save: saveFitted } = await runFit(request, folder, progress)
        // What took so long to find out is worth a look without its files and its page, too.
        let written: FitReport = { ...report, files: [] }
        try {
          written = await write()
          await saveFitted()
          await draw()
        } catch (error) {
          progress.end()
          const { report: _page, save: _model, ...options } = written.options
          await print({ ...written, options }, json)
          throw error
        }
        progress.end()
        await print(written, json)
      } finally {
        progress.clear()
      }
    })
  return command as unknown as ReturnType<typeof newCommand>
}

function workerCount(text: string): number {
  if (/^-\d+$/.test(text) && Number(text) < 0) return Number(text)
  return wholeNumber('--workers', { min: 1, max: 1024 })(text)
}

async function print(report: FitReport, json: true | undefined): Promise<void> {
  const { fitText } = await import('../fit-report/fit-text.ts')
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : fitText(report))
}

const examples = `
Examples:
  onecopy fit diamonds.csv --target price
  onecopy fit penguins.csv --target species --report penguins.html
  onecopy fit measured.csv --target yield --preset best --time-limit 5min
  onecopy fit train.csv --target yield --learners ridge,gradient-boosting --test later.csv
  onecopy fit measured.npy --target 0 --folds 10 --json > scores.json`
