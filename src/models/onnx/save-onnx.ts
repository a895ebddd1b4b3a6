/** Saves fitted models as ONNX. */

import { PendingArrayFile, requirePath } from '../../arrays/internal.ts'
import type { Configurable } from '../../learn/index.ts'
import { writeWhole } from '../../pending-file.ts'
import type { OnnxOptions } from './onnx-options.ts'
import { refuseExport } from './refuse-export.ts'

/** Protocol Buffers can't hold more. */
const mostBytes = 2 ** 31 - 1

/**
 * Saves a fitted model as an ONNX file, which programs in many languages run. The input is `X`, shape (N, columns). A
 * regression has the output `prediction`, shape (N) or (N, targets); a classifier `label` and `probabilities`, shape (N, classes), or `scores`
 * without probabilities; a transformer `transformed`. Labels that are whole numbers are int64.
 *
 * Linear models, trees, forests, gradient boosting, ensembles and pipelines of these can be exported, with scalers, `SimpleImputer`,
 * `PCA`, `SelectColumns`, `SelectKBest` and `ColumnTransformer` before them. Operators compute in float64, and trees compare float64, so that
 * each row comes to the same leaves; only sums of leaves are rounded to float32. Missing values (NaN) go through trees as in `predict`;
 * where `predict` refuses them, the file answers NaN. Columns of texts are the places of texts among the sorted categories of the model.
 *
 * @param model - fitted; not changed
 * @param path - of the file, which appears whole under its name or not at all
 * @throws OneCopyError `ERR_EXPORT` for a part of the model without counterpart, `ERR_NOT_FITTED`, `ERR_FILE`, `ERR_OPTION`
 *
 * @example
 * ```ts
 * await saveOnnx(model, 'model.onnx')
 * ```
 *
 * @see onnx.ai/onnx/operators/index.html; versions 17 of its operators and 3 of `ai.onnx.ml`
 */
export async function saveOnnx(
  model: Configurable,
  path: string,
  options: OnnxOptions = {},
): Promise<void> {
  requirePath(path)
  const { onnxOf } = await import('./onnx-of.ts')
  const message = onnxOf(model, options)
  if (message.size > mostBytes) {
    const found = `${message.size} bytes`
    throw refuseExport(
      'the model',
      found,
      'Files of ONNX have less than 2 GiB: train fewer or smaller trees.',
    )
  }
  await writeWhole(new PendingArrayFile(path), async (file) => {
    for (const piece of joinPieces(message.pieces)) await file.write(piece)
  })
}

/** Small pieces together, so that a file is written by few calls. */
function* joinPieces(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let open: Uint8Array[] = []
  let size = 0
  for (const piece of pieces) {
    open.push(piece)
    size += piece.length
    if (size < 2 ** 20) continue
    yield Buffer.concat(open)
    open = []
    size = 0
  }
  yield Buffer.concat(open)
}
