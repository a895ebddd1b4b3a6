/** Finds what options of other libraries are called here. */

import type { Hint } from './options.ts'

/** Names of other libraries, in any spelling: `n_jobs`, `nJobs` and `njobs` are one. */
export interface ForeignNames {
  /** What an option is called here: one name, or those that may be meant, best first. */
  readonly counterparts: Readonly<Record<string, string | readonly string[]>>
  /** What to do where there is no such option: a clause, such as ``write `initializer: delayed(fn)(data)` ``. */
  readonly instead?: Readonly<Record<string, string>>
  /** Which function has an option that others refuse, such as `` `new Parallel()` ``. */
  readonly places?: Readonly<Record<string, string>>
}

/**
 * Makes hints for {@link requireKnown} and {@link requireOptions}. A name is looked up among the options themselves in
 * another spelling (`max_depth`), then in `instead`, then in `counterparts`.
 *
 * @param names - what other libraries call options
 * @returns given all options of the called function, the hint to pass on
 *
 * @example
 * ```ts
 * const hint = foreignHint({ counterparts: { n_estimators: ['maxIter', 'trees'] } })
 * requireKnown('Forest', { nEstimators: 5 }, { trees: true }, hint({ trees: true }))
 * // TypeError: Forest has no option `nEstimators`; onecopy calls it `trees`. It has: trees.
 * ```
 */
export function foreignHint(names: ForeignNames): (known: object) => Hint {
  const { places = {} } = names
  return (known) => (name) => {
    // Made for an unknown name only: options are checked in every prediction.
    const counterparts = byPlainName(names.counterparts)
    const instead = byPlainName(names.instead ?? {})
    if (Object.hasOwn(places, name)) return { elsewhere: `it is an option of ${places[name]}` }
    const spelt = plainName(name)
    const same = Object.keys(known).find((one) => plainName(one) === spelt)
    if (same !== undefined) return calledHere(same)
    const advice = instead.get(spelt)
    if (advice !== undefined) return advice
    const candidates = [counterparts.get(spelt) ?? []].flat()
    const own = candidates.find((one) => Object.hasOwn(known, one))
    if (own !== undefined) return calledHere(own)
    const other = candidates.find((one) => Object.hasOwn(places, one))
    if (other === undefined) return undefined
    return { elsewhere: `${calledHere(other)}, an option of ${places[other]}` }
  }
}

/**
 * A sentence about a value that other libraries call differently, with a space before it; empty for other values.
 *
 * @param counterparts - values of other libraries, and ours
 * @param value - what the user gave
 */
export function foreignValueAdvice(
  counterparts: Readonly<Record<string, string>>,
  value: unknown,
): string {
  if (typeof value !== 'string' || !Object.hasOwn(counterparts, value)) return ''
  return ` onecopy calls it '${counterparts[value]}'.`
}

function calledHere(name: string): string {
  return `onecopy calls it \`${name}\``
}

function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function byPlainName<Text>(texts: Readonly<Record<string, Text>>): ReadonlyMap<string, Text> {
  return new Map(Object.entries(texts).map(([name, text]) => [plainName(name), text]))
}
