/** The model file that a fit writes where its user wants it. */

import { extname } from 'node:path'
import { EncodedModel } from '../../learn/index.ts'
import { saveModel } from '../../models/index.ts'
import type { FitReport } from '../fit-report/fit-report.ts'
import type { FittedEnsemble } from '../fit-report/fitted-ensemble.ts'
import type { Input } from '../input/input.ts'
import { requireWritable } from '../input/require-writable.ts'
import { packageVersion } from '../output/package-version.ts'
import { UsageError } from '../output/failure.ts'

/**
 * Checks before the work that a model can be saved.
 *
 * @throws UsageError
 */
export function requireModelFile(path: string): void {
  if (extname(path).toLowerCase() !== '.onecopy')
    throw new UsageError(`Expected --save to be a .onecopy file, got '${path}'.`)
  requireWritable(path, '--save')
}

/**
 * Saves a fitted ensemble with what its user must know of it: the target, its kind, its columns and the score.
 *
 * @throws OneCopyError `ERR_FILE` when the file can't be written
 */
export async function saveFitted(
  path: string,
  { model }: FittedEnsemble,
  input: Input,
  report: FitReport,
): Promise<void> {
  const { encoder, target, task, features } = input
  const { best, learners, ensemble, options } = report
  await saveModel(encoder === undefined ? model : new EncodedModel(encoder, model), path, {
    metadata: {
      target,
      task,
      features: [...features],
      scorer: options.scorer,
      best,
      score: ensemble?.score ?? learners.find(({ name }) => name === best)?.score ?? null,
      onecopy: packageVersion(),
    },
  })
}
