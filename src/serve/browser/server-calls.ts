/** What the page asks its server for. */

/** One input or output of a model. */
export interface Tensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
}

/** A model as `/v2/models` describes it. */
export interface Model {
  readonly name: string
  readonly versions: readonly string[]
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly parameters: {
    readonly kind: string
    readonly classes?: readonly (string | number | boolean)[]
    readonly categories?: Readonly<Record<string, readonly string[]>>
  }
}

/** The answer of `/predict`. */
export interface Answer {
  readonly predictions: readonly unknown[]
  readonly classes?: readonly (string | number | boolean)[]
  readonly probabilities?: readonly (readonly number[])[]
}

/** The server wants a key that the page doesn't have. */
export class KeyNeeded extends Error {}

/** The page may be under a prefix, with or without a slash at its end. */
const base = location.pathname.replace(/\/*$/, '/')

let key = ''

/** Sets the key that is sent from now on; it is kept in this page only. */
export function useKey(given: string): void {
  key = given
}

/** The address of a path of the server, for people to copy. */
export function addressOf(path: string): string {
  return location.origin + base + path
}

/**
 * Calls the server.
 *
 * @throws KeyNeeded, Error with the server's own text
 */
export async function call(path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
  const request: RequestInit = { headers }
  if (body !== undefined) {
    headers['content-type'] = 'application/json'
    request.method = 'POST'
    request.body = JSON.stringify(body)
  }
  const response = await fetch(base + path, request)
  if (response.ok) return response
  const { error } = (await response.json()) as { readonly error: string }
  throw response.status === 401 ? new KeyNeeded(error) : new Error(error)
}
