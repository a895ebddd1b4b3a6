/** Writes the files of a run into a folder again and again: `write-folder FOLDER RUN`. */

import { writeFile } from 'node:fs/promises'
import { OutFolder } from '../../../src/cli/fit/out-folder.ts'

const [folder = '', name = ''] = process.argv.slice(2)
for (let i = 0; i < 50; i++) {
  const run = `${name}${i}`
  const write = (path: string): Promise<void> => writeFile(path, run)
  const out = new OutFolder(folder, 'onecopy test', ['first.txt', 'second.txt'])
  await out.write({ run }, { 'first.txt': write, 'second.txt': write })
}
