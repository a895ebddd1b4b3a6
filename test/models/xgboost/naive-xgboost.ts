/** XGBoost's JSON model, predicted by its rules in the plainest way, in float64. */

/** A tree as its file has it. */
export interface JsonTree {
  left_children: number[]
  right_children: number[]
  split_indices: number[]
  split_conditions: number[]
  default_left: (number | boolean)[]
  split_type: number[]
  categories: number[]
  categories_nodes: number[]
  categories_segments: number[]
  categories_sizes: number[]
  tree_param: { num_nodes: string; num_feature: string; size_leaf_vector: string }
}

interface Trees {
  trees: JsonTree[]
  tree_info: number[]
}

/** A model as its file has it. */
export interface JsonModel {
  learner: {
    gradient_booster: {
      name: string
      model: Trees
      gbtree?: { model: Trees }
      weight_drop?: number[]
    }
    learner_model_param: { base_score: string; num_class: string; num_feature: string }
    objective: { name: string }
    feature_names: string[]
    attributes: Record<string, string>
  }
  version: number[]
}

/** The scores of a row. @param base - before the first tree */
export function naiveScores({ learner }: JsonModel, row: readonly number[], base = 0): number[] {
  const { gradient_booster: booster, learner_model_param: parameters } = learner
  const { trees, tree_info: groups } = booster.gbtree?.model ?? booster.model
  const scores = Array<number>(Math.max(1, Number(parameters.num_class))).fill(base)
  for (const [t, tree] of trees.entries())
    scores[groups[t]!]! += leafOf(tree, row) * Math.fround(booster.weight_drop?.[t] ?? 1)
  return scores
}

function leafOf(tree: JsonTree, row: readonly number[]): number {
  let node = 0
  while (tree.left_children[node] !== -1)
    node = (goesLeft(tree, node, row) ? tree.left_children : tree.right_children)[node]!
  return Math.fround(tree.split_conditions[node]!)
}

function goesLeft(tree: JsonTree, node: number, row: readonly number[]): boolean {
  const value = Math.fround(row[tree.split_indices[node]!]!)
  if (Number.isNaN(value)) return Boolean(tree.default_left[node])
  if (tree.split_type[node] !== 1) return value < Math.fround(tree.split_conditions[node]!)
  const at = tree.categories_nodes.indexOf(node)
  const first = tree.categories_segments[at]!
  const codes = tree.categories.slice(first, first + tree.categories_sizes[at]!)
  return value < 0 || value >= 2 ** 24 || !codes.includes(Math.trunc(value))
}
