/** Writes predictions to a .csv or .npy file, or to stdout. */

import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { extname } from 'node:path'
import { NDArray } from '../../arrays/index.ts'
import { formatNpyHeader } from '../../arrays/internal.ts'
import { PendingFile } from '../../pending-file.ts'
import { requireWritable } from '../input/require-writable.ts'
import { UsageError } from '../output/failure.ts'
import { csvField } from '../output/csv-field.ts'

/** Predictions of some rows: labels, and numbers of shape (rows) or (rows, columns). */
export interface PredictedRows {
  readonly rows: number
  readonly labels?: ArrayLike<string | number | boolean>
  readonly numbers?: NDArray
}

/** Takes predictions in the order of the rows. */
export interface PredictionSink {
  readonly write: (predicted: PredictedRows) => Promise<void>
  /** Gives the file its name; nothing is there before. */
  readonly end: () => Promise<void>
  /** Leaves nothing behind; may be called at any time. */
  readonly close: () => void
}

/**
 * Opens what `--out` names.
 *
 * @param path - undefined for stdout
 * @param columns - names of what is predicted; the first one is that of the labels, if there are any
 * @throws UsageError for a file that can't be made, and for texts in a .npy file
 */
export function openSink(
  path: string | undefined,
  columns: readonly string[],
  hasTexts: boolean,
): PredictionSink {
  if (path === undefined) return csvSink(columns, writeToStdout)
  const kind = extname(path).toLowerCase()
  if (kind !== '.csv' && kind !== '.npy')
    throw new UsageError(`Expected --out to be a .csv or .npy file, got '${path}'.`)
  if (kind === '.npy' && hasTexts)
    throw new UsageError(
      `Expected --out to be a .csv file, as the labels are no numbers, got '${path}'. With --proba a .npy file holds the probabilities alone.`,
    )
  requireWritable(path, '--out')
  const file = new PendingFile(path)
  const sink =
    kind === '.csv'
      ? csvSink(columns, (text) => file.write(Buffer.from(text)))
      : npySink(file, columns.length)
  return {
    ...sink,
    end: async () => {
      await sink.end()
      await file.replace()
    },
    close: () => file.close(),
  }
}

function csvSink(columns: readonly string[], put: (text: string) => Promise<void>): PredictionSink {
  let isFirst = true
  const heading = async (): Promise<void> => {
    if (isFirst) await put(`${columns.map(csvField).join()}\n`)
    isFirst = false
  }
  return {
    write: async ({ rows, labels, numbers }) => {
      await heading()
      for (let start = 0; start < rows; start += rowsPerWrite)
        await put(linesOf(labels, numbers, start, Math.min(start + rowsPerWrite, rows)))
    },
    end: heading,
    close: () => {},
  }
}

/** Rows that become one text. */
const rowsPerWrite = 4096

function linesOf(
  labels: PredictedRows['labels'],
  numbers: NDArray | undefined,
  start: number,
  stop: number,
): string {
  let text = ''
  const width = numbers?.shape[1] ?? 1
  const values = numbers?.toTypedArray()
  for (let row = start; row < stop; row++) {
    if (labels !== undefined) text += csvField(String(labels[row]))
    if (values !== undefined)
      for (let k = 0; k < width; k++)
        text += `${k > 0 || labels !== undefined ? ',' : ''}${values[row * width + k]}`
    text += '\n'
  }
  return text
}

/** A matrix of float64; the header says how many rows there are, so it is written at the end. It leaves room for them. */
function npySink(file: PendingFile, width: number): PredictionSink {
  let rows = 0
  const header = (): Uint8Array =>
    formatNpyHeader({
      descr: '<f8',
      fortranOrder: false,
      shape: width === 1 ? [rows] : [rows, width],
    })
  const room = Buffer.alloc(header().byteLength)
  let isStarted = false
  return {
    write: async ({ rows: count, labels, numbers }) => {
      if (!isStarted) await file.write(room)
      isStarted = true
      const values = numbers?.toTypedArray() ?? Array.from(labels!, Number)
      await file.write(Float64Array.from(values as ArrayLike<number>))
      rows += count
    },
    end: async () => {
      if (!isStarted) await file.write(room)
      const bytes = header()
      if (bytes.byteLength !== room.byteLength) throw new Error('the header of a .npy file grew')
      writeSync(file.fd, bytes, 0, bytes.byteLength, 0)
    },
    close: () => {},
  }
}

/** Waits for a reader that is slow; one that has left ends the command. */
async function writeToStdout(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}
