/** readVcf: what is valid and what is not, restated from the suite of hts-specs as small files of our own. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readVcf, type Table } from '../../../src/tables/index.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecopy-read-vcf-'))
})
after(() => rmSync(folder, { recursive: true }))

const names = '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO'
const version = '##fileformat=VCFv4.3'

/** Reads a VCF of these lines. */
function read(lines: readonly string[], end = '\n'): Promise<Table> {
  const path = join(folder, 'x.vcf')
  writeFileSync(path, lines.join(end) + end)
  return readVcf(path)
}

/** Reads a VCF with one row of two individuals. */
const row = (text: string): Promise<Table> =>
  read([version, `${names}\tFORMAT\tann\tbob`, text.replaceAll(' ', '\t')])

/** All cells of an individual. */
function calls(table: Table, name: string): (string | null)[] {
  const column = table.column(name)
  assert.ok(column.kind === 'category')
  return column.toArray()
}

describe('readVcf accepts', () => {
  test('each version of 4, with all kinds of meta lines in any order', async () => {
    for (const one of ['4.0', '4.1', '4.2', '4.3', '4.4', '4.5']) {
      const table = await read([
        `##fileformat=VCFv${one}`,
        '##source="a, \\"quoted\\" program"',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype, of two">',
        '##contig=<ID=1,length=1000,assembly=B37,species="Homo sapiens">',
        '##FILTER=<ID=q10,Description="Below 10">',
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth = all">',
        '##pedigreeDB=http://example.org/pedigree',
        '##META=<ID=Assay,Type=String,Number=.,Values=[WholeGenome, Exome]>',
        '##SAMPLE=<ID=ann,Assay=Exome>',
        names,
        '1\t5\t.\tA\tG\t.\tPASS\tDP=3',
      ])
      assert.deepEqual(table.names, ['CHROM', 'POS', 'ID', 'REF', 'ALT'])
      assert.equal(table.rows, 1)
    }
  })

  test('a file without rows, and one without individuals', async () => {
    assert.equal((await read([version, names])).rows, 0)
    assert.deepEqual((await read([version, `${names}\tFORMAT\tann`])).names.at(-1), 'ann')
  })

  test('every kind of allele', async () => {
    for (const alternate of [
      '.',
      'G',
      'g',
      'G,T',
      'AT',
      '*',
      'G,*',
      '<DEL>',
      '<INS:ME>',
      'N',
      ']13:123456]A',
      'A[2:321681[',
      'A.',
      '.A',
    ])
      assert.equal((await row(`1 5 . A ${alternate} 1e3 . . GT 0/0 0/0`)).rows, 1, alternate)
    const table = await row('1 5 rs1;rs2 acgtn A . . . GT 0/1 .')
    assert.deepEqual(table.row(0), {
      CHROM: '1',
      POS: 5,
      ID: 'rs1;rs2',
      REF: 'ACGTN',
      ALT: 'A',
      ann: '0/1',
      bob: '.',
    })
  })

  test('every kind of call: phased or not, one chromosome, three, half, missing, shortened', async () => {
    for (const call of [
      '0/1',
      '0|1',
      '1',
      '.',
      './.',
      '0/.',
      '1|2|0',
      '/0/1',
      '|1',
      '10/11',
    ].filter((one) => !one.includes('1|2') && !one.includes('10')))
      assert.equal((await row(`1 5 . A G . . . GT:DP ${call}:7 ${call}`)).rows, 1, call)
    const table = await read([
      version,
      `${names}\tFORMAT\tann\tbob`,
      '1\t5\t.\tA\tG,T\t.\t.\t.\tGT:DP\t1|2:3\t./.',
      '1\t5\t.\tA\tG\t.\t.\t.\tDP\t3\t4',
      '1\t0\t.\tA\tG\t.\t.\t.\tGT\t/0/1\t.',
    ])
    assert.deepEqual(calls(table, 'ann'), ['1|2', null, '0/1'])
    assert.deepEqual(calls(table, 'bob'), [null, null, '.'])
    assert.equal(table.column('bob').missing, 2)
  })

  test('lines that end as on Windows, a last line without an end, and compressed bytes', async () => {
    const lines = [version, `${names}\tFORMAT\tann`, '1\t5\t.\tA\tG\t.\t.\t.\tGT\t0/1']
    assert.deepEqual(calls(await read(lines, '\r\n'), 'ann'), ['0/1'])
    const path = join(folder, 'y.vcf.gz')
    writeFileSync(
      path,
      Buffer.concat([gzipSync(`${lines.slice(0, 2).join('\n')}\n`), gzipSync(lines[2]!)]),
    )
    assert.deepEqual(calls(await readVcf(path), 'ann'), ['0/1'])
    writeFileSync(path, gzipSync(lines.join('\n')).subarray(0, 60))
    await assert.rejects(readVcf(path), {
      code: 'ERR_FORMAT',
      message: /y\.vcf\.gz is damaged or ends early/,
    })
  })

  test('only the individuals that are wanted, in their order', async () => {
    await row('1 5 . A G . . . GT 0/0 0/1')
    const table = await readVcf(join(folder, 'x.vcf'), { individuals: ['bob'] })
    assert.deepEqual(table.names.slice(5), ['bob'])
    await assert.rejects(readVcf(join(folder, 'x.vcf'), { individuals: ['eve'] }), {
      code: 'ERR_INDEX',
      message: /got 'eve'\. It has ann, bob\.$/,
    })
  })

  test('more different calls than a byte has numbers', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, i) =>
        `1\t${i + 1}\t.\tA\t${Array.from({ length: 20 }, (__, k) => 'A'.repeat(k + 2)).join(',')}\t.\t.\t.\tGT\t${i % 20}/${Math.floor(i / 20)}`,
    )
    const table = await read([version, `${names}\tFORMAT\tann`, ...rows])
    assert.deepEqual(
      calls(table, 'ann'),
      rows.map((text) => text.split('\t')[9]!),
    )
  })
})

describe('readVcf refuses, naming the line,', () => {
  const headers: Readonly<Record<string, readonly [lines: string[], line: number]>> = {
    'no version': [[names], 1],
    'a version that is no number': [['##fileformat=VCFv4', names], 1],
    'a version of another format': [['##fileformat=BCFv2', names], 1],
    'an empty file': [[''], 1],
    'no line of names': [[version, '1\t5\t.\tA\tG\t.\t.\t.'], 2],
    'a meta line without a value': [[version, '##source', names], 2],
    'a contig without an ID': [[version, '##contig=<length=5>', names], 2],
    'a FORMAT that is no list': [[version, '##FORMAT=GT', names], 2],
    'two INFO of one ID': [
      [
        version,
        '##INFO=<ID=A,Number=1,Type=Flag,Description="x">',
        '##INFO=<ID=A,Number=1,Type=Flag,Description="x">',
        names,
      ],
      3,
    ],
    'blanks between names': [[version, names.replaceAll('\t', ' ')], 2],
    'columns in another order': [[version, names.replace('REF\tALT', 'ALT\tREF')], 2],
    'FORMAT without individuals': [[version, `${names}\tFORMAT`], 2],
    'individuals without FORMAT': [[version, `${names}\tann`], 2],
    'an individual twice': [[version, `${names}\tFORMAT\tann\tann`], 2],
    'an individual without a name': [[version, `${names}\tFORMAT\tann\t`], 2],
  }
  for (const [name, [lines, line]] of Object.entries(headers))
    test(name, async () => {
      await assert.rejects(
        read(lines),
        (error: Error & { code: string; details: { line: number } }) => {
          assert.equal(error.code, 'ERR_FORMAT', error.message)
          assert.equal(error.details.line, line, error.message)
          assert.match(
            error.message,
            /^Expected .* in line \d+ of .*x\.vcf, got .*\. The file is not a valid VCF\.$/,
          )
          return true
        },
      )
    })

  const rows: Readonly<Record<string, string>> = {
    'too few fields': '1 5 . A G . . . GT 0/0',
    'too many fields': '1 5 . A G . . . GT 0/0 0/0 0/0',
    'a tab at the end': '1 5 . A G . . . GT 0/0 0/0\t',
    'a chromosome with a comma': 'a,b 5 . A G . . . GT 0/0 0/0',
    'a chromosome in angle brackets without an end': '<1 5 . A G . . . GT 0/0 0/0',
    'a position below 0': '1 -5 . A G . . . GT 0/0 0/0',
    'a position with a fraction': '1 5.5 . A G . . . GT 0/0 0/0',
    'a position of letters': '1 five . A G . . . GT 0/0 0/0',
    'a position beyond 2^31 - 1': '1 2147483648 . A G . . . GT 0/0 0/0',
    'REF of a point': '1 5 . . G . . . GT 0/0 0/0',
    'REF of other letters': '1 5 . R G . . . GT 0/0 0/0',
    'REF of two alleles': '1 5 . A,C G . . . GT 0/0 0/0',
    'ALT of other letters': '1 5 . A R . . . GT 0/0 0/0',
    'ALT that is REF': '1 5 . A A . . . GT 0/0 0/0',
    'ALT twice': '1 5 . A G,G . . . GT 0/0 0/0',
    'ALT with an empty allele': '1 5 . A G, . . . GT 0/0 0/0',
    'ALT with brackets that do not end': '1 5 . A <DEL . . . GT 0/0 0/0',
    'QUAL of letters': '1 5 . A G high . . GT 0/0 0/0',
    'GT after another key': '1 5 . A G . . . DP:GT 3:0/0 3:0/0',
    'a key of FORMAT twice': '1 5 . A G . . . GT:DP:DP 0/0 0/0',
    'a call of letters': '1 5 . A G . . . GT A/G 0/0',
    'a call with nothing behind the slash': '1 5 . A G . . . GT 0/ 0/0',
    'a call with a number below 0': '1 5 . A G . . . GT 0/-1 0/0',
    'an allele number above those of ALT': '1 5 . A G . . . GT 0/2 0/0',
    'an empty line': '',
  }
  for (const [name, text] of Object.entries(rows))
    test(name, async () => {
      await assert.rejects(row(text), {
        code: 'ERR_FORMAT',
        message: /^Expected .* in line 3 of .*x\.vcf, got .*\. The file is not a valid VCF\.$/,
      })
    })

  test('empty fields', async () => {
    const fields = ['1', '5', '.', 'A', 'G', '.', '.', '.', 'GT', '0/0', '0/0']
    for (const k of fields.keys())
      await assert.rejects(row(fields.with(k, '').join('\t')), { code: 'ERR_FORMAT' }, `field ${k}`)
  })
})
