/** Finds the temperature with the least log loss. */

/** Temperatures lie between these: rows that are told apart without a mistake have none that is best. */
export const leastTemperature = 1e-3
export const mostTemperature = 1e3

/** The rows that are learned from. */
interface LabelledRows {
  readonly codes: Uint16Array
  readonly weights: Float64Array | undefined
  readonly classes: number
}

/** First and second derivative of the sum of log losses by the inverse temperature. */
interface Slopes {
  readonly first: number
  readonly second: number
}

/**
 * Minimizes the log loss over the inverse temperature, in which it is convex, by Newton's method within bounds.
 *
 * @param logits - for each class; or those of the second of two classes, where the first has 0
 */
export function fitTemperature(logits: readonly Float64Array[], rows: LabelledRows): number {
  const slopesAt = (inverse: number): Slopes =>
    logits.length === 1 ? twoClassSlopes(logits[0]!, rows, inverse) : slopes(logits, rows, inverse)
  let [low, high] = [1 / mostTemperature, 1 / leastTemperature]
  if (slopesAt(high).first <= 0) return leastTemperature
  if (slopesAt(low).first >= 0) return mostTemperature
  let inverse = 1
  // Bisection of the logarithms alone takes 50 steps.
  for (let step = 0; step < 100; step++) {
    const { first, second } = slopesAt(inverse)
    if (first > 0) high = inverse
    else low = inverse
    const newton = inverse - first / second
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high)
    const change = Math.abs(next - inverse)
    inverse = next
    if (change <= 1e-14 * inverse) break
  }
  return 1 / inverse
}

function twoClassSlopes(
  logits: Float64Array,
  { codes, weights }: LabelledRows,
  inverse: number,
): Slopes {
  let [first, second] = [0, 0]
  for (let i = 0; i < codes.length; i++) {
    const logit = logits[i]!
    const probability = 1 / (1 + Math.exp(-inverse * logit))
    const weight = weights === undefined ? 1 : weights[i]!
    first += weight * (probability - codes[i]!) * logit
    second += weight * probability * (1 - probability) * logit * logit
  }
  return { first, second }
}

function slopes(
  logits: readonly Float64Array[],
  { codes, weights, classes }: LabelledRows,
  inverse: number,
): Slopes {
  let [first, second] = [0, 0]
  for (let i = 0; i < codes.length; i++) {
    const own = logits[codes[i]!]![i]!
    let most = -Infinity
    for (let j = 0; j < classes; j++) most = Math.max(most, logits[j]![i]!)
    let [sum, mean, square] = [0, 0, 0]
    for (let j = 0; j < classes; j++) {
      // Differences from the largest logit, so that their variance keeps its digits.
      const difference = logits[j]![i]! - most
      const exponential = Math.exp(inverse * difference)
      sum += exponential
      mean += exponential * difference
      square += exponential * difference * difference
    }
    const weight = weights === undefined ? 1 : weights[i]!
    first += weight * (mean / sum - (own - most))
    second += weight * (square / sum - (mean / sum) ** 2)
  }
  return { first, second }
}
