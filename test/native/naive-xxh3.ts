/** XXH3 with 128 bits and seed 0, word by word, as a slow oracle; after xxHash's doc/xxhash_spec.md. */

const secret = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
)
const mask = (1n << 64n) - 1n
const low32 = 0xffff_ffffn
const [p32a, p32b, p32c] = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn]
const [p1, p2, p3, p4, p5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
]
const keep = (word: bigint): bigint => word & mask
const shifted = (word: bigint, bits: bigint): bigint => word ^ (word >> bits)
const word = (bytes: Buffer, at: number): bigint => bytes.readBigUInt64LE(at)
const half = (bytes: Buffer, at: number): bigint => BigInt(bytes.readUInt32LE(at))
const swap = (value: bigint, bytes: number): bigint =>
  Array.from({ length: bytes }, (_, i) => (value >> BigInt(8 * i)) & 255n).reduce(
    (sum, byte) => (sum << 8n) | byte,
    0n,
  )
const avalanche = (value: bigint): bigint =>
  shifted(keep(shifted(value, 37n) * 0x165667919e3779f9n), 32n)
const older = (value: bigint): bigint =>
  shifted(keep(shifted(keep(shifted(value, 33n) * p2), 29n) * p3), 32n)
const fold = (a: bigint, b: bigint): bigint => keep(a * b) ^ ((a * b) >> 64n)

type Pair = [high: bigint, low: bigint]

const mix16 = (bytes: Buffer, at: number, s: number): bigint =>
  fold(word(bytes, at) ^ word(secret, s), word(bytes, at + 8) ^ word(secret, s + 8))

function mix32([high, low]: Pair, bytes: Buffer, a: number, b: number, s: number): Pair {
  const sum = (at: number): bigint => keep(word(bytes, at) + word(bytes, at + 8))
  return [keep(high + mix16(bytes, b, s + 16)) ^ sum(a), keep(low + mix16(bytes, a, s)) ^ sum(b)]
}

function finish([high, low]: Pair, length: bigint): Pair {
  const mixed = keep(low * p1 + high * p4 + length * p2)
  return [keep(-avalanche(mixed)), avalanche(keep(low + high))]
}

function hashShort(bytes: Buffer): Pair {
  const n = bytes.length
  if (n === 0)
    return [older(word(secret, 80) ^ word(secret, 88)), older(word(secret, 64) ^ word(secret, 72))]
  if (n <= 3) {
    const [first, middle, last] = [bytes[0]!, bytes[n >> 1]!, bytes[n - 1]!].map(BigInt)
    const low = (first! << 16n) | (middle! << 24n) | last! | (BigInt(n) << 8n)
    const turned = swap(low, 4)
    const high = ((turned << 13n) | (turned >> 19n)) & low32
    return [
      older(high ^ half(secret, 8) ^ half(secret, 12)),
      older(low ^ half(secret, 0) ^ half(secret, 4)),
    ]
  }
  if (n <= 8) {
    const keyed =
      (half(bytes, 0) + (half(bytes, n - 4) << 32n)) ^ word(secret, 16) ^ word(secret, 24)
    const product = keyed * (p1 + BigInt(n << 2))
    const high = keep((product >> 64n) + (keep(product) << 1n))
    const low = keep(product) ^ (high >> 3n)
    return [avalanche(high), shifted(keep(shifted(low, 35n) * 0x9fb21c651e98df25n), 28n)]
  }
  const [first, last] = [word(bytes, 0), word(bytes, n - 8)]
  const product = (first ^ last ^ word(secret, 32) ^ word(secret, 40)) * p1
  const keyed = last ^ word(secret, 48) ^ word(secret, 56)
  const high = keep((product >> 64n) + keyed + (keyed & low32) * (p32b - 1n))
  const low = keep(keep(product) + (BigInt(n - 1) << 54n)) ^ swap(high, 8)
  const end = low * p2
  return [avalanche(keep((end >> 64n) + high * p2)), avalanche(keep(end))]
}

function hashMiddle(bytes: Buffer): Pair {
  const n = bytes.length
  let sum: Pair = [0n, keep(BigInt(n) * p1)]
  if (n <= 128) {
    for (let i = (n - 1) >> 5; i >= 0; i--)
      sum = mix32(sum, bytes, 16 * i, n - 16 * (i + 1), 32 * i)
    return finish(sum, BigInt(n))
  }
  for (let i = 0; i < 4; i++) sum = mix32(sum, bytes, 32 * i, 32 * i + 16, 32 * i)
  sum = [avalanche(sum[0]), avalanche(sum[1])]
  for (let i = 4; 32 * (i + 1) <= n; i++)
    sum = mix32(sum, bytes, 32 * i, 32 * i + 16, 3 + 32 * (i - 4))
  return finish(mix32(sum, bytes, n - 16, n - 32, 103), BigInt(n))
}

function hashLong(bytes: Buffer): Pair {
  const n = bytes.length
  const sums = [p32c, p1, p2, p3, p4, p32b, p5, p32a]
  const add = (at: number, s: number): void => {
    for (let i = 0; i < 8; i++) {
      const data = word(bytes, at + 8 * i)
      const keyed = data ^ word(secret, s + 8 * i)
      sums[i ^ 1] = keep(sums[i ^ 1]! + data)
      sums[i] = keep(sums[i]! + (keyed & low32) * (keyed >> 32n))
    }
  }
  // Sums are scrambled after 16 stripes, unless the bytes end there.
  const stripes = Math.floor((n - 1) / 64)
  for (let stripe = 0; stripe < stripes; stripe++) {
    add(64 * stripe, 8 * (stripe % 16))
    if (stripe % 16 < 15) continue
    for (let i = 0; i < 8; i++)
      sums[i] = keep((shifted(sums[i]!, 47n) ^ word(secret, 128 + 8 * i)) * p32a)
  }
  add(n - 64, 121)
  const merge = (s: number, start: bigint): bigint => {
    let result = start
    for (let i = 0; i < 8; i += 2)
      result += fold(sums[i]! ^ word(secret, s + 8 * i), sums[i + 1]! ^ word(secret, s + 8 * i + 8))
    return avalanche(keep(result))
  }
  return [merge(117, keep(~(BigInt(n) * p2))), merge(11, keep(BigInt(n) * p1))]
}

/** The digest as 32 hexadecimal digits. */
export function naiveXxh3(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const n = buffer.length
  const pair = n <= 16 ? hashShort(buffer) : n <= 240 ? hashMiddle(buffer) : hashLong(buffer)
  return pair.map((part) => part.toString(16).padStart(16, '0')).join('')
}
