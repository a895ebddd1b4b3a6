/** The features and target that a command learns from. */

import type { NDArray } from '../../arrays/index.ts'
import type { TableFlags } from './table-flags.ts'

/** Which file to read, and how. */
export interface InputRequest {
  readonly file: string
  /** Name of a column, or in a .npy file its number. */
  readonly target: string
  /** Whether the target holds numbers or labels of classes; undefined: classes where it has only texts. */
  readonly task?: InputTask | undefined
  readonly table: TableFlags
}

/** What is predicted: numbers, or classes. */
export type InputTask = 'regression' | 'classification'

/** A matrix of features and a target. */
export interface Input {
  /** Shape (n, d). */
  readonly X: NDArray
  /** Numbers or labels that are numbers, shape (n); or the text of each row. */
  readonly y: NDArray | readonly string[]
  readonly task: InputTask
  /** Numbers of the rows of the file that these are, from 0; undefined when they are all rows. */
  readonly rows?: Int32Array | undefined
  /** What each column of `X` is called. */
  readonly features: readonly string[]
  /** What the target is called. */
  readonly target: string
  /** What was left out, and which values differ from the file; a sentence or two each. */
  readonly notes: readonly string[]
}

/** Is told which part of a file was read, between 0 and 1. */
export type OnRead = (done: number) => void
