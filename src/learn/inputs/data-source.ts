/** Data as users pass it: arrays, tables, or paths of files. */

import type { Column } from '../../tables/index.ts'
import type { ArrayInput } from './as-array.ts'
import type { FeatureInput } from './feature-input.ts'
import type { LabelInput } from './labels.ts'

/** An array or lists, or the path of a `.npy` file, which is mapped. */
export type ArraySource = ArrayInput | string

/**
 * Features: as {@link ArraySource}, or a table, or the path of one: a `.csv` or `.tsv` file, which is read into shared memory, or the folder that
 * `readCsv` wrote with `out`, which is mapped.
 */
export type FeatureSource = FeatureInput | string

/** A target: as {@link ArraySource}, labels, or with a table the name of a column, a column, or the path of a `.npy` file. */
export type TargetSource = ArraySource | LabelInput | Column
