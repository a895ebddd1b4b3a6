/** Platt's sigmoid: the probability as a logistic function of a score. */

/** Scores of rows, and which of them belong to the class. */
export interface SigmoidRows {
  readonly scores: Float64Array
  readonly codes: Uint16Array
  readonly code: number
  readonly weights: Float64Array | undefined
}

/** The probability of a score s is 1 / (1 + exp(slope · s + intercept)). */
export interface Sigmoid {
  readonly slope: number
  readonly intercept: number
}

/** Most steps, and most halvings of one of them. */
const mostSteps = 100
const mostHalvings = 40

/**
 * Fits the sigmoid by Newton's method with halved steps. Rows of the class have the target (N + 1) / (N + 2) in place of 1, where N is
 * their weight, and others 1 / (N + 2) in place of 0, so that there is always a best sigmoid.
 *
 * @see Platt, Probabilistic outputs for support vector machines, 1999; Lin, Lin and Weng, A note on Platt's probabilistic outputs, 2007
 */
export function fitSigmoid(rows: SigmoidRows): Sigmoid {
  const { scores, codes, code, weights } = rows
  let [positives, negatives, scale] = [0, 0, 0]
  for (let i = 0; i < scores.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!
    if (codes[i] === code) positives += weight
    else negatives += weight
    scale = Math.max(scale, Math.abs(scores[i]!))
  }
  const problem = {
    ...rows,
    // In units of the largest score, derivatives are of one size.
    unit: scale || 1,
    target: (positives + 1) / (positives + 2),
    otherTarget: 1 / (negatives + 2),
  }
  let [slope, intercept] = [0, Math.log((negatives + 1) / (positives + 1))]
  let loss = lossOf(problem, slope, intercept)
  for (let step = 0; step < mostSteps; step++) {
    const { first, second } = derivativesOf(problem, slope, intercept)
    const [aa, ab, bb] = second
    // A tiny ridge, where all scores are equal.
    const ridge = 1e-12 * (aa + bb) || 1e-12
    const determinant = (aa + ridge) * (bb + ridge) - ab * ab
    const da = -((bb + ridge) * first[0] - ab * first[1]) / determinant
    const db = -((aa + ridge) * first[1] - ab * first[0]) / determinant
    // What a whole step would gain is lost in the rounding of the loss.
    const isLast = -(first[0] * da + first[1] * db) <= 1e-15 * loss
    if (isLast) return { slope: (slope + da) / problem.unit, intercept: intercept + db }
    let size = 1
    let next = loss
    for (let halving = 0; halving < mostHalvings; halving++, size /= 2) {
      next = lossOf(problem, slope + size * da, intercept + size * db)
      if (next <= loss) break
    }
    if (!(next <= loss)) break
    slope += size * da
    intercept += size * db
    loss = next
  }
  return { slope: slope / problem.unit, intercept }
}

/** Rows with what is fitted to them. */
interface Problem extends SigmoidRows {
  readonly unit: number
  readonly target: number
  readonly otherTarget: number
}

/** The cross-entropy of the targets. */
function lossOf(
  { scores, codes, code, weights, unit, target, otherTarget }: Problem,
  slope: number,
  intercept: number,
): number {
  let sum = 0
  for (let i = 0; i < scores.length; i++) {
    const z = slope * (scores[i]! / unit) + intercept
    const aim = codes[i] === code ? target : otherTarget
    const weight = weights === undefined ? 1 : weights[i]!
    // -(aim log p + (1 - aim) log(1 - p)), for p = 1 / (1 + exp(z)).
    sum += weight * (Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - (1 - aim) * z)
  }
  return sum
}

function derivativesOf(
  { scores, codes, code, weights, unit, target, otherTarget }: Problem,
  slope: number,
  intercept: number,
): { first: [a: number, b: number]; second: [aa: number, ab: number, bb: number] } {
  let [a, b, aa, ab, bb] = [0, 0, 0, 0, 0]
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]! / unit
    const probability = 1 / (1 + Math.exp(slope * score + intercept))
    const weight = weights === undefined ? 1 : weights[i]!
    const error = weight * ((codes[i] === code ? target : otherTarget) - probability)
    const spread = weight * probability * (1 - probability)
    a += error * score
    b += error
    aa += spread * score * score
    ab += spread * score
    bb += spread
  }
  return { first: [a, b], second: [aa, ab, bb] }
}
