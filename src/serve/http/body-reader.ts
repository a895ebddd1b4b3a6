/** Reads bodies of requests within bounds, one by one and together. */

import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { badRequest, RequestError, unavailable } from './request-error.ts'

/** A body that is being read. */
class Reading {
  bytes = 0
  isDone = false
  readonly refuse: (error: RequestError) => void
  #first: Buffer | undefined
  #others: Buffer[] | undefined
  #isJoined = false

  constructor(refuse: (error: RequestError) => void) {
    this.refuse = refuse
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.#first === undefined) this.#first = chunk
    else (this.#others ??= []).push(chunk)
  }

  /**
   * All bytes; those of several chunks begin `shift` bytes behind a multiple of 8.
   *
   * @param isOwn - whether nobody else has the chunks: those that are joined are then freed
   */
  join(shift: number, isOwn: boolean): Buffer {
    if (this.#others === undefined) return this.#first ?? Buffer.alloc(0)
    const body = Buffer.allocUnsafeSlow(shift + this.bytes).subarray(shift)
    let at = 0
    for (const chunk of [this.#first!, ...this.#others]) {
      body.set(chunk, at)
      at += chunk.length
      if (isOwn && chunk.length === chunk.buffer.byteLength) freeMemory(chunk)
    }
    this.#isJoined = true
    return body
  }

  get isJoined(): boolean {
    return this.#isJoined
  }

  drop(): void {
    this.#first = this.#others = undefined
  }
}

/** Frees memory at once. Left to the garbage collector, large bodies make it run once for a hundred of them. */
function freeMemory({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** Bytes of its body that a request holds in memory, and the memory that can be freed. */
const heldBytes = Symbol('heldBytes')
const heldBody = Symbol('heldBody')
type HeldRequest = IncomingMessage & { [heldBytes]?: number; [heldBody]?: Buffer | undefined }

/** Where a body begins so that the tensors behind its JSON lie at multiples of 8, and can be read in place. */
function shiftFor(jsonLength: string | string[] | undefined): number {
  const length = Number(jsonLength ?? 0)
  return Number.isSafeInteger(length) ? (8 - (length & 7)) & 7 : 0
}

/**
 * Bodies in memory. When all of them together are too large, the largest of those that have not yet arrived is refused, so that
 * slow clients can't keep others away.
 */
export class BodyReader {
  readonly #maxBody: number
  readonly #maxTotal: number
  readonly #readings = new Set<Reading>()
  #total = 0

  /**
   * @param maxBody - bytes of one body
   * @param maxTotal - bytes of all bodies whose requests have no answer yet
   */
  constructor(maxBody: number, maxTotal: number) {
    this.#maxBody = maxBody
    this.#maxTotal = maxTotal
  }

  /** Bytes of all bodies in memory. */
  get totalBytes(): number {
    return this.#total
  }

  /**
   * Reads the body of a request. Call {@link release} when the request has its answer.
   *
   * @param payload - where the body comes from
   * @param done - called once
   */
  read(
    request: IncomingMessage,
    payload: Readable,
    done: (error: Error | null, body?: Buffer) => void,
  ): void {
    const { 'content-length': length, 'content-encoding': encoding = 'identity' } = request.headers
    if (encoding !== 'identity')
      return done(new RequestError(415, `Expected a body without compression, got '${encoding}'.`))
    const declared = length === undefined ? undefined : Number(length)
    if (declared !== undefined && declared > this.#maxBody) return done(this.#tooLarge())
    const shift = shiftFor(request.headers['inference-header-content-length'])
    const reading = new Reading((error) => end(error))
    const onData = (chunk: Buffer): void => {
      if (reading.isDone) return
      reading.add(chunk)
      this.#total += chunk.length
      if (reading.bytes > this.#maxBody) return end(this.#tooLarge())
      if (this.#total > this.#maxTotal) this.#refuseLargest(reading)
      // No need to wait for the end of the stream.
      if (reading.bytes === declared) end(null)
      else if (!reading.isDone) this.#readings.add(reading)
    }
    const onEnd = (): void => {
      if (reading.isDone) return
      if (declared === undefined || declared === reading.bytes) return end(null)
      end(badRequest(`Expected a body of ${declared} bytes, got ${reading.bytes}.`))
    }
    const onBroken = (): void => {
      if (!reading.isDone) end(badRequest('The connection ended before the body did.'))
    }
    // What still comes after an error is thrown away until the connection is closed.
    const end = (error: Error | null): void => {
      if (reading.isDone) return
      reading.isDone = true
      this.#readings.delete(reading)
      if (error === null) {
        const held = request as HeldRequest
        held[heldBytes] = reading.bytes
        // Other streams, such as those of tests, may hand out memory that is somebody's.
        const isOwn =
          payload === request &&
          request.socket instanceof Socket &&
          payload.listenerCount('data') === 1
        const body = reading.join(shift, isOwn)
        if (reading.isJoined) held[heldBody] = body
        return done(null, body)
      }
      this.#total -= reading.bytes
      reading.drop()
      done(error)
    }
    payload.on('data', onData)
    payload.on('end', onEnd)
    payload.on('error', onBroken)
    payload.on('close', onBroken)
  }

  /** Frees the body of a request that has its answer. */
  release(request: IncomingMessage): void {
    const held = request as HeldRequest
    this.#total -= held[heldBytes] ?? 0
    held[heldBytes] = 0
    // SAFETY: native code that still reads the body holds its memory by itself.
    if (held[heldBody] !== undefined) freeMemory(held[heldBody])
    held[heldBody] = undefined
  }

  /** @param largest - one that is read; others may be larger */
  #refuseLargest(largest: Reading): void {
    for (const reading of this.#readings) if (reading.bytes > largest.bytes) largest = reading
    largest.refuse(
      unavailable(429, `Bodies of other requests fill the ${this.#maxTotal} bytes that there are.`),
    )
  }

  #tooLarge(): RequestError {
    const text = `Expected a body of at most ${this.#maxBody} bytes, got more. Send fewer rows, or start the server with a larger --max-body.`
    return new RequestError(413, text)
  }
}
