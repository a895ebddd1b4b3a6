/** writeVcf: lines against a naive oracle, files, references, indexes and refusals. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { array } from '../../../src/arrays/index.ts'
import {
  CategoryColumn,
  NumberColumn,
  readCsv,
  readVcf,
  Table,
  type VcfOptions,
  writeVcf,
} from '../../../src/tables/index.ts'
import {
  bodyOf,
  type LetterRow,
  naiveLine,
  naiveMajor,
  naiveNumberLine,
  type NumberRow,
} from './naive-vcf.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecopy-vcf-'))
})
after(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(at(name), 'utf8')

function texts(name: string, values: readonly (string | null)[]): CategoryColumn {
  const categories = [...new Set(values.filter((value) => value !== null))]
  const codes = values.map((value) => (value === null ? -1 : categories.indexOf(value)))
  const type = categories.length > 127 ? 'int16' : 'int8'
  return new CategoryColumn(name, array(codes, { dtype: type }), categories)
}

function numbers(name: string, values: readonly number[]): NumberColumn {
  return new NumberColumn(name, array([...values]))
}

/** A table of rows of letters. */
function tableOf(rows: readonly LetterRow[], people: readonly string[]): Table {
  return new Table([
    texts(
      'CHROM',
      rows.map((row) => row.chromosome),
    ),
    numbers(
      'POS',
      rows.map((row) => row.position),
    ),
    texts(
      'REF',
      rows.map((row) => row.reference),
    ),
    ...people.map((name, k) =>
      texts(
        name,
        rows.map((row) => row.letters[k]!),
      ),
    ),
  ])
}

/** Rows in the order of a VCF. */
function letterRows(people: number): fc.Arbitrary<LetterRow[]> {
  const row = fc.record({
    chromosome: fc.constantFrom('1', '2', 'chrX', 'a-rather-long-name-of-a-scaffold'),
    position: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
    reference: fc.constantFrom('A', 'C', 'G', 'T', 'N'),
    letters: fc.array(fc.constantFrom(...'ACGTMRWSYKN.-'.split('')), {
      minLength: people,
      maxLength: people,
    }),
  })
  return fc.array(row, { minLength: 1, maxLength: 80 })
}

/** Rows sorted as writeVcf does: chromosomes as they first appear, equal positions as they stand. */
function sorted(rows: readonly LetterRow[]): LetterRow[] {
  const order = [...new Set(rows.map(({ chromosome }) => chromosome))]
  return rows.toSorted(
    (a, b) => order.indexOf(a.chromosome) - order.indexOf(b.chromosome) || a.position - b.position,
  )
}

const columnNames = '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT'

describe('writeVcf', () => {
  test('writes the lines of the naive oracle, for any letters, order of rows and number of individuals', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }).chain((people) => letterRows(people)),
        fc.constantFrom(1, 2, 8),
        async (rows, workers) => {
          const people = rows[0]!.letters.map((_, k) => `person ${k}`)
          const report = await writeVcf(tableOf(rows, people), at('all.vcf'), { workers })
          assert.deepEqual(bodyOf(read('all.vcf')), [
            [columnNames, ...people].join('\t'),
            ...sorted(rows).map(naiveLine),
          ])
          assert.equal(report.records, rows.length)
        },
      ),
      { seed: 13, numRuns: 150 },
    )
  })

  test('writes allele numbers as the naive oracle does, with REF or the most frequent allele as the reference', async () => {
    const allele = fc.integer({ min: 0, max: 3 })
    const call = fc.oneof(
      fc.tuple(allele, fc.constantFrom('/', '|'), allele).map((parts) => parts.join('')),
      allele.map(String),
      fc.constantFrom('.', './.', '.|.', '0/.', './1'),
    )
    const rows = fc.array(
      fc.record({
        alleles: fc.constantFrom(['A'], ['A', 'G'], ['AT', 'A', 'ATT'], ['C', 'T', 'G', 'CAAA']),
        calls: fc.array(call, { minLength: 3, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (drawn, isMajor) => {
        const made: NumberRow[] = drawn.map(({ alleles, calls }, i) => ({
          position: i + 1,
          alleles,
          calls: calls.map((text) =>
            text.replaceAll(/\d/g, (k) => String(Number(k) % alleles.length)),
          ),
        }))
        const table = new Table([
          texts(
            'CHROM',
            made.map(() => '1'),
          ),
          numbers(
            'POS',
            made.map(({ position }) => position),
          ),
          texts(
            'REF',
            made.map(({ alleles }) => alleles[0]!),
          ),
          texts(
            'ALT',
            made.map(({ alleles }) => alleles.slice(1).join(',') || null),
          ),
          ...['x', 'y', 'z'].map((name, k) =>
            texts(
              name,
              made.map(({ calls }) => calls[k]!),
            ),
          ),
        ])
        await writeVcf(table, at('numbers.vcf'), {
          genotypes: 'calls',
          reference: isMajor ? 'major' : 'column',
        })
        assert.deepEqual(
          bodyOf(read('numbers.vcf')).slice(1),
          made.map((row) =>
            naiveNumberLine(row, isMajor ? naiveMajor(row) : 0, isMajor ? 'PR' : '.'),
          ),
        )
      }),
      { seed: 15, numRuns: 150 },
    )
  })

  test('writes an individual each, and a chromosome each, with the rows of the one file', async () => {
    await fc.assert(
      fc.asyncProperty(letterRows(3), async (rows) => {
        const people = ['Ann', 'Bob', 'C/D']
        const table = tableOf(rows, people)
        const byPerson = await writeVcf(table, at('people'), { by: 'individual' })
        assert.deepEqual(
          byPerson.files.map(({ path }) => path),
          ['Ann', 'Bob', 'C_D'].map((name) => at(`people/${name}.vcf`)),
        )
        for (const [k, { path }] of byPerson.files.entries())
          assert.deepEqual(
            bodyOf(readFileSync(path, 'utf8')).slice(1),
            sorted(rows).map((row) => naiveLine({ ...row, letters: [row.letters[k]!] })),
          )
        rmSync(at('chromosomes'), { recursive: true, force: true })
        const byContig = await writeVcf(table, at('chromosomes'), { by: 'chromosome' })
        const lines = byContig.files.flatMap(({ path }) =>
          bodyOf(readFileSync(path, 'utf8')).slice(1),
        )
        assert.deepEqual(lines, sorted(rows).map(naiveLine))
        assert.equal(byContig.files.length, new Set(rows.map((row) => row.chromosome)).size)
      }),
      { seed: 14, numRuns: 40 },
    )
  })

  test('writes the same bytes with 1, 2 and 8 workers, plain and compressed, and the same index', async () => {
    const rows = manyRows(60_000)
    const table = tableOf(rows, ['a', 'b', 'c'])
    for (const ending of ['vcf', 'vcf.gz']) {
      const written: Buffer[] = []
      for (const workers of [1, 2, 8]) {
        const report = await writeVcf(table, at(`w${workers}.${ending}`), { workers, level: 1 })
        const index = report.files[0]!.index
        written.push(
          readFileSync(at(`w${workers}.${ending}`)),
          index === undefined ? Buffer.alloc(0) : readFileSync(index),
        )
      }
      for (const [i, bytes] of written.entries()) assert.ok(written[i % 2]!.equals(bytes), `${i}`)
    }
    assert.equal(gunzipSync(readFileSync(at('w2.vcf.gz'))).toString(), read('w1.vcf'))
    assert.deepEqual(bodyOf(read('w1.vcf')).slice(1), rows.map(naiveLine))
  })

  test('counts rows by what became of them', async () => {
    const row = (position: number, reference: string, ...letters: string[]): LetterRow => ({
      chromosome: '1',
      position,
      reference,
      letters,
    })
    const table = tableOf(
      [
        row(1, 'A', 'A', 'A'),
        row(2, 'A', 'N', 'N'),
        row(3, 'A', 'A', 'R'),
        row(4, 'A', 'A', '+'),
        row(0, 'A', 'A', 'A'),
        row(5, 'R', 'A', 'A'),
      ],
      ['x', 'y'],
    )
    const { files, skipped, ...counts } = await writeVcf(table, at('fates.vcf'))
    assert.deepEqual(counts, {
      rows: 6,
      records: 3,
      variant: 1,
      homozygousReference: 1,
      missing: 1,
      leftOut: 0,
      withoutFile: [],
      contigs: ['1'],
      sorted: true,
    })
    assert.deepEqual(skipped, [
      { reason: 'position', rows: 1, first: [4] },
      { reason: 'reference', rows: 1, first: [5] },
      { reason: 'genotype', rows: 1, first: [3] },
    ])
    assert.equal(files.length, 1)
    const variants = await writeVcf(table, at('variants.vcf'), { sites: 'variant' })
    assert.deepEqual([variants.records, variants.leftOut], [1, 2])
    assert.equal(bodyOf(read('variants.vcf')).length, 2)
  })

  test('fails, and leaves nothing, when no row at all can be written', async () => {
    const table = tableOf(
      [
        { chromosome: '1', position: 7, reference: 'A', letters: ['+'] },
        { chromosome: '1', position: 8, reference: 'A', letters: ['-+'] },
      ],
      ['x'],
    )
    const message =
      'Not one of 2 rows could be written as VCF: 2 with a genotype that VCF cannot express, such as an insertion without its bases (rows 0, 1). ' +
      'Rows are counted from 0. Nothing was written.'
    await assert.rejects(writeVcf(table, at('none.vcf'), { genotypes: 'letters' }), {
      code: 'ERR_VALUE',
      message,
    })
    await assert.rejects(writeVcf(table, at('none'), { by: 'individual', genotypes: 'letters' }), {
      code: 'ERR_VALUE',
      message,
    })
    assert.ok(!readdirSync(folder).includes('none.vcf'))
    assert.deepEqual(readdirSync(at('none')), [])
  })

  test('takes pairs, phased calls, one chromosome and allele numbers as they are', async () => {
    const table = new Table([
      texts('CHROM', ['1', '1', 'Y', '1']),
      numbers('POS', [5, 6, 7, 8]),
      texts('ID', ['rs1', null, 'rs3', null]),
      texts('REF', ['A', 'A', 'G', 'T']),
      texts('bob', ['A|G', 'AG', 'G', 'A/.']),
      texts('eve', ['G/A', 'NN', '.', null]),
    ])
    await writeVcf(table, at('calls.vcf'))
    assert.deepEqual(bodyOf(read('calls.vcf')).slice(1), [
      '1\t5\trs1\tA\tG\t.\t.\t.\tGT\t0|1\t0/1',
      '1\t6\t.\tA\tG\t.\t.\t.\tGT\t0/1\t./.',
      '1\t8\t.\tT\tA\t.\t.\t.\tGT\t1/.\t./.',
      'Y\t7\trs3\tG\t.\t.\t.\t.\tGT\t0\t.',
    ])
    const numbered = new Table([
      texts('chr', ['1', '1', '1']),
      numbers('pos', [5, 6, 7]),
      texts('ref', ['a', 'AT', 'G']),
      texts('alt', ['G,T', 'A', null]),
      texts('bob', ['1|2', '0/1', '0/0']),
      texts('eve', ['2/1', '1', './.']),
    ])
    await writeVcf(numbered, at('numbers.vcf'))
    assert.deepEqual(bodyOf(read('numbers.vcf')).slice(1), [
      '1\t5\t.\tA\tG,T\t.\t.\t.\tGT\t1|2\t2/1',
      '1\t6\t.\tAT\tA\t.\t.\t.\tGT\t0/1\t1',
      '1\t7\t.\tG\t.\t.\t.\t.\tGT\t0/0\t./.',
    ])
  })

  test('takes counts of the alternate allele, also as numbers, and asks where lone digits may be either', async () => {
    const site = [
      texts('CHROM', ['1', '1']),
      numbers('POS', [1, 2]),
      texts('REF', ['A', 'C']),
      texts('ALT', ['G', 'T']),
    ]
    await writeVcf(
      new Table([...site, numbers('x', [2, Number.NaN]), texts('y', ['0', '-1'])]),
      at('dosage.vcf'),
    )
    assert.deepEqual(bodyOf(read('dosage.vcf')).slice(1), [
      '1\t1\t.\tA\tG\t.\t.\t.\tGT\t1/1\t0/0',
      '1\t2\t.\tC\tT\t.\t.\t.\tGT\t./.\t./.',
    ])
    const table = new Table([...site, texts('x', ['0', '1'])])
    await assert.rejects(writeVcf(table, at('x.vcf')), {
      code: 'ERR_FORMAT',
      message: /Say which by `genotypes: 'dosage'` or `genotypes: 'calls'`\.$/,
    })
    await writeVcf(table, at('haploid.vcf'), { genotypes: 'calls' })
    assert.match(read('haploid.vcf'), /GT\t0\n.*GT\t1\n$/)
    await assert.rejects(
      writeVcf(new Table([...site.slice(0, 3), texts('x', ['0', '2'])]), at('x.vcf')),
      {
        code: 'ERR_INDEX',
        message: /^Expected columns REF and ALT beside genotypes of allele numbers or counts/,
      },
    )
  })

  test('takes the most frequent allele as the reference and marks the rows', async () => {
    const table = new Table([
      texts('CHROM', ['1', '1', '1']),
      numbers('POS', [1, 2, 3]),
      texts('x', ['A', 'T', 'N']),
      texts('y', ['R', 'C', 'N']),
      texts('z', ['G', 'C', 'N']),
    ])
    await assert.rejects(writeVcf(table, at('x.vcf')), {
      code: 'ERR_OPTION',
      message:
        /^Expected to know the reference allele of each row: by a column REF, by a FASTA file/,
    })
    await writeVcf(table, at('major.vcf'), { reference: 'major' })
    assert.match(read('major.vcf'), /^##INFO=<ID=PR,Number=0,Type=Flag,/m)
    assert.deepEqual(bodyOf(read('major.vcf')).slice(1), [
      '1\t1\t.\tA\tG\t.\t.\tPR\tGT\t0/0\t0/1\t1/1',
      '1\t2\t.\tC\tT\t.\t.\tPR\tGT\t1/1\t0/0\t0/0',
      '1\t3\t.\tN\t.\t.\t.\tPR\tGT\t./.\t./.\t./.',
    ])
    const plink = new Table([
      texts('CHROM', ['1', '1']),
      numbers('POS', [1, 2]),
      texts('A1', ['G', 'TA']),
      texts('A2', ['A', 'T']),
      texts('x', ['1/1', '0/1']),
      texts('y', ['0/1', '0/0']),
    ])
    await writeVcf(plink, at('plink.vcf'), { reference: 'major' })
    assert.deepEqual(bodyOf(read('plink.vcf')).slice(1), [
      '1\t1\t.\tG\tA\t.\t.\tPR\tGT\t0/0\t0/1',
      '1\t2\t.\tT\tTA\t.\t.\tPR\tGT\t0/1\t0/0',
    ])
    await assert.rejects(writeVcf(plink, at('x.vcf')), {
      code: 'ERR_OPTION',
      message: /A1 and A2 only say which allele is less frequent/,
    })
  })
})

describe('writeVcf with a FASTA file', () => {
  const fasta = '>chr1 first\nACGTAC\nGTRnAC\nGT\n>chr2\nTTTT\n'
  const table = (...positions: number[]): Table =>
    new Table([
      texts(
        'CHROM',
        positions.map(() => 'chr1'),
      ),
      numbers('POS', positions),
      texts(
        'x',
        positions.map(() => 'A'),
      ),
    ])

  test('reads references where they lie, with an index and without', async () => {
    for (const index of [undefined, 'chr1\t14\t12\t6\t7\nchr2\t4\t35\t4\t5\n']) {
      writeFileSync(at('ref.fa'), fasta)
      if (index !== undefined) writeFileSync(at('ref.fa.fai'), index)
      const all = Array.from({ length: 14 }, (_, i) => i + 1)
      await writeVcf(table(...all), at('fasta.vcf'), { fasta: at('ref.fa') })
      const text = read('fasta.vcf')
      assert.deepEqual(
        bodyOf(text)
          .slice(1)
          .map((line) => line.split('\t')[3])
          .join(''),
        'ACGTACGTANACGT',
      )
      assert.match(text, /^##contig=<ID=chr1,length=14>$/m)
      assert.ok(text.includes(`##reference=file://${at('ref.fa')}`))
    }
    rmSync(at('ref.fa.fai'))
  })

  test('skips rows beyond the end, and those whose REF differs', async () => {
    writeFileSync(at('ref.fa'), fasta)
    const rows = table(1, 2, 15)
    const stated = new Table([...rows.columns, texts('REF', ['A', 'T', 'A'])])
    const report = await writeVcf(stated, at('fasta.vcf'), { fasta: at('ref.fa') })
    assert.deepEqual(report.skipped, [
      { reason: 'reference-differs', rows: 1, first: [1] },
      { reason: 'beyond-contig', rows: 1, first: [2] },
    ])
    assert.equal(report.records, 1)
  })

  test('finds which of the alleles of PLINK is the reference', async () => {
    writeFileSync(at('ref.fa'), fasta)
    const sites = [
      texts('CHROM', ['chr1', 'chr1', 'chr1']),
      numbers('POS', [1, 2, 5]),
      texts('A1', ['A', 'T', 'ACG']),
      texts('A2', ['G', 'C', 'A']),
    ]
    const calls = new Table([...sites, texts('x', ['0/1', '1/1', '0/0'])])
    await writeVcf(calls, at('fasta.vcf'), { fasta: at('ref.fa') })
    assert.deepEqual(bodyOf(read('fasta.vcf')).slice(1), [
      'chr1\t1\t.\tA\tG\t.\t.\t.\tGT\t0/1',
      'chr1\t2\t.\tC\tT\t.\t.\t.\tGT\t1/1',
      'chr1\t5\t.\tA\tACG\t.\t.\t.\tGT\t0/0',
    ])
  })

  test('refuses chromosomes with other names, and says how to rename them', async () => {
    writeFileSync(at('ref.fa'), fasta)
    const other = new Table([texts('CHROM', ['1']), numbers('POS', [1]), texts('x', ['A'])])
    await assert.rejects(writeVcf(other, at('x.vcf'), { fasta: at('ref.fa') }), {
      code: 'ERR_VALUE',
      message: `Expected the chromosomes of the table in ${at('ref.fa')}, which has 'chr1', 'chr2'; got '1'. Rename the chromosomes of the table: \`rename: 'chr'\`, or \`--rename chr\`.`,
    })
    await writeVcf(other, at('renamed.vcf'), { fasta: at('ref.fa'), rename: 'chr' })
    assert.match(read('renamed.vcf'), /^chr1\t1\t/m)
  })

  test('refuses files that are compressed, no FASTA, or have an index of another file', async () => {
    const refusal = async (bytes: string | Buffer, index?: string): Promise<string> => {
      writeFileSync(at('bad.fa'), bytes)
      if (index !== undefined) writeFileSync(at('bad.fa.fai'), index)
      return writeVcf(table(3), at('x.vcf'), { fasta: at('bad.fa') }).then(
        () => 'none',
        (error: Error) => error.message,
      )
    }
    assert.match(await refusal(Buffer.from([0x1f, 0x8b, 8])), /is compressed\. Decompress it/)
    assert.match(await refusal('ACGT\n'), /is no FASTA file/)
    assert.match(await refusal('>chr1\nAC1T\n'), /has no base at position 3 of 'chr1'/)
    assert.match(
      await refusal('>chr1\nACGT\n', 'chr1\t4000\t6\t4\t5\n'),
      /^Line 1 of .*bad\.fa\.fai doesn't fit the FASTA file/,
    )
  })

  test('refuses a file whose lines differ in length, where bases would come from other places', async () => {
    for (const lines of [
      'ACGT\nAC\nGTAC\nAC',
      'AC\nGTAC',
      'ACGT\n\nACGT',
      'ACGT\r\nACGT\nACGT',
      'ACGT\nACGTA\nA',
    ]) {
      writeFileSync(at('uneven.fa'), `>chr1\n${lines}\n>chr2\nAC\n`)
      await assert.rejects(writeVcf(table(3), at('x.vcf'), { fasta: at('uneven.fa') }), {
        code: 'ERR_FORMAT',
        message: /uneven\.fa has lines of different lengths in 'chr1'\. Write them with one length/,
      })
    }
  })

  test('refuses an index that names other places of the file', async () => {
    writeFileSync(at('lie.fa'), '>chr1 one\r\nACGT\r\nAC\r\n>chr2\nTTTTTT\n')
    const refusal = async (line: string): Promise<string> => {
      writeFileSync(at('lie.fa.fai'), `${line}\n`)
      return writeVcf(table(3), at('lie.vcf'), { fasta: at('lie.fa') }).then(
        () => 'none',
        (error: Error) => error.message,
      )
    }
    assert.equal(await refusal('chr1\t6\t11\t4\t6'), 'none')
    for (const line of [
      'chr1\t6\t27\t6\t7', // chr2
      'chr1\t6\t12\t4\t6', // one byte late
      'chr1\t5\t11\t4\t6', // too short
      'chr1\t6\t11\t4\t5', // lines of another length
      'chr1\t6\t0\t4\t6',
      'chr1\t6\t11\t0\t6',
      'chr1\t6\t11\t4',
    ])
      assert.match(
        await refusal(line),
        /^Line 1 of .*lie\.fa\.fai doesn't fit the FASTA file/,
        line,
      )
  })
})

describe('writeVcf refuses', () => {
  const site = { chromosome: '1', position: 1, reference: 'A', letters: ['A'] }
  const refuse = async (
    table: Table,
    options: VcfOptions,
    expected: { code?: string; message: string | RegExp },
  ) => assert.rejects(writeVcf(table, at('refused.vcf'), options), expected)

  test('columns that are lacking, by name', async () => {
    await refuse(
      new Table([numbers('POS', [1]), texts('x', ['A'])]),
      {},
      { code: 'ERR_INDEX', message: /^Expected a column of the chromosome such as 'CHROM'/ },
    )
    await refuse(
      new Table([texts('CHROM', ['1']), numbers('POS', [1]), texts('REF', ['A'])]),
      {},
      {
        code: 'ERR_FORMAT',
        message: /^Expected columns of individuals beside 'CHROM', 'POS', 'REF', got none\./,
      },
    )
    await refuse(
      tableOf([site], ['x']),
      { columns: { reference: 'base' } },
      { code: 'ERR_INDEX', message: /got 'base'/ },
    )
  })

  test('a mixture of bases and allele numbers', async () => {
    const table = new Table([...tableOf([site], ['x']).columns, texts('y', ['0/1'])])
    await refuse(
      table,
      { genotypes: 'calls' },
      {
        code: 'ERR_FORMAT',
        message:
          /^Expected genotypes of bases or of allele numbers, got 'A' in column 'x' and '0\/1' in column 'y'\./,
      },
    )
  })

  test('names that would break lines, and options that do not exist', async () => {
    await refuse(
      tableOf([site], ['a\tb']),
      {},
      { code: 'ERR_VALUE', message: /^Expected names of individuals without tabs/ },
    )
    await refuse(
      tableOf([{ ...site, chromosome: 'a b' }], ['x']),
      {},
      { code: 'ERR_VALUE', message: /^Expected names of chromosomes without blanks/ },
    )
    await refuse(tableOf([site], ['x']), { worker: 2 } as VcfOptions, {
      message: /writeVcf has no option `worker`/,
    })
  })

  test('a path that can not be written, and stops by a signal', async () => {
    await assert.rejects(writeVcf(tableOf([site], ['x']), at('no/folder/x.vcf')), {
      code: 'ERR_FILE',
      message: /no such file/,
    })
    const reason = new Error('enough')
    await assert.rejects(
      writeVcf(tableOf([site], ['x']), at('x.vcf'), { signal: AbortSignal.abort(reason) }),
      reason,
    )
  })
})

test('a signal stops the writing between pieces, and finished files stay whole', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const people = Array.from({ length: 40 }, (_, k) => `p${k}`)
  const rows = manyRows(20_000).map((row) => ({ ...row, letters: people.map(() => 'R') }))
  const writing = writeVcf(tableOf(rows, people), at('stopped'), {
    by: 'individual',
    compress: true,
    signal: stop.signal,
    onProgress: ({ files }) => files === 3 && stop.abort(reason),
  })
  await assert.rejects(writing, reason)
  const names = readdirSync(at('stopped'))
  assert.ok(names.length > 0 && names.length < 80)
  for (const name of names) assert.match(name, /^p\d+\.vcf\.gz(\.tbi)?$/)
})

describe('a written VCF', () => {
  const table = tableOf(manyRows(30_000), ['ann', 'bob', 'eve'])

  test('comes back cell by cell', async () => {
    for (const name of ['trip.vcf', 'trip.vcf.gz']) {
      await writeVcf(table, at(name), { level: 1 })
      const back = await readVcf(at(name))
      assert.deepEqual(back.names, ['CHROM', 'POS', 'ID', 'REF', 'ALT', 'ann', 'bob', 'eve'])
      assert.equal(back.rows, table.rows)
      await writeVcf(back, at(`again-${name}`), { genotypes: 'calls', level: 1 })
      const [first, second] = [name, `again-${name}`].map((file) => readFileSync(at(file)))
      const plain = (bytes: Buffer): Buffer => (name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
      assert.ok(plain(second!).equals(plain(first!)), name)
    }
  })

  const has = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined
  const run = (tool: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(tool, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    assert.equal(status, 0, `${tool} ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  test(
    'is accepted by bcftools, and its indexes find each region',
    { skip: !has('bcftools') && 'bcftools is not installed' },
    async () => {
      for (const index of ['tbi', 'csi'] as const) {
        const { files } = await writeVcf(table, at('tool.vcf.gz'), { index, level: 1 })
        assert.equal(files[0]!.index, at(`tool.vcf.gz.${index}`))
        const lines = run('bcftools', 'view', '--no-version', '-H', at('tool.vcf.gz'))
          .trimEnd()
          .split('\n')
        assert.deepEqual(lines, manyRows(30_000).map(naiveLine))
        assert.match(
          run('bcftools', 'index', '--stats', at('tool.vcf.gz')),
          /^1\t\.\t15000\n2\t\.\t15000\n$/,
        )
        assert.match(run('bcftools', 'stats', at('tool.vcf.gz')), /number of records:\t30000/)
        for (const [contig, from, to] of [
          ['1', 1, 1],
          ['1', 16_000, 17_000],
          ['2', 250_000, 900_000],
          ['2', 1, 40],
        ] as const) {
          const found = run('bcftools', 'view', '-H', at('tool.vcf.gz'), `${contig}:${from}-${to}`)
            .split('\n')
            .filter((line) => line !== '')
          const expected = manyRows(30_000).filter(
            (row) => row.chromosome === contig && row.position >= from && row.position <= to,
          )
          assert.deepEqual(found, expected.map(naiveLine))
        }
        rmSync(files[0]!.index)
      }
    },
  )

  test('is found by tabix', { skip: !has('tabix') && 'tabix is not installed' }, async () => {
    await writeVcf(table, at('tabix.vcf.gz'), { level: 1 })
    assert.equal(run('tabix', '-l', at('tabix.vcf.gz')), '1\n2\n')
    assert.equal(
      run('tabix', at('tabix.vcf.gz'), '2:100-300').split('\n').length - 1,
      manyRows(30_000).filter(
        (row) => row.chromosome === '2' && row.position >= 100 && row.position <= 300,
      ).length,
    )
  })

  test(
    'is accepted by vcftools',
    { skip: !has('vcftools') && 'vcftools is not installed' },
    async () => {
      await writeVcf(table, at('vcftools.vcf'), { version: '4.2' })
      run('vcftools', '--vcf', at('vcftools.vcf'), '--freq', '--out', at('vcftools'))
      assert.equal(read('vcftools.frq').trimEnd().split('\n').length, 30_001)
    },
  )

  test('is accepted by plink2', { skip: !has('plink2') && 'plink2 is not installed' }, async () => {
    await writeVcf(table, at('plink2.vcf'))
    run('plink2', '--vcf', at('plink2.vcf'), '--make-pgen', '--out', at('plink2'))
    assert.match(read('plink2.log'), /30000 variants/)
  })

  test('has a CSI index where a position is beyond the reach of TBI', async () => {
    const far = tableOf(
      [
        { chromosome: '1', position: 5, reference: 'A', letters: ['R'] },
        { chromosome: '1', position: 2 ** 30, reference: 'A', letters: ['G'] },
      ],
      ['x'],
    )
    const { files } = await writeVcf(far, at('far.vcf.gz'))
    assert.equal(files[0]!.index, at('far.vcf.gz.csi'))
    if (has('bcftools')) {
      assert.equal(
        run('bcftools', 'view', '-H', at('far.vcf.gz'), `1:${2 ** 30}`).split('\n').length,
        2,
      )
      assert.equal(run('bcftools', 'view', '-H', at('far.vcf.gz'), '1:1-10').split('\n').length, 2)
    }
    await assert.rejects(writeVcf(far, at('far.vcf.gz'), { index: 'tbi' }), { code: 'ERR_OPTION' })
  })
})

test('the matrix of the question becomes a file for each chromosome', async () => {
  const rows = manyRows(500)
  const lines = rows.map((row) =>
    [row.chromosome, row.position, row.reference, ...row.letters].join('\t'),
  )
  writeFileSync(at('matrix.tsv'), `${['CHROM\tPOS\tREF\tA\tB\tC', ...lines].join('\n')}\n`)
  // Numbers of chromosomes are read as numbers, and written without a point.
  const report = await writeVcf(await readCsv(at('matrix.tsv')), at('question'), {
    by: 'chromosome',
  })
  assert.deepEqual(
    report.files.map(({ of, records }) => [of, records]),
    [
      ['1', 250],
      ['2', 250],
    ],
  )
  assert.deepEqual(bodyOf(read('question/2.vcf')).slice(1), rows.slice(250).map(naiveLine))
})

/** Rows of two chromosomes, in order. */
function manyRows(count: number): LetterRow[] {
  return Array.from({ length: count }, (_, i) => {
    const half = count / 2
    const letter = (k: number): string => 'AACCGGTTMRWSYKN'[(i * 7919 + k * 104_729) % 15]!
    return {
      chromosome: i < half ? '1' : '2',
      position: 1 + (i % half) * 61 + (i % 3),
      reference: 'ACGT'[i % 4]!,
      letters: [letter(1), letter(2), letter(3)],
    }
  })
}
