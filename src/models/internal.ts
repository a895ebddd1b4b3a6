/** What other modules of onecopy use of `models` beyond its public door. */

export { importOwnClasses } from './model-file/own-classes.ts'
