/** Reads the memory reports that are passed to a command. */

import { basename, extname } from 'node:path'
import { readReport } from '../../monitor/index.ts'
import type { MemoryReport } from '../../monitor/index.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import { requireFile } from './stat-file.ts'

/** What stands in the help of every command that reads reports. */
export const reportFiles = '.json of onecopy profile, or .dat of mprof'

/**
 * Reads a report.
 *
 * @throws UsageError when there is no such file, or it is no report
 */
export async function readRun(file: string): Promise<MemoryReport> {
  requireFile(file)
  if (!['.json', '.dat'].includes(extname(file).toLowerCase())) {
    throw new UsageError(`Expected a report (${reportFiles}), got '${file}'.`)
  }
  return asUsage(() => readReport(file))
}

/** Short names for files, each different from the others. */
export function namesOf(files: readonly string[]): string[] {
  const short = files.map((file) => basename(file))
  const isClear = new Set(short).size === files.length
  const names = isClear ? short : [...files]
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name} (${i + 1})`))
}
