/** Where the entry of a worker stands. */

/** The source itself where this file is one, else its compiled form. */
export const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
)
