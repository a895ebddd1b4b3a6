/** Reads texts such as 500MB as the number that an option takes. */

/** Units of options whose values are numbers. */
export type NumberUnit = 'bytes' | 'milliseconds'

/**
 * A sentence that says how to write a text such as `'500MB'` or `'10s'` as a number, with a space before it; empty for
 * other values. `k`, `M` and `G` alone are powers of 1024, as in joblib and Docker.
 *
 * @param value - what the user gave
 * @param unit - in which the option is
 */
export function numberAdvice(value: unknown, unit: NumberUnit): string {
  const [, digits = '', name = ''] =
    (typeof value === 'string' && /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value)) || []
  const factor = factors[unit].find(([names]) => names.test(name))?.[1]
  if (digits === '' || factor === undefined) return ''
  return ` Write ${factor === '' ? digits : factor.replace('# * ', digits === '1' ? '' : '# * ').replace('#', digits)}.`
}

/** What a number with a unit is, as a program writes it; `#` stands for the number. */
const factors: Readonly<Record<NumberUnit, readonly (readonly [names: RegExp, text: string])[]>> = {
  bytes: [
    [/^(?:b|bytes)?$/i, ''],
    [/^kB$/i, '#e3'],
    [/^MB$/i, '#e6'],
    [/^GB$/i, '#e9'],
    [/^TB$/i, '#e12'],
    [/^K(?:iB?)?$/i, '# * 2 ** 10'],
    [/^M(?:iB?)?$/i, '# * 2 ** 20'],
    [/^G(?:iB?)?$/i, '# * 2 ** 30'],
    [/^T(?:iB?)?$/i, '# * 2 ** 40'],
  ],
  milliseconds: [
    [/^(?:ms)?$/i, ''],
    [/^s(?:ec(?:onds?)?)?$/i, '#e3'],
    [/^m(?:in(?:utes?)?)?$/i, '# * 60e3'],
    [/^h(?:ours?)?$/i, '# * 3600e3'],
  ],
}
