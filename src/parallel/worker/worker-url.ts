/** The URL of the worker's entry file. */

import { packageModule } from '../../package-file.ts'

/** The source itself where this file is one, else its compiled form. */
export function workerUrl(): URL {
  return packageModule('parallel/worker/worker')
}
