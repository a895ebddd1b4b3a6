/** Ways in which a program can take memory away from a job. */

import { native } from '../../src/native/index.ts'

/** A typed array that is the only one on its buffer, and the ways to take the buffer's memory. */
export interface Movable<T extends NodeJS.TypedArray = NodeJS.TypedArray> {
  readonly array: T
  readonly ways: Readonly<Record<string, () => void>>
}

/** Puts a copy of `source` into memory of some kind. */
type Place = <T extends NodeJS.TypedArray>(source: T) => Movable<T>

// Node.js has it, its types don't.
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { initial: number }) => {
      readonly buffer: ArrayBuffer
      grow(pages: number): number
    }
  }
}

interface Constructor<T> {
  new (buffer: ArrayBufferLike, offset: number, length: number): T
}

function copyInto<T extends NodeJS.TypedArray>(source: T, buffer: ArrayBufferLike): T {
  const array = new (source.constructor as Constructor<T>)(buffer, 0, source.length)
  array.set(source as never)
  return array
}

/** Moves a buffer's memory away with a message. */
function messages(buffer: ArrayBuffer): Record<string, () => void> {
  return {
    structuredClone: () => void structuredClone(buffer, { transfer: [buffer] }),
    postMessage: () => {
      const { port1, port2 } = new MessageChannel()
      port1.postMessage(buffer, [buffer])
      port1.close()
      port2.close()
    },
  }
}

/** The same by the buffer's own functions. */
function transfers(buffer: ArrayBuffer): Record<string, () => void> {
  const { byteLength } = buffer
  return {
    'transfer(0)': () => void buffer.transfer(0),
    'transfer()': () => void buffer.transfer(),
    'transfer(2n)': () => void buffer.transfer(2 * byteLength),
    'transfer(n / 2)': () => void buffer.transfer(byteLength >> 1),
    'transferToFixedLength(2n)': () => void buffer.transferToFixedLength(2 * byteLength),
  }
}

/** Ways that leave an array of zeros, as `[Symbol.dispose]()` does. */
export const freeingWays: readonly string[] = ['discardPages', 'leavePages']

/** Kinds of memory, by name. */
export const places: Readonly<Record<string, Place>> = {
  private: (source) => {
    const buffer = new ArrayBuffer(source.byteLength)
    return { array: copyInto(source, buffer), ways: { ...transfers(buffer), ...messages(buffer) } }
  },
  resizable: (source) => {
    const { byteLength } = source
    const buffer = new ArrayBuffer(byteLength, { maxByteLength: 2 * byteLength })
    const { 'transfer(0)': free, 'transferToFixedLength(2n)': move } = transfers(buffer)
    const ways = {
      'resize(0)': () => buffer.resize(0),
      'resize(n / 2)': () => buffer.resize(byteLength >> 1),
      'resize(2n)': () => buffer.resize(2 * byteLength),
      'resize(0), resize(n)': () => {
        buffer.resize(0)
        buffer.resize(byteLength)
      },
      'transfer(0)': free!,
      'transferToFixedLength(2n)': move!,
    }
    return { array: copyInto(source, buffer), ways }
  },
  growable: (source) => {
    const { byteLength } = source
    const buffer = new SharedArrayBuffer(byteLength, { maxByteLength: 2 * byteLength })
    return { array: copyInto(source, buffer), ways: { grow: () => buffer.grow(2 * byteLength) } }
  },
  wasm: (source) => {
    const pages = Math.ceil(source.byteLength / 65536)
    const memory = new WebAssembly.Memory({ initial: pages })
    return {
      array: copyInto(source, memory.buffer),
      ways: { 'memory.grow(100)': () => void memory.grow(100) },
    }
  },
  mapped: (source) => {
    const { id, buffer } = native.createScratch(source.byteLength, true)
    const ways = {
      discardPages: () => native.discardPages(id),
      leavePages: () => native.leavePages(id),
      // Node.js moves no memory of an addon with a message.
      ...(buffer instanceof ArrayBuffer && transfers(buffer)),
    }
    return { array: copyInto(source, buffer), ways }
  },
}

/** Arrays that get the memory that has become free, if it has, and notice when somebody writes there. */
export function makeVictims(byteLength: number): () => boolean {
  const victims = Array.from({ length: 8 }, () => Buffer.alloc(byteLength, 0xab))
  const untouched = Buffer.alloc(byteLength, 0xab)
  return () => victims.every((victim) => untouched.equals(victim))
}
