/** Draws one tree of a model as SVG. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import {
  cutText,
  element,
  join,
  type Markup,
  svgPicture,
  text,
  type Theme,
} from '../../pictures/internal.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireFitted } from '../contract/base-estimator.ts'
import type { TableFeatures } from '../contract/estimator.ts'
import { foreignHint } from '../../foreign-options.ts'
import { TreeNodes } from './tree-nodes.ts'

/** Options of {@link plotTree}. */
export interface PlotTreeOptions {
  /** Number of the tree, counted from 0; default: 0. Boosting of several classes has one for each class in every round. */
  readonly tree?: number
  /** Most splits on the way to what is drawn; what lies below is counted. Default: 4. */
  readonly maxDepth?: number
  /** Names of the columns; default: those of the table that the model was fitted on, or `x[0]`, `x[1]` and so on. */
  readonly names?: readonly string[]
  /** Colours: `'light'`, `'dark'`, or `'auto'` (default), which follows the reader's system. */
  readonly theme?: Theme
}

/** A fitted tree learner. */
export interface PlottedTrees extends Pick<
  TableFeatures,
  'featureNamesIn_' | 'featureCategoriesIn_'
> {
  readonly nodes_: NDArray<'uint64'>
  readonly treeStarts_: Float64Array
  readonly binEdges_: Float64Array
  readonly binStarts_: Int32Array
  readonly binColumns_?: Int32Array
  readonly setColumns_?: Int32Array
  readonly featureGains_: Float64Array
  readonly classes_?: ArrayLike<unknown>
  readonly leafShares_?: NDArray<'float64'>
  readonly leafShareStarts_?: Float64Array
}

/** A box of the picture. */
interface Box {
  readonly lines: readonly string[]
  readonly isLeaf: boolean
  readonly depth: number
  /** Its middle. */
  readonly x: number
  readonly left?: Box
  readonly right?: Box
}

const [width, height, gap, rowHeight, margin] = [128, 40, 14, 92, 16]

/**
 * Draws one tree of any fitted tree learner. Rows for which the condition of a node holds go left. Columns and categories of a
 * model that was fitted on a table have their names.
 *
 * @returns an SVG file
 * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_OPTION` for a tree or names that the model does not have
 *
 * @example
 * ```ts
 * const model = await new DecisionTreeRegressor({ maxDepth: 3 }).fit(X, y)
 * await writeFile('tree.svg', plotTree(model, { names: ['carat', 'depth', 'table'] }))
 * ```
 *
 * @see scikit-learn's `sklearn.tree.plot_tree`, LightGBM's `plot_tree`
 */
export function plotTree(model: PlottedTrees, options: PlotTreeOptions = {}): string {
  requireKnown('plotTree', options, optionNames, hint(optionNames))
  requireFitted(model, 'nodes_')
  const { tree = 0, maxDepth = 4, theme = 'auto' } = options
  requireWhole('tree', tree, model.treeStarts_.length - 2)
  requireWhole('maxDepth', maxDepth, 2 ** 31)
  const { boxes, columns } = layBoxes(model, tree, { maxDepth, names: namesOf(model, options) })
  const deepest = Math.max(...boxes.map(({ depth }) => depth))
  const size = {
    width: columns * (width + gap) - gap + 2 * margin,
    height: deepest * rowHeight + height + 2 * margin,
  }
  const label = `tree ${tree} of ${model.constructor.name}`
  const svg = svgPicture(
    { ...size, label, theme, definitions: join() },
    ...boxes.flatMap((box) => [...drawEdges(box), drawBox(box)]),
  )
  return `${svg}\n`
}

const optionNames: OptionNames<PlotTreeOptions> = {
  tree: true,
  maxDepth: true,
  names: true,
  theme: true,
}

const hint = foreignHint({
  counterparts: { feature_names: ['names'], tree_index: ['tree'], num_trees: ['tree'] },
})

/** Places all boxes, leaves side by side and inner nodes above the middle of their children. */
function layBoxes(
  model: PlottedTrees,
  tree: number,
  { maxDepth, names }: { readonly maxDepth: number; readonly names: readonly string[] },
): { readonly boxes: readonly Box[]; readonly columns: number } {
  const nodes = new TreeNodes(model.nodes_.toTypedArray())
  const boxes: Box[] = []
  let columns = 0
  const place = (lines: readonly string[], depth: number, isLeaf: boolean): Box => {
    const x = margin + columns++ * (width + gap) + width / 2
    return { lines, isLeaf, depth, x }
  }
  const visit = (at: number, isLeaf: boolean, depth: number): Box => {
    let box: Box
    if (isLeaf) box = place(describeLeaf(model, nodes, tree, at), depth, true)
    else if (depth === maxDepth) box = place([`… ${countLeaves(nodes, at)} leaves`], depth, true)
    else {
      const left = visit(nodes.leftOf(at), nodes.isLeftLeaf(at), depth + 1)
      const right = visit(nodes.rightOf(at), nodes.isRightLeaf(at), depth + 1)
      const lines = describeSplit(model, nodes, at, names)
      box = { lines, isLeaf: false, depth, x: (left.x + right.x) / 2, left, right }
    }
    boxes.push(box)
    return box
  }
  const [start, stop] = [model.treeStarts_[tree]!, model.treeStarts_[tree + 1]!]
  visit(start, stop - start === 1, 0)
  return { boxes, columns }
}

function describeSplit(
  model: PlottedTrees,
  nodes: TreeNodes,
  at: number,
  names: readonly string[],
): string[] {
  const { binEdges_: edges, binStarts_: starts, featureCategoriesIn_: categories } = model
  const binned = nodes.columnOf(at)
  const column = model.binColumns_?.[binned] ?? binned
  const own = edges.subarray(starts[binned], starts[binned + 1])
  if (nodes.hasSet(at) && model.setColumns_?.includes(binned)) {
    const side = nodes.setHas(at, 255) ? 'yes' : 'no'
    return [`${names[column]} in ${intervalsOf(nodes, at, own).join(', ')}`, `missing: ${side}`]
  }
  if (nodes.hasSet(at)) {
    const texts = categories?.[column]
    const values = nodes.setOf(at, own.length).map((bin) => own[bin]!)
    const shown = values.map((value) => texts?.[value] ?? format(value))
    const side = nodes.setHas(at, 255) ? 'yes' : 'no'
    return [`${names[column]} in {${shown.join(', ')}}`, `missing, other: ${side}`]
  }
  const edge = own[nodes.lastLeft(at)]
  const side = nodes.missingGoesLeft(at) ? 'yes' : 'no'
  const condition =
    edge === undefined ? `${names[column]} is known` : `${names[column]} <= ${format(edge)}`
  return [condition, `missing: ${side}`]
}

/** What goes left of a column of numbers: whole numbers where an interval holds a few, as codes of categories are, else its ends. */
function intervalsOf(nodes: TreeNodes, at: number, edges: Float64Array): string[] {
  const shown: string[] = []
  for (let bin = 0; bin <= edges.length; bin++) {
    if (!nodes.setHas(at, bin)) continue
    const low = bin === 0 ? -Infinity : edges[bin - 1]!
    while (bin < edges.length && nodes.setHas(at, bin + 1)) bin++
    const high = edges[bin] ?? Infinity
    const [first, end] = [Math.floor(low) + 1, Math.floor(high) + 1]
    const startsAtCode = first - low < 1e-6 || low === -1
    const isCodes = startsAtCode && end - high < 1e-6 && end - first <= 20
    if (isCodes) for (let code = first; code < end; code++) shown.push(String(code))
    else shown.push(`(${format(low)}, ${format(high)}]`)
  }
  return shown
}

function describeLeaf(
  model: PlottedTrees,
  nodes: TreeNodes,
  tree: number,
  at: number,
): readonly string[] {
  const value = nodes.values[at]!
  const { classes_: classes, leafShares_: shares, leafShareStarts_: starts } = model
  if (classes === undefined || shares === undefined || starts === undefined) return [format(value)]
  if (value >= 0) return [String(classes[value]), '100 %']
  const first = starts[tree]! - 1 - value
  const own = shares.toTypedArray().subarray(first, first + classes.length)
  const best = own.indexOf(Math.max(...own))
  return [String(classes[best]), `${(100 * own[best]!).toFixed(1)} %`]
}

function countLeaves(nodes: TreeNodes, from: number): number {
  const open = [from]
  let leaves = 0
  for (let at; (at = open.pop()) !== undefined;) {
    if (nodes.isLeftLeaf(at)) leaves++
    else open.push(nodes.leftOf(at))
    if (nodes.isRightLeaf(at)) leaves++
    else open.push(nodes.rightOf(at))
  }
  return leaves
}

function drawBox({ lines, isLeaf, depth, x }: Box): Markup {
  const top = margin + depth * rowHeight
  const written = lines.map((line, i) => {
    const y = top + height / 2 + 4 + (i - (lines.length - 1) / 2) * 15
    const shown = cutText(line, i === 0 ? 12 : 11, width - 10)
    return element('text', { class: i === 0 ? 'middle' : 'middle small muted', x, y }, text(shown))
  })
  return element(
    'g',
    {},
    element('title', {}, text(lines.join(', '))),
    element('rect', {
      class: `bg ${isLeaf ? 's-p2' : 's-shared'}`,
      x: x - width / 2,
      y: top,
      width,
      height,
      rx: isLeaf ? height / 2 : 4,
    }),
    join(...written),
  )
}

function drawEdges({ left, right, depth, x }: Box): Markup[] {
  const from = margin + depth * rowHeight + height
  const to = margin + (depth + 1) * rowHeight
  return [[left, 'yes'] as const, [right, 'no'] as const].flatMap(([child, word]) => {
    if (child === undefined) return []
    const d = `M${x} ${from}C${x} ${from + 30} ${child.x} ${to - 30} ${child.x} ${to}`
    const at = { x: (x + child.x) / 2, y: (from + to) / 2 }
    return [
      element('path', { class: 'line s-grid', d }),
      element('text', { class: 'middle small muted halo', ...at }, text(word)),
    ]
  })
}

function format(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function namesOf(
  { featureGains_: { length: columns }, featureNamesIn_: known }: PlottedTrees,
  { names }: PlotTreeOptions,
): readonly string[] {
  if (names === undefined) return known ?? Array.from({ length: columns }, (_, j) => `x[${j}]`)
  if (Array.isArray(names) && names.length === columns) return names
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`names\` of plotTree to be a list of ${columns} names, one for each column, got ${Array.isArray(names) ? names.length : show(names)}.`,
    { details: { name: 'names' } },
  )
}

function requireWhole(name: string, value: unknown, most: number): void {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of plotTree to be a whole number from 0 to ${most}, got ${show(value)}.`,
    { details: { name } },
  )
}
