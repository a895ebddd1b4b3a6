/** What presets of an automatic ensemble mean. */

import type { AutoPreset } from './auto-options.ts'

/** Numbers of a preset. */
export interface PresetNumbers {
  /** How many folds there are. */
  readonly folds: number
  /** From so many rows on, learners are scored on one part of the rows in place of folds. */
  readonly holdoutRows: number
  /** Most rows of this part. */
  readonly holdoutSize: number
  /** From so many rows on there is a second layer. */
  readonly layer2Rows: number
  /** Most rows that are set aside to compare the layers by. */
  readonly heldOutRows: number
  /** How many learners are chosen, the same ones counted again. */
  readonly selected: number
}

/** The numbers of each preset. */
export const presets: Readonly<Record<AutoPreset, PresetNumbers>> = {
  quick: {
    folds: 3,
    holdoutRows: 20_000,
    holdoutSize: 50_000,
    layer2Rows: Infinity,
    heldOutRows: 0,
    selected: 15,
  },
  good: {
    folds: 5,
    holdoutRows: 200_000,
    holdoutSize: 100_000,
    layer2Rows: 20_000,
    heldOutRows: 5000,
    selected: 25,
  },
  best: {
    folds: 8,
    holdoutRows: 1_000_000,
    holdoutSize: 200_000,
    layer2Rows: 2000,
    heldOutRows: 10_000,
    selected: 50,
  },
}
