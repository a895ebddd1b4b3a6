/** Refusals of requests, with their HTTP status. */

/** Why a request gets no answer but an error; its text is sent to the client. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** HTTP status, 400 to 599. */
  readonly statusCode: number
  /** Further headers of the answer, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>

  constructor(statusCode: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.statusCode = statusCode
    this.headers = headers
  }
}

/** A request that can't be understood, status 400. */
export function badRequest(message: string): RequestError {
  return new RequestError(400, message)
}

/** A server that can't take a request now; the client may try again after `retrySeconds`. */
export function unavailable(
  statusCode: 429 | 503,
  message: string,
  retrySeconds = 1,
): RequestError {
  return new RequestError(statusCode, message, { 'retry-after': String(retrySeconds) })
}
