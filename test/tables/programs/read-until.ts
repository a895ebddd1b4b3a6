/** Reads a CSV into a folder and kills itself when a part of it is done. */

import { readCsv } from '../../../src/tables/index.ts'

const [path = '', out = '', part = '1'] = process.argv.slice(2)
await readCsv(path, {
  out,
  onProgress: ({ bytes, totalBytes, pass }) => {
    // A file of two passes is done twice.
    if (pass - 1 + bytes / totalBytes >= Number(part)) process.kill(process.pid, 'SIGKILL')
  },
})
