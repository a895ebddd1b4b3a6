/** LightGBM's text model, written and predicted by its rules in the plainest way. */

/** A split; `kind` is LightGBM's decision type. */
export interface TextSplit {
  readonly feature: number
  readonly threshold: number
  readonly kind: number
  readonly codes: readonly number[]
}

/** A tree as its file has it. */
export interface TextTree {
  readonly splits: readonly TextSplit[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly leaves: readonly number[]
}

/** Writes a model file. */
export function writeText(
  trees: readonly TextTree[],
  { columns = 3, header = ['objective=regression'], scores = 1 } = {},
): string {
  const names = Array.from({ length: columns }, (_, j) => `Column_${j}`)
  const lines = [
    'tree',
    'version=v4',
    `num_class=${scores}`,
    `num_tree_per_iteration=${scores}`,
    'label_index=0',
    `max_feature_idx=${columns - 1}`,
    ...header,
    `feature_names=${names.join(' ')}`,
    `feature_infos=${names.map(() => '[-1:1]').join(' ')}`,
    '',
  ]
  for (const [t, tree] of trees.entries()) lines.push(...writeTree(tree, t), '', '')
  return [...lines, 'end of trees', '', 'parameters:', 'end of parameters', ''].join('\n')
}

function writeTree({ splits, left, right, leaves }: TextTree, t: number): string[] {
  const boundaries = [0]
  const words: number[] = []
  const thresholds = splits.map(({ kind, threshold, codes }) => {
    if ((kind & 1) === 0) return threshold
    const own = new Uint32Array(1 + Math.max(0, ...codes) / 32)
    for (const code of codes) own[code >>> 5]! |= 1 << (code & 31)
    words.push(...own)
    boundaries.push(words.length)
    return boundaries.length - 2
  })
  return [
    `Tree=${t}`,
    `num_leaves=${leaves.length}`,
    `num_cat=${boundaries.length - 1}`,
    `split_feature=${splits.map(({ feature }) => feature).join(' ')}`,
    `threshold=${thresholds.map((value) => (value === Infinity ? 'inf' : value)).join(' ')}`,
    `decision_type=${splits.map(({ kind }) => kind).join(' ')}`,
    `left_child=${left.join(' ')}`,
    `right_child=${right.join(' ')}`,
    `leaf_value=${leaves.join(' ')}`,
    ...(words.length === 0
      ? []
      : [`cat_boundaries=${boundaries.join(' ')}`, `cat_threshold=${words.join(' ')}`]),
    'is_linear=0',
    'shrinkage=1',
  ]
}

/** The leaf's value that a row comes to. @see LightGBM's `Tree::NumericalDecision` and `Tree::CategoricalDecision` */
export function naiveScore(tree: TextTree, row: readonly number[]): number {
  let node = tree.splits.length === 0 ? -1 : 0
  while (node >= 0) {
    const split = tree.splits[node]!
    node = (goesLeft(split, row[split.feature]!) ? tree.left : tree.right)[node]!
  }
  return tree.leaves[~node]!
}

function goesLeft({ threshold, kind, codes }: TextSplit, given: number): boolean {
  if ((kind & 1) === 1) return !Number.isNaN(given) && codes.includes(Math.trunc(given))
  const missing = (kind >> 2) & 3
  const value = Number.isNaN(given) && missing !== 2 ? 0 : given
  const isZero = Math.abs(value) <= Math.fround(1e-35)
  if ((missing === 1 && isZero) || (missing === 2 && Number.isNaN(value))) return (kind & 2) !== 0
  return value <= threshold
}
