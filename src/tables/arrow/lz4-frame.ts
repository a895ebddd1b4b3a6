/** Decodes LZ4 frames. */

/** Why a frame can't be decoded. */
export class Lz4Error extends Error {
  override readonly name = 'Lz4Error'
}

const magic = 0x184d2204

/**
 * Decodes a frame. Checksums are not compared.
 *
 * @param source - the frame
 * @param target - receives what it holds, which must have this length
 * @throws Lz4Error when the frame is damaged or of another length; `target` may then be filled in part
 * @see github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
 */
export function decodeLz4Frame(source: Uint8Array, target: Uint8Array): void {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  if (source.length < 7 || view.getUint32(0, true) !== magic)
    throw new Lz4Error('it has no LZ4 frame')
  const flags = source[4]!
  if (flags >> 6 !== 1) throw new Lz4Error('its LZ4 frame has another version')
  const [hasBlockSums, hasSize, hasDictionary] = [flags & 16, flags & 8, flags & 1]
  if (hasDictionary) throw new Lz4Error('its LZ4 frame needs a dictionary')
  let at = 7 + (hasSize ? 8 : 0)
  let written = 0
  for (;;) {
    if (at + 4 > source.length) throw new Lz4Error('its LZ4 frame is cut off')
    const size = view.getUint32(at, true)
    at += 4
    if (size === 0) break
    const bytes = size & 0x7fffffff
    if (at + bytes > source.length) throw new Lz4Error('its LZ4 frame is cut off')
    const block = source.subarray(at, at + bytes)
    if (size >>> 31 === 0) written = decodeBlock(block, target, written)
    else if (written + bytes > target.length) throw tooLong()
    else {
      target.set(block, written)
      written += bytes
    }
    at += bytes + (hasBlockSums ? 4 : 0)
  }
  if (written !== target.length) throw new Lz4Error('its LZ4 frame holds fewer bytes than it says')
}

/** Decodes a block behind what was written before, which it may repeat. Returns where it ends. */
function decodeBlock(source: Uint8Array, target: Uint8Array, start: number): number {
  let at = 0
  let to = start
  while (at < source.length) {
    const token = source[at++]!
    let literals = token >> 4
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) {
        if (at >= source.length) throw cutOff()
        more = source[at++]!
      }
    }
    if (at + literals > source.length) throw cutOff()
    if (to + literals > target.length) throw tooLong()
    if (literals > 32) {
      target.set(source.subarray(at, at + literals), to)
      at += literals
      to += literals
    } else {
      for (let i = 0; i < literals; i++) target[to++] = source[at++]!
    }
    // The last sequence has no match.
    if (at === source.length) return to
    if (at + 2 > source.length) throw cutOff()
    const distance = source[at]! | (source[at + 1]! << 8)
    at += 2
    let length = (token & 15) + 4
    if (length === 19) {
      for (let more = 255; more === 255; length += more) {
        if (at >= source.length) throw cutOff()
        more = source[at++]!
      }
    }
    if (distance === 0 || distance > to)
      throw new Lz4Error('its LZ4 frame repeats bytes before its start')
    if (to + length > target.length) throw tooLong()
    if (distance >= length && length > 32) {
      target.copyWithin(to, to - distance, to - distance + length)
      to += length
    } else {
      for (const stop = to + length; to < stop; to++) target[to] = target[to - distance]!
    }
  }
  throw cutOff()
}

function cutOff(): Lz4Error {
  return new Lz4Error('a block of its LZ4 frame is cut off')
}

function tooLong(): Lz4Error {
  return new Lz4Error('its LZ4 frame holds more bytes than it says')
}
