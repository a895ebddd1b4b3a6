/** Reads raw data of one person, as 23andMe and AncestryDNA give it. */

import { basename } from 'node:path'
import { OneCopyError } from '../../../errors.ts'
import { Table } from '../../table/table.ts'
import { NameBuilder, NumberBuilder, TextBuilder } from '../column-builders.ts'
import { lineBlocks } from '../text-lines.ts'
import type { ReadGenotypes } from './layout.ts'

/** Chromosomes that AncestryDNA and PLINK number. */
export const numberedChromosomes: Readonly<Record<string, string>> = {
  23: 'X',
  24: 'Y',
  25: 'X',
  26: 'MT',
}

/**
 * Reads a file with a name, a chromosome, a position and a genotype in each line. A genotype of one letter is that of one chromosome, as
 * on X, Y and MT.
 *
 * @param individual - what the person is called; default: the name of the file without its ending
 * @throws OneCopyError `ERR_FORMAT` naming the line
 */
export async function readPersonal(
  path: string,
  layout: '23andme' | 'ancestry',
  { individual, signal }: { individual?: string | undefined; signal?: AbortSignal | undefined },
): Promise<ReadGenotypes> {
  const [id, chromosome, call] = [new NameBuilder(), new TextBuilder(), new TextBuilder()]
  const position = new NumberBuilder()
  const fieldCount = layout === 'ancestry' ? 5 : 4
  let first: number | undefined
  for await (const { bytes, firstLine } of lineBlocks(path, signal)) {
    let line = firstLine - 1
    for (const text of bytes.toString('utf8').slice(0, -1).split('\n')) {
      line++
      if (text.startsWith('#') || text.trim() === '') continue
      const fields = text.trim().split(/[\t ]+/)
      if (/^"?rsid"?$/i.test(fields[0]!)) continue
      if (fields.length !== fieldCount || !/^\d+$/.test(fields[2]!))
        throw new OneCopyError(
          'ERR_FORMAT',
          `Expected ${fieldCount} fields with a position in line ${line} of ${path}, got ${JSON.stringify(text.slice(0, 60))}.`,
          { details: { path, line } },
        )
      first ??= line
      id.add(fields[0])
      chromosome.add(
        layout === 'ancestry' ? (numberedChromosomes[fields[1]!] ?? fields[1]) : fields[1],
      )
      position.add(Number(fields[2]))
      call.add(callOf(fields.slice(3).join('')))
    }
  }
  const name = individual ?? basename(path).replace(/\.[^.]*$/, '')
  const table = new Table([
    chromosome.finish('CHROM'),
    position.finish('POS'),
    id.finish('ID'),
    call.finish(name),
  ])
  return { table, layout, notation: 'calls', lines: { path, first: first ?? 1 } }
}

/** `AG` as `A/G`; insertions and deletions stay as they are, for which VCF has no form without their bases. */
function callOf(text: string): string | undefined {
  if (text === '--' || text === '00' || text === '-' || text === '0') return undefined
  return /^[ACGT]{2}$/.test(text) ? `${text[0]}/${text[1]}` : text
}
