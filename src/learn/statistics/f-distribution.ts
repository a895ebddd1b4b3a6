/** Probabilities of Fisher's F distribution. */

/**
 * The probability that a variable with Fisher's F distribution is greater than `f`.
 *
 * @param f - at least 0
 * @param above - degrees of freedom of the numerator
 * @param below - degrees of freedom of the denominator
 */
export function fSurvival(f: number, above: number, below: number): number {
  const weighted = above * f
  return incompleteBeta(below / 2, above / 2, below, weighted)
}

/**
 * The regularized incomplete beta function I_x(a, b) at x = part / (part + rest).
 *
 * @see Press et al.: Numerical Recipes, 6.4; the continued fraction is Didonato and Morris's
 */
function incompleteBeta(a: number, b: number, part: number, rest: number): number {
  if (rest === 0) return 1
  if (rest === Infinity) return 0
  const whole = part + rest
  const [x, y] = [part / whole, rest / whole]
  // log1p keeps the digits of a logarithm near 0.
  const logX = x > 0.5 ? Math.log1p(-y) : Math.log(x)
  const logY = y > 0.5 ? Math.log1p(-x) : Math.log(y)
  const front = Math.exp(a * logX + b * logY - logBeta(a, b))
  if (x < (a + 1) / (a + b + 2)) return (front * continuedFraction(a, b, x)) / a
  return 1 - (front * continuedFraction(b, a, y)) / b
}

const mostTerms = 10_000
const tiny = 1e-300

function continuedFraction(a: number, b: number, x: number): number {
  const bounded = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / bounded(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / bounded(1 + even * d)
    c = bounded(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / bounded(1 + odd * d)
    c = bounded(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return fraction
}

/** From here on Stirling's series has all digits. */
const large = 10

/** Logarithm of the beta function, without the cancellation of large logarithms of factorials. */
function logBeta(a: number, b: number): number {
  const [p, q] = [Math.min(a, b), Math.max(a, b)]
  const share = p / (p + q)
  if (p >= large) {
    return (
      -0.5 * Math.log(q) +
      halfLogTwoPi +
      (stirling(p) + stirling(q) - stirling(p + q)) +
      (p - 0.5) * Math.log(share) +
      q * Math.log1p(-share)
    )
  }
  if (q >= large) {
    const difference = stirling(q) - stirling(p + q)
    return logGamma(p) + difference + p - p * Math.log(p + q) + (q - 0.5) * Math.log1p(-share)
  }
  return logGamma(p) + logGamma(q) - logGamma(p + q)
}

const halfLogTwoPi = Math.log(2 * Math.PI) / 2

/** What Stirling's formula lacks, for x of at least 10. */
function stirling(x: number): number {
  const square = 1 / (x * x)
  const series =
    1 / 12 -
    square *
      (1 / 360 -
        square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square * (691 / 360_360)))))
  return series / x
}

/** Logarithm of the gamma function for x above 0. */
function logGamma(x: number): number {
  let shift = 0
  let at = x
  for (; at < large; at++) shift += Math.log(at)
  return (at - 0.5) * Math.log(at) - at + halfLogTwoPi + stirling(at) - shift
}
