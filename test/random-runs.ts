/** How many random problems a test tries: few in the short tests, all in the long ones. */

/**
 * The problems of a seed are the same in both: the long tests try those of the short ones, and more.
 *
 * @param short - in `npm test`
 * @param long - in `npm run test:long`
 * @returns one of them, or what ONECOPY_FUZZ_RUNS says
 */
export function randomRuns(short: number, long: number): number {
  const asked = process.env['ONECOPY_FUZZ_RUNS']
  if (asked !== undefined) return Number(asked)
  return process.env['ONECOPY_TEST_LONG'] === '1' ? long : short
}
