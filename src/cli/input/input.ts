/** The features and target that a command learns from. */

import type { NDArray } from '../../arrays/index.ts'
import { Table, type TableEncoder } from '../../tables/index.ts'
import type { TableFlags } from './table-flags.ts'

/** Which file to read, and how. */
export interface InputRequest {
  readonly file: string
  /** Name of a column, or in a .npy file its number. */
  readonly target: string
  /** Column with the weight of each row. */
  readonly weights?: string | undefined
  /** Column that says which rows belong together. */
  readonly groups?: string | undefined
  /** Whether the target holds numbers or labels of classes; undefined: classes where it has only texts. */
  readonly task?: InputTask | undefined
  readonly table: TableFlags
  /** Whether learners get the columns of a table themselves, with texts and gaps; default: one matrix of numbers. */
  readonly keepsColumns?: boolean | undefined
}

/** What is predicted: numbers, or classes. */
export type InputTask = 'regression' | 'classification'

/** Features and a target. */
export interface Input {
  /** Shape (n, d); or the columns of a table. */
  readonly X: NDArray | Table
  /** Numbers or labels that are numbers, shape (n); or the text of each row. */
  readonly y: NDArray | readonly string[]
  /** Shape (n); undefined: all rows count the same. */
  readonly weights?: NDArray<'float64'> | undefined
  /** The group of each row, shape (n). */
  readonly groups?: NDArray<'float64'> | readonly string[] | undefined
  readonly task: InputTask
  /** Numbers of the rows of the file that these are, from 0; undefined when they are all rows. */
  readonly rows?: Int32Array | undefined
  /** What each column of `X` is called. */
  readonly features: readonly string[]
  /** For each column of the file that is learned from its columns of `X`: several for texts. */
  readonly sources: readonly FeatureSource[]
  /** What the target is called. */
  readonly target: string
  /** Encodes other tables like this one; undefined where `X` is a table, and for a .npy file. */
  readonly encoder?: TableEncoder | undefined
  /** What was left out, and which values differ from the file; a sentence or two each. */
  readonly notes: readonly string[]
}

/** A column of a file, and where in `X` it is. */
export interface FeatureSource {
  readonly name: string
  /** Its first column of `X`, and the one after its last. */
  readonly range: readonly [start: number, stop: number]
}

/** How many rows and columns features have. */
export function shapeOf(X: Input['X']): readonly [rows: number, columns: number] {
  return X instanceof Table ? [X.rows, X.columns.length] : (X.shape as [number, number])
}

/** Is told which part of a file was read, between 0 and 1. */
export type OnRead = (done: number) => void
