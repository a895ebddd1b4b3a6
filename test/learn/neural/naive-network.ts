/** Networks as written on paper: losses, gradients by differences, steps of Adam. */

/** Coefficients of a layer, a row for each unit before it, and its intercepts. */
export interface NaiveLayer {
  readonly coefs: number[][]
  readonly intercepts: number[]
}

/** A problem: rows, targets, weights. A target is a list of numbers, or the number of a class. */
export interface NaiveRows {
  readonly X: readonly (readonly number[])[]
  readonly y: readonly (readonly number[] | number)[]
  readonly weights: readonly number[]
}

/** What the network is. */
export interface NaiveKind {
  readonly activation: 'identity' | 'logistic' | 'tanh' | 'relu'
  readonly output: 'values' | 'logistic' | 'softmax'
}

const activations = {
  identity: (x: number): number => x,
  logistic: (x: number): number => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: (x: number): number => Math.max(0, x),
}

/** The scores of a row. */
export function naiveScores(
  layers: readonly NaiveLayer[],
  { activation }: NaiveKind,
  row: readonly number[],
): number[] {
  let values = [...row]
  for (const [l, { coefs, intercepts }] of layers.entries()) {
    const sums = intercepts.map((intercept, u) =>
      values.reduce((sum, value, i) => sum + value * coefs[i]![u]!, intercept),
    )
    values = l + 1 < layers.length ? sums.map(activations[activation]) : sums
  }
  return values
}

/** Probabilities of all classes. */
export function naiveProbabilities({ output }: NaiveKind, scores: readonly number[]): number[] {
  const own = output === 'logistic' ? [0, scores[0]!] : scores
  const top = Math.max(...own)
  const powers = own.map((score) => Math.exp(score - top))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((power) => power / sum)
}

function rowLoss(
  kind: NaiveKind,
  scores: readonly number[],
  target: readonly number[] | number,
): number {
  if (typeof target === 'number') return -Math.log(naiveProbabilities(kind, scores)[target]!)
  return target.reduce((sum, value, j) => sum + 0.5 * (scores[j]! - value) ** 2, 0)
}

/** What a batch of all rows minimizes. */
export function naiveLoss(
  layers: readonly NaiveLayer[],
  kind: NaiveKind,
  { X, y, weights }: NaiveRows,
  alpha: number,
): number {
  const losses = X.map(
    (row, i) => weights[i]! * rowLoss(kind, naiveScores(layers, kind, row), y[i]!),
  )
  const squares = layers.flatMap(({ coefs }) => coefs.flat()).map((value) => value * value)
  const weight = weights.reduce((a, b) => a + b)
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  return (sum(losses) + 0.5 * alpha * sum(squares)) / weight
}

/** A list of all coefficients and intercepts that can be changed one by one. */
function places(layers: readonly NaiveLayer[]): [list: number[], at: number][] {
  return layers.flatMap(({ coefs, intercepts }) =>
    [...coefs, intercepts].flatMap((list) => list.map((_, at): [number[], number] => [list, at])),
  )
}

/** All values in the order of {@link naiveGradient}. */
export function flatten(layers: readonly NaiveLayer[]): number[] {
  return places(layers).map(([list, at]) => list[at]!)
}

/** Derivatives of a loss by differences of the fourth order. */
export function naiveGradient(layers: readonly NaiveLayer[], loss: () => number): number[] {
  const step = 1e-3
  return places(layers).map(([list, at]) => {
    const before = list[at]!
    const at4 = [-2, -1, 1, 2].map((k) => {
      list[at] = before + k * step
      return loss()
    }) as [number, number, number, number]
    list[at] = before
    return (at4[0] - 8 * at4[1] + 8 * at4[2] - at4[3]) / (12 * step)
  })
}

/** One step of Adam with the default rates; `moments` are kept by the caller. */
export function naiveStep(
  layers: readonly NaiveLayer[],
  gradient: readonly number[],
  moments: { first: number[]; second: number[]; steps: number },
  rate: number,
): void {
  moments.steps++
  const scale = (rate * Math.sqrt(1 - 0.999 ** moments.steps)) / (1 - 0.9 ** moments.steps)
  for (const [i, [list, at]] of places(layers).entries()) {
    moments.first[i] = 0.9 * (moments.first[i] ?? 0) + 0.1 * gradient[i]!
    moments.second[i] = 0.999 * (moments.second[i] ?? 0) + 0.001 * gradient[i]! ** 2
    list[at]! -= (scale * moments.first[i]) / (Math.sqrt(moments.second[i]) + 1e-8)
  }
}
