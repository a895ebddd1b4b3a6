/** Reads bodies of requests within bounds, one by one and together. */

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { badRequest, RequestError, unavailable } from './request-error.ts'

/** A body that is being read. */
interface Reading {
  bytes: number
  readonly refuse: (error: RequestError) => void
}

/**
 * Bodies in memory. When all of them together are too large, the largest of those that have not yet arrived is refused, so that
 * slow clients can't keep others away.
 */
export class BodyReader {
  readonly #maxBody: number
  readonly #maxTotal: number
  readonly #readings = new Set<Reading>()
  readonly #held = new WeakMap<IncomingMessage, number>()
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
    const chunks: Buffer[] = []
    const reading: Reading = { bytes: 0, refuse: (error) => end(error) }
    const onData = (chunk: Buffer): void => {
      reading.bytes += chunk.length
      this.#total += chunk.length
      if (reading.bytes > this.#maxBody) return end(this.#tooLarge())
      chunks.push(chunk)
      if (this.#total > this.#maxTotal) this.#refuseLargest()
    }
    const onEnd = (): void => {
      if (declared !== undefined && declared !== reading.bytes)
        return end(badRequest(`Expected a body of ${declared} bytes, got ${reading.bytes}.`))
      end(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, reading.bytes))
    }
    const onBroken = (): void => end(badRequest('The connection ended before the body did.'))
    const end = (error: Error | null, body?: Buffer): void => {
      if (!this.#readings.delete(reading)) return
      payload.off('data', onData)
      payload.off('end', onEnd)
      payload.off('error', onBroken)
      payload.off('close', onBroken)
      if (error === null) this.#held.set(request, reading.bytes)
      else {
        this.#total -= reading.bytes
        // What still comes is thrown away until the connection is closed.
        payload.on('error', () => {})
      }
      done(error, body)
    }
    this.#readings.add(reading)
    payload.on('data', onData)
    payload.on('end', onEnd)
    payload.on('error', onBroken)
    payload.on('close', onBroken)
  }

  /** Forgets the body of a request that has its answer. */
  release(request: IncomingMessage): void {
    const bytes = this.#held.get(request)
    if (bytes === undefined) return
    this.#held.delete(request)
    this.#total -= bytes
  }

  #refuseLargest(): void {
    let largest: Reading | undefined
    for (const reading of this.#readings)
      if (largest === undefined || reading.bytes > largest.bytes) largest = reading
    largest?.refuse(
      unavailable(429, `Bodies of other requests fill the ${this.#maxTotal} bytes that there are.`),
    )
  }

  #tooLarge(): RequestError {
    const text = `Expected a body of at most ${this.#maxBody} bytes, got more. Send fewer rows, or start the server with a larger --max-body.`
    return new RequestError(413, text)
  }
}
