/** What tells pages of the command from other files. */

/** Stands near the start of every page, and of no other file. */
export const pageMark = '<meta name="generator" content="onecopy fit"/>'
