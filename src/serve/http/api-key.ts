/** Checks the API key of requests. */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { RequestError } from './request-error.ts'

/** Refuses requests without the key. The time that it takes tells nothing about the key. */
export class ApiKey {
  readonly #digest: Buffer

  constructor(key: string) {
    this.#digest = digestOf(key)
  }

  /**
   * Checks the headers of a request: `Authorization: Bearer KEY`, or `X-API-Key: KEY`.
   *
   * @throws RequestError 401
   */
  require({ authorization, 'x-api-key': own }: IncomingHttpHeaders): void {
    const [, bearer] = /^bearer +(.+)$/i.exec(authorization ?? '') ?? []
    const given = bearer ?? (typeof own === 'string' ? own : undefined)
    if (given !== undefined && this.#isKey(given)) return
    const text =
      given === undefined
        ? 'Expected an API key in the header `Authorization: Bearer KEY` or `X-API-Key: KEY`, got none.'
        : 'Expected the API key of this server, got another one.'
    throw new RequestError(401, text, { 'www-authenticate': 'Bearer realm="onecopy"' })
  }

  /** Headers come as texts of Latin-1; letters beyond ASCII may have been sent so, or as UTF-8. */
  #isKey(given: string): boolean {
    const isText = timingSafeEqual(digestOf(given), this.#digest)
    const isUtf8 = timingSafeEqual(digestOf(Buffer.from(given, 'latin1')), this.#digest)
    return isText || isUtf8
  }
}

/** Digests have one length, whatever the length of the key. */
function digestOf(key: string | Buffer): Buffer {
  return createHash('sha256').update(key).digest()
}
