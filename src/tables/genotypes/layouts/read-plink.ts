/** Reads PLINK's files: text (.ped, .tped) and binary (.bed). */

import { fstatSync } from 'node:fs'
import { shared } from '../../../arrays/index.ts'
import { mapWhole, withFile } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'
import { CategoryColumn } from '../../columns/category-column.ts'
import { Table } from '../../table/table.ts'
import { NameBuilder, NumberBuilder, TextBuilder, TextDictionary } from '../column-builders.ts'
import { fieldLines, lineBlocks } from '../text-lines.ts'
import type { ReadGenotypes } from './layout.ts'
import { numberedChromosomes } from './read-personal.ts'

/** The columns of sites of a table. */
class SiteBuilders {
  readonly chromosome = new TextBuilder()
  readonly position = new NumberBuilder()
  readonly id = new NameBuilder()

  /** @param chromosome - `0` is an unknown one; 23 to 26 have names */
  add(chromosome: string, id: string, position: string): void {
    this.chromosome.add(
      chromosome === '0' ? undefined : (numberedChromosomes[chromosome] ?? chromosome),
    )
    this.id.add(id === '.' ? undefined : id)
    this.position.add(Number(position))
  }

  finish() {
    return [this.chromosome.finish('CHROM'), this.position.finish('POS'), this.id.finish('ID')]
  }
}

/**
 * Reads a `.tped` file, a line a site, and the `.tfam` file beside it.
 *
 * @throws OneCopyError `ERR_FORMAT` naming the line, `ERR_FILE`
 */
export async function readTped(path: string, signal?: AbortSignal): Promise<ReadGenotypes> {
  const names = await readFamily(beside(path, '.tped', '.tfam'), signal)
  const sites = new SiteBuilders()
  const dictionary = new TextDictionary()
  const people = names.map(() => new TextBuilder(dictionary))
  const pairs = new AllelePairs(dictionary)
  for await (const { bytes, firstLine } of lineBlocks(path, signal)) {
    const fields = new Fields(bytes)
    for (let line = firstLine; fields.startLine(); line++) {
      if (!fields.next()) continue
      const [chromosome, id, , position] = [
        fields.text(),
        fields.nextText(),
        fields.nextText(),
        fields.nextText(),
      ]
      requirePosition(position, path, line)
      sites.add(chromosome, id!, position!)
      for (const person of people) {
        if (!fields.next()) throw tooFew(path, line, 4 + 2 * people.length)
        const first = fields.key()
        if (!fields.next()) throw tooFew(path, line, 4 + 2 * people.length)
        person.addCode(pairs.codeOf(first, fields.key()))
      }
      if (fields.next()) throw tooMany(path, line, 4 + 2 * people.length)
    }
  }
  const table = new Table([
    ...sites.finish(),
    ...people.map((person, k) => person.finish(names[k]!)),
  ])
  return { table, layout: 'tped', notation: 'calls', lines: { path, first: 1 } }
}

/**
 * Reads a `.ped` file, a line an individual, and the `.map` file beside it.
 *
 * @throws OneCopyError `ERR_FORMAT` naming the line, `ERR_FILE`
 */
export async function readPed(path: string, signal?: AbortSignal): Promise<ReadGenotypes> {
  const map = beside(path, '.ped', '.map')
  const sites = new SiteBuilders()
  for await (const { fields, line } of fieldLines(map, signal)) {
    if (fields.length !== 3 && fields.length !== 4)
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected a chromosome, a name, a distance and a position in line ${line} of ${map}, got ${fields.length} fields.`,
        { details: { path: map, line } },
      )
    requirePosition(fields.at(-1), map, line)
    sites.add(fields[0]!, fields[1]!, fields.at(-1)!)
  }
  const dictionary = new TextDictionary()
  const pairs = new AllelePairs(dictionary)
  const count = sites.position.rows
  const people: { name: string; family: string; calls: TextBuilder }[] = []
  for await (const { bytes, firstLine } of lineBlocks(path, signal)) {
    const fields = new Fields(bytes)
    for (let line = firstLine; fields.startLine(); line++) {
      if (!fields.next()) continue
      if (bytes[fields.from] === 35) continue
      const [family, name] = [fields.text(), fields.nextText()]
      for (let k = 0; k < 4; k++) if (!fields.next()) throw tooFew(path, line, 6 + 2 * count)
      const calls = new TextBuilder(dictionary)
      for (let i = 0; i < count; i++) {
        if (!fields.next()) throw tooFew(path, line, 6 + 2 * count)
        const first = fields.key()
        if (!fields.next()) throw tooFew(path, line, 6 + 2 * count)
        calls.addCode(pairs.codeOf(first, fields.key()))
      }
      if (fields.next()) throw tooMany(path, line, 6 + 2 * count)
      people.push({ family, name: name!, calls })
    }
  }
  const names = uniqueNames(people)
  const table = new Table([
    ...sites.finish(),
    ...people.map(({ calls }, k) => calls.finish(names[k]!)),
  ])
  return { table, layout: 'ped', notation: 'calls', lines: { path: map, first: 1 } }
}

/** A byte of a `.bed` file holds four individuals, the lowest bits first: 0 both A1, 1 missing, 2 one of each, 3 both A2. */
const bedCodes = [2, -1, 1, 0]
const bedTexts = ['0/0', '0/1', '1/1']

/** Sites that are unpacked at once. */
const blockSites = 4096

/**
 * Reads a `.bed` file, which is mapped, and the `.bim` and `.fam` files beside it. Calls are numbers: 0 is A2 and 1 is A1, of which the files
 * don't say which is the reference.
 *
 * @throws OneCopyError `ERR_FORMAT`, `ERR_FILE`
 */
export async function readBed(path: string, signal?: AbortSignal): Promise<ReadGenotypes> {
  const bim = beside(path, '.bed', '.bim')
  const names = await readFamily(beside(path, '.bed', '.fam'), signal)
  const sites = new SiteBuilders()
  const [a1, a2] = [new TextBuilder(), new TextBuilder()]
  for await (const { fields, line } of fieldLines(bim, signal)) {
    if (fields.length !== 6)
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected 6 fields in line ${line} of ${bim}, got ${fields.length}.`,
        {
          details: { path: bim, line },
        },
      )
    requirePosition(fields[3], bim, line)
    sites.add(fields[0]!, fields[1]!, fields[3]!)
    a1.add(fields[4] === '0' ? undefined : fields[4])
    a2.add(fields[5] === '0' ? undefined : fields[5])
  }
  const rows = sites.position.rows
  const bytes = mapBed(path, rows, names.length)
  const width = Math.ceil(names.length / 4)
  const columns = names.map(() => shared([rows], 'int8'))
  for (let from = 0; from < rows; from += blockSites) {
    signal?.throwIfAborted()
    const to = Math.min(rows, from + blockSites)
    for (const [k, { data, offset }] of columns.entries()) {
      const shift = 2 * (k & 3)
      for (let i = from, at = 3 + from * width + (k >> 2); i < to; i++, at += width)
        data[offset + i] = bedCodes[(bytes[at]! >> shift) & 3]!
    }
  }
  const table = new Table([
    ...sites.finish(),
    a1.finish('A1'),
    a2.finish('A2'),
    ...columns.map((values, k) => new CategoryColumn(names[k]!, values, bedTexts)),
  ])
  return { table, layout: 'bed', notation: 'calls', lines: { path: bim, first: 1 } }
}

function mapBed(path: string, rows: number, individuals: number): Uint8Array {
  const refuse = (what: string): never => {
    throw new OneCopyError('ERR_FORMAT', `${path} ${what}.`, { details: { path } })
  }
  return withFile(path, 'c', (fd) => {
    const { size } = fstatSync(fd)
    if (size < 3) return refuse('is no .bed file: it has less than 3 bytes')
    const bytes = new Uint8Array(mapWhole(fd, { kind: 'file', mode: 'c', path }, size).buffer)
    if (bytes[0] !== 0x6c || bytes[1] !== 0x1b)
      return refuse('is no .bed file of PLINK: it begins with other bytes')
    if (bytes[2] !== 1)
      return refuse(
        'holds one individual after the other, an old form. Convert it: `plink --bfile … --make-bed`',
      )
    const expected = 3 + rows * Math.ceil(individuals / 4)
    if (size !== expected)
      return refuse(
        `has ${size} bytes, expected ${expected} for ${rows} sites in .bim and ${individuals} individuals in .fam`,
      )
    return bytes
  })
}

/** Names of individuals in a `.fam` or `.tfam` file. */
async function readFamily(path: string, signal: AbortSignal | undefined): Promise<string[]> {
  const people: { family: string; name: string }[] = []
  for await (const { fields, line } of fieldLines(path, signal)) {
    if (fields.length < 2)
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected a family and an individual in line ${line} of ${path}, got one field.`,
        {
          details: { path, line },
        },
      )
    people.push({ family: fields[0]!, name: fields[1]! })
  }
  return uniqueNames(people)
}

/** Names of individuals; with those of their families where they are not unique. */
function uniqueNames(people: readonly { family: string; name: string }[]): string[] {
  const names = people.map(({ name }) => name)
  if (new Set(names).size === names.length) return names
  return people.map(({ family, name }) => `${family}_${name}`)
}

function beside(path: string, ending: string, other: string): string {
  return (path.endsWith(ending) ? path.slice(0, -ending.length) : path) + other
}

function requirePosition(text: string | undefined, path: string, line: number): void {
  if (text !== undefined && /^-?\d+$/.test(text)) return
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected a position in line ${line} of ${path}, got ${text === undefined ? 'none' : `'${text}'`}.`,
    { details: { path, line } },
  )
}

function tooFew(path: string, line: number, expected: number): OneCopyError {
  return wrongCount(path, line, expected, 'fewer')
}

function tooMany(path: string, line: number, expected: number): OneCopyError {
  return wrongCount(path, line, expected, 'more')
}

function wrongCount(path: string, line: number, expected: number, got: string): OneCopyError {
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected ${expected} fields in line ${line} of ${path}, got ${got}.`,
    {
      details: { path, line },
    },
  )
}

/** Fields of lines, with blanks or tabs between them. */
class Fields {
  readonly #bytes: Buffer
  #at = 0
  #lineEnd = -1
  /** Where the field lies. */
  from = 0
  to = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Goes to the next line; false at the end. */
  startLine(): boolean {
    this.#at = this.#lineEnd + 1
    if (this.#at >= this.#bytes.length) return false
    this.#lineEnd = this.#bytes.indexOf(10, this.#at)
    return true
  }

  /** Goes to the next field of the line; false at its end. */
  next(): boolean {
    const bytes = this.#bytes
    let at = this.#at
    while (at < this.#lineEnd && bytes[at]! <= 32) at++
    this.from = at
    while (at < this.#lineEnd && bytes[at]! > 32) at++
    this.to = this.#at = at
    return this.to > this.from
  }

  text(): string {
    return this.#bytes.toString('utf8', this.from, this.to)
  }

  nextText(): string | undefined {
    return this.next() ? this.text() : undefined
  }

  /** The allele in the field: its letter's code, or the text when it is longer. */
  key(): number | string {
    return this.to - this.from === 1 ? this.#bytes[this.from]! : this.text()
  }
}

/** Codes of pairs of alleles. */
class AllelePairs {
  readonly #dictionary: TextDictionary
  readonly #letters = new Int32Array(65536).fill(-2)

  constructor(dictionary: TextDictionary) {
    this.#dictionary = dictionary
  }

  codeOf(first: number | string, second: number | string): number {
    if (typeof first === 'string' || typeof second === 'string')
      return this.#dictionary.codeOf(textOf(first, second))
    const place = first * 256 + second
    const known = this.#letters[place]!
    if (known !== -2) return known
    return (this.#letters[place] = this.#dictionary.codeOf(textOf(first, second)))
  }
}

/** `A/G`; undefined for a missing call, and a text that is no call for alleles that are no bases. */
function textOf(...alleles: readonly (number | string)[]): string | undefined {
  const texts = alleles.map((one) => (typeof one === 'number' ? String.fromCharCode(one) : one))
  if (texts.every((text) => text === '0' || text === '-9' || text === 'N')) return undefined
  const known = texts.map((text) => (text === '0' ? '.' : text.toUpperCase()))
  return known.every((text) => /^[ACGT.]$/.test(text)) ? known.join('/') : `?${texts.join('?')}`
}
