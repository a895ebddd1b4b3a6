/** What other modules of onecopy use of `models` beyond its public door. */

export { nameArrays } from './model-file/array-names.ts'
export { importOwnClasses } from './model-file/own-classes.ts'
