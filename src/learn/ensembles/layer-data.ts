/** The checked inputs of a layer. */

import type { FoldData } from '../contract/fold-sharing.ts'

/** What all members of a layer learn from. */
export type LayerData = Pick<FoldData, 'X' | 'y' | 'folds' | 'weights'>
