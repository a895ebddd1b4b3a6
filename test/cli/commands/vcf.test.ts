/** `onecopy vcf`: from a matrix to files, with a report of every row. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { Workplace } from '../run-command.ts'

let place: Workplace
before(() => {
  place = new Workplace()
  place.file('matrix.tsv', [
    'CHROM\tPOS\tREF\tann\tbob',
    '1\t5\tA\tA\tR',
    '1\t9\tC\tN\tN',
    '1\t12\tG\tG\t+',
    '2\t3\tT\tT\tT',
  ])
})
after(() => place.remove())

const run = (...args: string[]) => place.call(args)
const body = (name: string): string[] =>
  readFileSync(join(place.path, name), 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'))

describe('onecopy vcf', () => {
  test('writes a file for each chromosome and says what became of every row', async () => {
    const { code, stdout, stderr } = await run('vcf', 'matrix.tsv', '-o', 'out')
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      /^Wrote 3 records of 4 rows to 2 files in \d+\.\d s\.\n {2}with an alternate allele {3}1\n {2}homozygous reference only {2}1\n {2}all calls missing {10}1\n/,
    )
    assert.match(
      stdout,
      /^Skipped 1 row with a genotype that VCF cannot express, such as an insertion without its bases \(line 4 of matrix\.tsv\)\.$/m,
    )
    assert.deepEqual(place.names('out').toSorted(), ['1.vcf', '2.vcf'])
    assert.deepEqual(body('out/1.vcf'), [
      '1\t5\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/1',
      '1\t9\t.\tC\t.\t.\t.\t.\tGT\t./.\t./.',
    ])
  })

  test('writes individuals, one file, and standard output', async () => {
    assert.equal(
      (await run('vcf', 'matrix.tsv', '-o', 'people', '--by', 'individual', '--compress', '1'))
        .code,
      0,
    )
    assert.deepEqual(place.names('people').toSorted(), [
      'ann.vcf.gz',
      'ann.vcf.gz.tbi',
      'bob.vcf.gz',
      'bob.vcf.gz.tbi',
    ])
    assert.equal((await run('vcf', 'matrix.tsv', '-o', 'all.vcf')).code, 0)
    const piped = await place.run(['vcf', 'matrix.tsv', '-o', '-'])
    assert.equal(piped.stdout, readFileSync(join(place.path, 'all.vcf'), 'utf8'))
    assert.match(piped.stderr, /Wrote 3 records/)
  })

  test('prints the report as JSON', async () => {
    const { stdout } = await run('vcf', 'matrix.tsv', '-o', 'json.vcf', '--json')
    const { seconds, ...report } = JSON.parse(stdout) as Record<string, unknown>
    assert.equal(typeof seconds, 'number')
    assert.deepEqual(report['skipped'], [
      { reason: 'genotype', rows: 1, firstRows: [2], firstLines: [4] },
    ])
    assert.deepEqual([report['input'], report['rows'], report['records']], ['matrix.tsv', 4, 3])
  })

  test('reads names of columns from a file of their own', async () => {
    place.file('names.txt', ['CHROM\tPOS\tREF\tann\tbob'])
    place.file('bare.tsv', ['1\t5\tA\tA\tR', '2\t3\tT\tT\tT'])
    const { code, stderr } = await run('vcf', 'bare.tsv', '-o', 'bare.vcf', '--header', 'names.txt')
    assert.equal(code, 0, stderr)
    assert.equal(body('bare.vcf')[0], '1\t5\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/1')
  })

  test('refuses what it can not use, with the way out', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await run('vcf', ...args)
      assert.equal(code, 2, stderr)
      return stderr.trimEnd().split('\n').at(-1)!
    }
    assert.match(await refused('matrix.tsv'), /^onecopy: Expected --out, such as '-o vcf\/'/)
    assert.match(await refused('absent.tsv', '-o', 'x'), /Could not read absent\.tsv: ENOENT/)
    assert.match(
      await refused('matrix.tsv', '-o', 'x.vcf', '--by', 'individual'),
      /^onecopy: Expected --out to be a folder for --by individual, got 'x\.vcf'\.$/,
    )
    assert.match(await refused('matrix.tsv', '-o', 'x.vcf', '--ref', 'base'), /got 'base'/)
    place.file('no.tsv', ['a\tb', '1\t2'])
    assert.match(
      await refused('no.tsv', '-o', 'x.vcf'),
      /^onecopy: Could not recognise the layout of no\.tsv, which begins with "a\\tb"\. Say which it is: matrix, hapmap/,
    )
    mkdirSync(join(place.path, 'folder'))
    assert.match(
      await refused('matrix.tsv', '-o', 'folder', '--by', 'none'),
      /but 'folder' is a folder\.$/,
    )
  })

  test('fails when not one row could be written', async () => {
    place.file('indels.tsv', ['CHROM\tPOS\tREF\tann', '1\t5\tA\t+', '1\t6\tA\t+'])
    const { code, stderr } = await run('vcf', 'indels.tsv', '-o', 'x.vcf', '--genotypes', 'letters')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /onecopy: Not one of 2 rows of indels\.tsv could be written as VCF: 2 rows with a genotype .* \(lines 2, 3 of indels\.tsv\)\. Nothing was written\.\n$/,
    )
  })

  test('leaves whole files and nothing else when it is killed', async () => {
    const letters = Array.from({ length: 200 }, (_, k) => 'ACGTRYN'[k % 7]!).join('\t')
    const names = Array.from({ length: 200 }, (_, k) => `p${k}`).join('\t')
    place.file('large.tsv', [
      `CHROM\tPOS\tREF\t${names}`,
      ...Array.from(
        { length: 20_000 },
        (_, i) => `${1 + Math.floor(i / 2500)}\t${i + 1}\tA\t${letters}`,
      ),
    ])
    for (const ms of [150, 300, 450]) {
      const child = place.start(['vcf', 'large.tsv', '-o', `killed${ms}`, '--compress', '6'])
      await sleep(ms)
      child.kill('SIGKILL')
      await once(child, 'close')
      mkdirSync(join(place.path, `killed${ms}`), { recursive: true })
      for (const name of place.names(`killed${ms}`)) {
        assert.match(name, /^\d\.vcf\.gz(\.tbi)?$/)
        const bytes = place.read(`killed${ms}/${name}`)
        assert.equal(
          bytes.subarray(-28).toString('hex'),
          '1f8b08040000000000ff0600424302001b0003000000000000000000',
        )
      }
    }
    assert.deepEqual(place.leftovers(), [])
  })
})
