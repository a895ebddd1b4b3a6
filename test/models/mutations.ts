/** Changes of bytes that upset readers of files. */

import * as fc from 'fast-check'

/** Changes the bytes of a file. */
export type Mutation = (bytes: Buffer) => Buffer

/**
 * Changes at any place of a file of at most some thousand bytes.
 *
 * @param words - what the headers of the format are made of, and what upsets their readers
 */
export function mutations(words: readonly (string | Buffer)[]): fc.Arbitrary<readonly Mutation[]> {
  const place = fc.nat(6000)
  const word = fc.constantFrom(
    ...words.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : one)),
  )
  const at = (bytes: Buffer, where: number): number =>
    bytes.length === 0 ? 0 : where % bytes.length
  const number = fc.constantFrom(0, 1, 2, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff)
  const one: fc.Arbitrary<Mutation> = fc.oneof(
    fc.tuple(place, fc.nat(255)).map(([where, value]): Mutation => (bytes) => {
      if (bytes.length > 0) bytes[at(bytes, where)] = value
      return bytes
    }),
    fc
      .tuple(place, number, fc.constantFrom(2, 4, 8))
      .map(([where, value, size]): Mutation => (bytes) => {
        const text = Buffer.alloc(8)
        text.writeUInt32LE(value)
        text.copy(bytes, at(bytes, where), 0, size)
        return bytes
      }),
    fc.tuple(place, word).map(([where, text]): Mutation => (bytes) => {
      text.copy(bytes, at(bytes, where))
      return bytes
    }),
    fc.tuple(place, word, fc.nat(4)).map(([where, text, cut]): Mutation => (bytes) => {
      const from = at(bytes, where)
      return Buffer.concat([bytes.subarray(0, from), text, bytes.subarray(from + cut)])
    }),
    fc.tuple(place, place, fc.nat(80)).map(([where, from, count]): Mutation => (bytes) => {
      bytes.copy(bytes, at(bytes, where), at(bytes, from), at(bytes, from) + count)
      return bytes
    }),
    fc.tuple(place, fc.nat(60)).map(([where, count]): Mutation => (bytes) => {
      const from = at(bytes, where)
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + count)])
    }),
    place.map(
      (length): Mutation =>
        (bytes) =>
          bytes.subarray(0, at(bytes, length)),
    ),
  )
  return fc.array(one, { minLength: 1, maxLength: 4 })
}

/** The bytes after all changes. */
export function mutate(bytes: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce<Buffer>((all, change) => change(all), Buffer.from(bytes))
}

/** Another choice of files: `ONECOPY_FUZZ_SEED=7`. */
export const fuzzSeed = Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20_261_201)

/** How many files a fuzz test tries: `ONECOPY_FUZZ_RUNS=300000 node --test test/models/npz/npz-fuzz.test.ts` for more. */
export function fuzzRuns(short: number): number {
  return Number(process.env['ONECOPY_FUZZ_RUNS'] ?? short)
}
