/** Memory of writeVcf beside the table: a bound for each thread, whatever the number of rows. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecopy-vcf-memory-'))
})
after(() => rmSync(folder, { recursive: true }))

const program = join(import.meta.dirname, 'programs/measure-write.ts')
const linux = { skip: process.platform === 'linux' ? false : 'needs /proc' }
const MB = 1e6

async function measure(rows: number, workers: number, ending: string): Promise<number> {
  const args = [program, join(folder, 'x'), String(rows), String(workers), ending]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return (JSON.parse(stdout) as { growth: number }).growth
}

test(
  'writing takes 4 MB for each thread and 16 MB at most, plain and compressed',
  linux,
  async () => {
    for (const ending of ['vcf', 'vcf.gz'])
      for (const workers of [1, 8]) {
        const growth = await measure(300_000, workers, ending)
        assert.ok(growth < (16 + 4 * workers) * MB, `${growth} with ${workers}, ${ending}`)
      }
  },
)

test('more rows take no more memory', linux, async () => {
  const [few, many] = [await measure(100_000, 2, 'vcf.gz'), await measure(800_000, 2, 'vcf.gz')]
  assert.ok(many < few + 12 * MB, `${many} and ${few}`)
})
