/** Reads the genotypes of a VCF into a table. */

import { isString, type OptionTypes, requireOptions, signal } from '../../options.ts'
import { OneCopyError } from '../../errors.ts'
import type { Column } from '../columns/columns.ts'
import { Table } from '../table/table.ts'
import { NameBuilder, NumberBuilder, TextBuilder, TextDictionary } from './column-builders.ts'
import { lineBlocks } from './text-lines.ts'

/** Options of {@link readVcf}. */
export interface ReadVcfOptions {
  /** Names of individuals to read, in this order. Default: all. */
  readonly individuals?: readonly string[] | undefined
  /** Stops the reading; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

const optionTypes: OptionTypes<ReadVcfOptions> = {
  individuals: [
    (value) => Array.isArray(value) && value.every(isString),
    'a list of names of individuals',
  ],
  signal,
}

/**
 * Reads a VCF: the columns CHROM, POS, ID, REF and ALT, and the genotype (GT) of each individual as a column of categories such as `0/1`, one or two
 * bytes a call. `./.` is no value; a lone `.` and half a call stay as they are. Other fields of individuals, QUAL, FILTER and INFO are
 * not read.
 *
 * @param path - a VCF of version 4.x, plain or compressed by bgzip or gzip
 * @throws OneCopyError `ERR_FORMAT` naming the line when the file isn't valid, `ERR_FILE`, `ERR_INDEX` for an individual that isn't there
 * @see samtools.github.io/hts-specs/VCFv4.3.pdf
 *
 * @example
 * ```ts
 * const table = await readVcf('family.vcf.gz')
 * const child = table.column('child')
 * if (child.kind === 'category') console.log(child.get(0)) // '0/1'
 * ```
 */
export async function readVcf(path: string, options: ReadVcfOptions = {}): Promise<Table> {
  requireOptions('readVcf', options, optionTypes)
  const reader = new VcfReader(path, options.individuals)
  for await (const { bytes, firstLine } of lineBlocks(path, options.signal))
    reader.read(bytes, firstLine)
  return reader.finish()
}

const fixedColumns = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO'] as const
const tab = 9
const lineFeed = 10
const colon = 58

class VcfReader {
  readonly #path: string
  readonly #wanted: readonly string[] | undefined
  #line = 0
  #hasVersion = false
  /** Names of all individuals, once the line of names was read. */
  #names: string[] | undefined
  readonly #metaIds = new Set<string>()
  readonly #chromosome = new TextBuilder()
  readonly #position = new NumberBuilder()
  readonly #id = new NameBuilder()
  readonly #reference = new TextBuilder()
  readonly #alternate = new TextBuilder()
  readonly #genotypes = new TextDictionary()
  /** The column of each individual; undefined for one that nobody wants. */
  #individuals: (TextBuilder | undefined)[] = []
  readonly #formats = new Map<string, number>()
  readonly #calls = new Map<number, CheckedCall>()
  readonly #longCalls = new Map<string, CheckedCall>()

  constructor(path: string, wanted: readonly string[] | undefined) {
    this.#path = path
    this.#wanted = wanted
  }

  /** Reads whole lines. */
  read(bytes: Buffer, firstLine: number): void {
    this.#line = firstLine
    for (let at = 0; at < bytes.length; this.#line++) {
      const stop = bytes.indexOf(lineFeed, at)
      const end = bytes[stop - 1] === 13 && stop > at ? stop - 1 : stop
      if (this.#names === undefined) this.#readHeader(bytes.toString('utf8', at, end))
      else this.#readRow(bytes, at, end)
      at = stop + 1
    }
  }

  finish(): Table {
    const names =
      this.#names ?? this.#refuse('a line that begins with #CHROM', 'the end of the file')
    const people = new Map(names.map((name, k) => [name, this.#individuals[k]]))
    const columns: Column[] = [
      this.#chromosome.finish('CHROM'),
      this.#position.finish('POS'),
      this.#id.finish('ID'),
      this.#reference.finish('REF'),
      this.#alternate.finish('ALT'),
      ...(this.#wanted ?? names).map((name) => people.get(name)!.finish(name)),
    ]
    return new Table(columns)
  }

  #readHeader(text: string): void {
    if (!this.#hasVersion) {
      if (!/^##fileformat=VCFv4\.\d+$/.test(text))
        this.#refuse('##fileformat=VCFv4.x in the first line', short(text))
      this.#hasVersion = true
    } else if (text.startsWith('##')) this.#checkMeta(text)
    else if (text.startsWith('#')) this.#readNames(text)
    else this.#refuse('a line that begins with #', short(text))
  }

  #checkMeta(text: string): void {
    const [, kind = '', value] = /^##([^=]+)=(.*)$/.exec(text) ?? []
    if (value === undefined || value === '') this.#refuse('##key=value', short(text))
    if (!['INFO', 'FORMAT', 'FILTER', 'ALT', 'contig'].includes(kind)) return
    if (!value.startsWith('<') || !value.endsWith('>'))
      this.#refuse(`##${kind}=<ID=…>`, short(text))
    const [, id] = /[<,]ID=([^,>]+)/.exec(value) ?? []
    if (id === undefined) this.#refuse(`an ID in ##${kind}`, short(text))
    if (this.#metaIds.has(`${kind} ${id}`))
      this.#refuse(`one ##${kind} with the ID ${id}`, 'another one')
    this.#metaIds.add(`${kind} ${id}`)
  }

  #readNames(text: string): void {
    const fields = text.split('\t')
    const wrong = fixedColumns.findIndex((name, i) => fields[i] !== name)
    if (wrong >= 0)
      this.#refuse(
        `the column ${fixedColumns[wrong]} (columns have tabs between them)`,
        short(fields[wrong] ?? 'none'),
      )
    if (fields.length > fixedColumns.length && fields[fixedColumns.length] !== 'FORMAT')
      this.#refuse('the column FORMAT before individuals', short(fields[fixedColumns.length]!))
    const names = fields.slice(fixedColumns.length + 1)
    if (fields.length === fixedColumns.length + 1) this.#refuse('individuals after FORMAT', 'none')
    const twice = names.find((name, i) => name === '' || names.indexOf(name) !== i)
    if (twice !== undefined)
      this.#refuse('different names of individuals', `'${twice}' twice or empty`)
    const absent = this.#wanted?.find((name) => !names.includes(name))
    if (absent !== undefined)
      throw new OneCopyError(
        'ERR_INDEX',
        `Expected an individual of ${this.#path}, got '${absent}'. It has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`,
        { details: { path: this.#path, individual: absent } },
      )
    const reserved = names.find((name) => ['CHROM', 'POS', 'ID', 'REF', 'ALT'].includes(name))
    if (reserved !== undefined)
      this.#refuse('no individual with the name of a column', `'${reserved}'`)
    this.#names = names
    this.#individuals = names.map((name) =>
      this.#wanted === undefined || this.#wanted.includes(name)
        ? new TextBuilder(this.#genotypes)
        : undefined,
    )
  }

  #readRow(bytes: Buffer, from: number, to: number): void {
    const people = this.#individuals.length
    const starts = this.#fieldStarts(bytes, from, to)
    const expected = people === 0 ? fixedColumns.length : fixedColumns.length + 1 + people
    if (starts.length - 1 !== expected) this.#refuse(`${expected} fields`, `${starts.length - 1}`)
    const field = (k: number): string => bytes.toString('utf8', starts[k], starts[k + 1]! - 1)
    const [chromosome, position, id, reference, alternate] = [0, 1, 2, 3, 4].map((k) =>
      field(k),
    ) as [string, string, string, string, string]
    if (!/^[^\s,<>"'`()[\]{}*=\\][^\s,<>"'`()[\]{}\\]*$/.test(chromosome))
      this.#refuse('a chromosome', short(chromosome))
    if (!/^\d{1,10}$/.test(position) || Number(position) > 2 ** 31 - 1)
      this.#refuse('a position', short(position))
    if (id === '' || /[\s]/.test(id)) this.#refuse('an ID, or a point', short(id))
    if (!/^[ACGTN]+$/i.test(reference))
      this.#refuse('REF of the bases A, C, G, T and N', short(reference))
    const alternates = this.#checkAlternate(alternate, reference)
    for (const k of [5, 6, 7])
      if (field(k) === '') this.#refuse(`a value in ${fixedColumns[k]}, or a point`, 'nothing')
    if (!/^(\.|[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?inf(inity)?|nan)$/i.test(field(5)))
      this.#refuse('a number in QUAL, or a point', short(field(5)))
    if (people > 0) this.#readCalls(bytes, starts, this.#genotypeField(field(8)), alternates)
    this.#chromosome.add(chromosome)
    this.#position.add(Number(position))
    this.#id.add(id === '.' ? undefined : id)
    this.#reference.add(reference.toUpperCase())
    this.#alternate.add(alternate === '.' ? undefined : alternate)
  }

  /** Where each field starts, then where one more would. */
  #fieldStarts(bytes: Buffer, from: number, to: number): number[] {
    const starts = [from]
    for (let at = bytes.indexOf(tab, from); at >= 0 && at < to; at = bytes.indexOf(tab, at + 1))
      starts.push(at + 1)
    starts.push(to + 1)
    return starts
  }

  /** How many alternate alleles there are. */
  #checkAlternate(text: string, reference: string): number {
    if (text === '.') return 0
    const alleles = text.split(',')
    for (const [i, allele] of alleles.entries()) {
      const isFine =
        /^([ACGTN]+|\*|<[^<>\s,]+>|[ACGTN.]*[[\]][^\s[\],]+[[\]][ACGTN.]*|[ACGTN]+\.|\.[ACGTN]+)$/i.test(
          allele,
        )
      if (!isFine) this.#refuse('alternate alleles of bases, *, <ID> or a breakend', short(text))
      if (allele.toUpperCase() === reference.toUpperCase() || alleles.indexOf(allele) !== i)
        this.#refuse('alternate alleles that differ from REF and each other', short(text))
    }
    return alleles.length
  }

  /** Which part of a call holds the genotype; -1 for none. */
  #genotypeField(format: string): number {
    const known = this.#formats.get(format)
    if (known !== undefined) return known
    const keys = format.split(':')
    if (format === '' || keys.some((key, i) => key === '' || keys.indexOf(key) !== i))
      this.#refuse('different keys in FORMAT', short(format))
    const place = keys.indexOf('GT')
    if (place > 0) this.#refuse('GT as the first key of FORMAT', short(format))
    this.#formats.set(format, place)
    return place
  }

  #readCalls(bytes: Buffer, starts: readonly number[], place: number, alternates: number): void {
    const first = fixedColumns.length + 1
    for (let k = 0; k < this.#individuals.length; k++) {
      const builder = this.#individuals[k]
      const [from, to] = [starts[first + k]!, starts[first + k + 1]! - 1]
      if (from === to) this.#refuse('a call, or a point', 'nothing')
      if (builder === undefined) continue
      if (place < 0) {
        builder.addCode(-1)
        continue
      }
      let end = from
      while (end < to && bytes[end] !== colon) end++
      const call = this.#callOf(bytes, from, end)
      if (call.most > alternates)
        this.#refuse(
          `allele numbers up to ${alternates}`,
          `${short(bytes.toString('utf8', from, end))} of ${this.#names![k]}`,
        )
      builder.addCode(call.code)
    }
  }

  #callOf(bytes: Buffer, from: number, to: number): CheckedCall {
    if (to - from > 3) {
      const text = bytes.toString('utf8', from, to)
      const known = this.#longCalls.get(text) ?? this.#checkCall(text)
      this.#longCalls.set(text, known)
      return known
    }
    let key = to - from
    for (let i = from; i < to; i++) key = key * 256 + bytes[i]!
    let known = this.#calls.get(key)
    if (known === undefined) {
      known = this.#checkCall(bytes.toString('utf8', from, to))
      this.#calls.set(key, known)
    }
    return known
  }

  #checkCall(text: string): CheckedCall {
    // From version 4.4 on a call may begin with the phase of its first allele.
    const plain = text.replace(/^[/|](?=[\d.])/, '')
    if (!/^(\d+|\.)([/|](\d+|\.))*$/.test(plain))
      this.#refuse('a genotype such as 0/1', short(text))
    const numbers = plain.split(/[/|]/).map((part) => (part === '.' ? -1 : Number(part)))
    return {
      code: plain === './.' ? -1 : this.#genotypes.codeOf(plain),
      most: Math.max(...numbers),
    }
  }

  #refuse(expected: string, got: string): never {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected ${expected} in line ${this.#line} of ${this.#path}, got ${got}. The file is not a valid VCF.`,
      { details: { path: this.#path, line: this.#line } },
    )
  }
}

/** A genotype that was met. */
interface CheckedCall {
  readonly code: number
  /** The greatest allele number; -1 without one. */
  readonly most: number
}

function short(text: string): string {
  return text === '' ? 'nothing' : `'${text.length > 40 ? `${text.slice(0, 37)}...` : text}'`
}
