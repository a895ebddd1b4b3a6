/** Runs `onecopy fit`. */

import { basename, resolve } from 'node:path'
import { array, type NDArray, saveArray } from '../../arrays/index.ts'
import { mark, type MemoryMonitor, startMonitor } from '../../monitor/index.ts'
import { formatCount } from '../../format.ts'
import type { FitReport, TestReport } from '../fit-report/fit-report.ts'
import type { FitRequest } from '../fit-report/fit-request.ts'
import { type FittedEnsemble, rowLabels } from '../fit-report/fitted-ensemble.ts'
import { type FitResult, makeReport, scoreTest } from '../fit-report/make-report.ts'
import { otherReaderOf, readerOf } from '../input/input-reader.ts'
import { type Input, shapeOf } from '../input/input.ts'
import { requireLearnable, requireSeenClasses } from '../input/require-learnable.ts'
import { collectWarnings } from '../output/collect-warnings.ts'
import { asUsage } from '../output/failure.ts'
import type { Progress } from '../output/progress.ts'
import { bar } from '../../terminal-line.ts'
import { writeClassPredictions } from './class-predictions.ts'
import { fitEnsemble, withNotes } from './fit-ensemble.ts'
import { type FileWriter, OutFolder } from './out-folder.ts'
import { ReportFile } from './report-file.ts'
import { requireOneClass, settleOptions, settleRequest } from './settle-request.ts'

/** The file of out-of-fold predictions. */
const predictionsName = 'out-of-fold.npy'

/** The file that says which rows of a table were used, where some were left out. */
const rowsName = 'out-of-fold-rows.npy'

/** The file of the classes that the ensemble predicts. */
const classesName = 'predictions.csv'

/** The report of a fit, before its files are written. */
interface Fit {
  readonly report: FitReport
  /** Writes the files; resolves with the report as it is in them. */
  readonly write: () => Promise<FitReport>
  /** Draws the page, if one was asked for. */
  readonly draw: () => Promise<void>
  /** Saves the model, if that was asked for. */
  readonly save: () => Promise<void>
}

/**
 * Reads, fits and scores.
 *
 * @param folder - where the files go
 * @throws UsageError when what was asked for can't be done
 */
export async function runFit(given: FitRequest, folder: string, progress: Progress): Promise<Fit> {
  let monitor: MemoryMonitor | undefined
  try {
    return await fitWatched(given, folder, progress, () => (monitor = startMonitor()))
  } finally {
    await monitor?.stop()
  }
}

/** @param watch - starts the monitor, which its caller stops when the fit fails */
async function fitWatched(
  given: FitRequest,
  folder: string,
  progress: Progress,
  watch: () => MemoryMonitor,
): Promise<Fit> {
  const request = settleRequest(given)
  const read = readerOf(request.file)
  const readOther =
    request.test === undefined ? undefined : otherReaderOf(request.test, request.file)
  const out = new OutFolder(folder, 'onecopy fit', [predictionsName, rowsName, classesName])
  const page =
    request.report === undefined
      ? undefined
      : new ReportFile(request.report, out.exists ? undefined : folder)
  if (request.save !== undefined) {
    const { requireModelFile } = await import('./model-file.ts')
    requireModelFile(request.save)
  }
  const monitor = watch()
  const startMs = performance.now()

  mark('read')
  progress.stage(`Reading ${basename(request.file)}`)
  // Learners that are chosen for the table get its columns themselves.
  const wanted = { ...request, keepsColumns: request.preset !== undefined }
  const input = await asUsage(() => read(wanted, (done) => progress.update(bar(done))))
  const asked = settleOptions(request, input)
  const facts = requireLearnable(input, request.folds ?? 2)
  requireOneClass(request, asked, facts.classes)
  const counts = [
    formatCount(shapeOf(input.X)[0], 'row'),
    formatCount(input.features.length, 'feature'),
  ]
  const testFile = request.test
  const test =
    readOther &&
    (await readOther({ ...request, file: testFile! }, input, (done) => progress.update(bar(done))))
  if (test !== undefined) requireSeenClasses(test, facts, { file: testFile!, first: request.file })
  progress.finish(`Read ${counts.join(' and ')}.`)
  const readMs = performance.now()

  mark('fit')
  progress.stage(
    request.preset === undefined
      ? `Fitting on ${formatCount(asked.folds, 'fold')}`
      : `Fitting learners of the preset ${request.preset}`,
  )
  const { result: ensemble, messages } = await collectWarnings('ONECOPY_NOT_CONVERGED', () =>
    fitEnsemble({
      input,
      deviation: facts.deviation,
      request,
      settings: asked,
      onProgress: (done) => progress.update(bar(done)),
    }),
  )
  const settings = { ...asked, folds: ensemble.learners[0]!.folds.length }
  const left = ensemble.skipped.length
  progress.finish(
    `Fitted ${formatCount(ensemble.learners.length, 'learner')} on ${formatCount(settings.folds, 'fold')}` +
      `${left === 0 ? '' : `, left out ${left}`}.`,
  )
  const fitMs = performance.now()

  const tested = test && (await testEnsemble(testFile!, test, ensemble, progress))
  const memory = await monitor.stop()
  const seconds = {
    read: (readMs - startMs) / 1000,
    fit: (fitMs - readMs) / 1000,
    total: performance.now() / 1000,
  }
  const files = filesOf(ensemble, input)
  const result: FitResult = {
    input: withNotes(input, messages),
    settings,
    classes: facts.classes,
    ensemble,
    test: tested ?? null,
    memory,
    seconds,
  }
  const names = { folder, files: Object.keys(files), replaced: false }
  const report = makeReport(given, result, names)
  const write = async (): Promise<FitReport> => {
    progress.stage(`Writing ${folder}`)
    const replaced = await out.write(report, files)
    // "Wrote .." would be the folder above.
    const isDots = ['.', '..'].includes(basename(folder))
    progress.finish(`Wrote ${isDots ? resolve(folder) : folder}.`)
    return { ...report, replaced }
  }
  const draw = async (): Promise<void> => {
    if (page !== undefined) await writePage(page, report, { ...result, tested: test }, progress)
  }
  const save = async (): Promise<void> => {
    if (request.save === undefined) return
    progress.stage(`Saving ${request.save}`)
    const { saveFitted } = await import('./model-file.ts')
    await saveFitted(request.save, ensemble, input, report)
    progress.finish(`Saved ${request.save}.`)
  }
  return { report, write, draw, save }
}

/** Predicts and scores rows that no model has seen. */
async function testEnsemble(
  file: string,
  input: Input,
  ensemble: FittedEnsemble,
  progress: Progress,
): Promise<TestReport> {
  mark('test')
  progress.stage(`Predicting ${basename(file)}`)
  const { X } = input
  const report = scoreTest(file, input, ensemble, await ensemble.predictAll(X))
  progress.finish(`Predicted ${formatCount(shapeOf(X)[0], 'row')} of ${basename(file)}.`)
  return report
}

/** Draws the page; what draws is loaded only for that. */
async function writePage(
  page: ReportFile,
  report: FitReport,
  result: FitResult & { readonly tested: Input | undefined },
  progress: Progress,
): Promise<void> {
  progress.stage(`Drawing ${page.path}`)
  const { drawFitPage } = await import('../fit-page/draw-fit-page.ts')
  await page.write(await drawFitPage(report, result))
  progress.finish(`Wrote ${page.path}.`)
}

/** What is written beside the report. */
function filesOf(ensemble: FittedEnsemble, input: Input): Record<string, FileWriter> {
  const { rows, y, target } = input
  const { outOfFold, combined, target: stacked } = ensemble
  const { labels: classes } = stacked
  const hasClasses = classes !== undefined && combined?.output.method === 'predictProba'
  return {
    [predictionsName]: (path) => saveArray(path, outOfFold),
    ...(rows && { [rowsName]: (path) => saveArray(path, array(rows)) }),
    ...(hasClasses && {
      [classesName]: async (path) =>
        writeClassPredictions(path, {
          target,
          classes: Array.from<unknown, string | number>(classes, (label) => label as string),
          labels: rowLabels(y),
          probabilities: combined.columns as NDArray<'float64'>,
          rows,
        }),
    }),
  }
}
