/** Runs `onecopy describe`: says what a file holds. */

import { statSync } from 'node:fs'
import { inspect } from 'node:util'
import { type NDArray, openArray } from '../../arrays/index.ts'
import { formatBytes, formatCount } from '../../format.ts'
import {
  describeModel,
  type ModelDescription,
  type NamedArrays,
  openLightGBM,
  openNpz,
  openSafetensors,
  openSkops,
  openXGBoost,
} from '../../models/index.ts'
import { describeArrow, openTable, readCsv, type Table } from '../../tables/index.ts'
import { textTable } from '../../text-table.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import { type FileKind, kindNames, kindOfFile } from './file-kind.ts'

/** What a file holds, for people and as plain data. */
export interface FileDescription {
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Describes a file. Of arrays it reads the headers, of a model file no array; a CSV file is read.
 *
 * @throws UsageError
 */
export async function describeFile(path: string): Promise<FileDescription> {
  const kind = kindOfFile(path)
  const head = { file: path, kind }
  return asUsage(() => describeKind(path, head, kind))
}

async function describeKind(path: string, head: Head, kind: FileKind): Promise<FileDescription> {
  switch (kind) {
    case 'onecopy':
      return describeSaved(path, await describeModel(path))
    case 'npy': {
      const arrays = { array: openArray(path) }
      return describeArrays(path, head, { arrays, storage: { array: 'mapped' } })
    }
    case 'npz':
      return describeArrays(path, head, await openNpz(path))
    case 'safetensors': {
      const opened = await openSafetensors(path)
      return describeArrays(path, head, opened, opened.metadata)
    }
    case 'csv':
      return describeTable(path, head, await readCsv(path))
    case 'table':
      return describeTable(path, head, openTable(path))
    case 'arrow':
      return describeArrowFile(path, head)
    case 'skops':
      return describeOther(path, head, await openSkops(path))
    case 'lightgbm':
      return describeOther(path, head, await openLightGBM(path))
    case 'xgboost':
      return describeOther(path, head, await openXGBoost(path))
    case 'onnx':
      break
  }
  throw new UsageError(`Expected a file that onecopy reads, got '${path}'. It only writes ONNX.`)
}

type Head = Readonly<Record<string, unknown>>

function describeSaved(path: string, found: ModelDescription): FileDescription {
  const { bytes, metadata, classes, needsTrust, arrays, model, signedBy } = found
  const held = arrays.reduce((sum, array) => sum + array.bytes, 0)
  const lines = [
    `${path}: ${kindNames.onecopy}, ${formatBytes(bytes)}`,
    `Classes   ${classes.map(({ name, version, count }) => `${name}${version === 1 ? '' : ` version ${version}`}${count === 1 ? '' : ` × ${count}`}`).join(', ') || 'none'}`,
    `Trust     ${needsTrust.length === 0 ? 'only classes of onecopy' : `needs trust for ${needsTrust.join(', ')}`}`,
    `Signed    ${signedBy === undefined ? 'no' : `by ${signedBy} (not verified)`}`,
    `Arrays    ${formatCount(arrays.length, 'array')}, ${formatBytes(held)}; all are mapped`,
    ...Object.entries(metadata).map(([name, value]) => `${name.padEnd(9)} ${showValue(value)}`),
    '',
    ...inspect(model, { depth: 4, breakLength: 100, maxArrayLength: 8, maxStringLength: 80 }).split(
      '\n',
    ),
  ]
  return { text: lines.join('\n'), data: { file: path, kind: 'onecopy', ...found } }
}

function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function describeArrays(
  path: string,
  head: Head,
  { arrays, storage }: NamedArrays,
  metadata?: Readonly<Record<string, string>>,
): FileDescription {
  const found = Object.entries(arrays).map(
    ([name, { dtype, shape, nbytes }]: [string, NDArray]) => ({
      name,
      dtype,
      shape,
      bytes: nbytes,
      storage: storage[name]!,
    }),
  )
  const column = (heading: string, cells: readonly string[], align: 'left' | 'right' = 'left') => ({
    heading,
    cells,
    align,
  })
  const lines = [
    `${path}: ${kindNames[head['kind'] as 'npy']}, ${formatBytes(statSync(path).size)}`,
    ...Object.entries(metadata ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...textTable([
      column(
        'name',
        found.map(({ name }) => name),
      ),
      column(
        'dtype',
        found.map(({ dtype }) => dtype),
      ),
      column(
        'shape',
        found.map(({ shape }) => `(${shape.join(', ')})`),
      ),
      column(
        'size',
        found.map(({ bytes }) => formatBytes(bytes)),
        'right',
      ),
      column(
        'opened',
        found.map((one) => one.storage),
      ),
    ]),
  ]
  return { text: lines.join('\n'), data: { ...head, arrays: found, ...(metadata && { metadata }) } }
}

function describeTable(path: string, head: Head, table: Table): FileDescription {
  const columns = table.columns.map((column) => ({
    name: column.name,
    kind: column.kind,
    missing: column.missing,
    ...(column.kind === 'number' &&
      column.values.dtype !== 'float64' && { dtype: column.values.dtype }),
    ...(column.kind === 'category' && { categories: column.categories.length }),
    ...(column.kind === 'date' && { unit: column.unit }),
  }))
  const lines = [
    `${path}: ${kindNames[head['kind'] as 'csv']}`,
    String(table),
    '',
    ...textTable([
      { heading: 'column', cells: columns.map(({ name }) => name), align: 'left' },
      {
        heading: 'kind',
        cells: columns.map(showKind),
        align: 'left',
      },
      {
        heading: 'missing',
        cells: columns.map(({ missing }) => String(missing)),
        align: 'right',
      },
    ]),
  ]
  const warnings = table.warnings.map(String)
  return { text: lines.join('\n'), data: { ...head, rows: table.rows, columns, warnings } }
}

/** Columns of an Arrow file by its metadata: no value is read. */
function describeArrowFile(path: string, head: Head): FileDescription {
  const found = describeArrow(path)
  const { rows, batches, form, columns } = found
  const size = formatBytes(statSync(path).size)
  const whole = `${formatCount(rows, 'row')} in ${formatCount(batches, 'batch', 'batches')}`
  const lines = [
    `${path}: ${form === 'file' ? kindNames.arrow : 'a stream of Arrow'}, ${size}, ${whole}`,
    ...textTable([
      { heading: 'column', cells: columns.map(({ name }) => name), align: 'left' },
      { heading: 'type', cells: columns.map(({ type }) => type), align: 'left' },
      {
        heading: 'opened',
        cells: columns.map(({ memory, reason }) =>
          reason === undefined ? memory : `${memory}: ${reason}`,
        ),
        align: 'left',
      },
    ]),
  ]
  return { text: lines.join('\n'), data: { ...head, ...found } }
}

interface DescribedColumn {
  readonly kind: string
  readonly dtype?: string
  readonly categories?: number
  readonly unit?: string
}

function showKind({ kind, dtype, categories, unit }: DescribedColumn): string {
  switch (kind) {
    case 'number':
      return dtype === undefined ? 'numbers' : `numbers (${dtype})`
    case 'category':
      return formatCount(categories!, 'text')
    case 'text':
      return 'texts'
    case 'boolean':
      return 'true or false'
    default:
      return unit === 'day' ? 'days' : `times (${unit})`
  }
}

function describeOther(path: string, head: Head, model: object): FileDescription {
  const shown = inspect(model)
  return {
    text: `${path}: ${kindNames[head['kind'] as 'skops']}, opened as\n${shown}`,
    data: { ...head, class: model.constructor.name, model: shown },
  }
}
