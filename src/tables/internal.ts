/** What other modules of onecopy use of `tables` beyond its public door. */

export { readGenotypeFile } from './genotypes/read-genotypes.ts'
export { reasonTexts } from './genotypes/skipped-rows.ts'
