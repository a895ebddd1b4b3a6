/** The forms in which people send rows and get predictions. */

import type { IncomingHttpHeaders } from 'node:http'
import { RequestError } from '../http/request-error.ts'

/** JSON, CSV, or NumPy's format for one array. */
export type RowForm = 'json' | 'csv' | 'npy'

/** Content types of the forms. */
export const contentTypes: Readonly<Record<RowForm, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  npy: 'application/x-npy',
}

/** Types that clients send when nobody has said one: `curl -d`, `fetch` with bytes. */
const vague = ['', 'application/x-www-form-urlencoded', 'application/octet-stream', 'text/plain']

/**
 * The form of a body: by its content type, or by its first byte where that says nothing.
 *
 * @throws RequestError 415
 */
export function formOfBody(
  { 'content-type': type = '' }: IncomingHttpHeaders,
  body: Buffer,
): RowForm {
  const media = type.split(';')[0]!.trim().toLowerCase()
  if (media === 'application/json' || media.endsWith('+json')) return 'json'
  if (media === 'text/csv') return 'csv'
  if (media === 'application/x-npy') return 'npy'
  if (vague.includes(media)) return sniff(body)
  throw new RequestError(
    415,
    `Expected a body of type application/json, text/csv or application/x-npy, got '${media.slice(0, 80)}'.`,
  )
}

function sniff(body: Buffer): RowForm {
  if (body[0] === 0x93) return 'npy'
  const first = body.find((byte) => byte > 0x20)
  return first === openList || first === openObject ? 'json' : 'csv'
}

const openList = 0x5b
const openObject = 0x7b

/**
 * The form of the answer: what the client accepts, best the form of its request.
 *
 * @throws RequestError 406
 */
export function formOfAnswer({ accept = '*/*' }: IncomingHttpHeaders, own: RowForm): RowForm {
  const wanted = accept
    .split(',')
    .map((part) => {
      const [media = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const quality = parameters.find((text) => text.startsWith('q='))?.slice(2)
      return { media, quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  for (const { media } of wanted) {
    if (media === '*/*') return own
    if (media === 'application/*') return own === 'csv' ? 'json' : own
    if (media === 'application/json') return 'json'
    if (media === 'text/csv' || media === 'text/*') return 'csv'
    if (media === 'application/x-npy') return 'npy'
  }
  throw new RequestError(
    406,
    `Expected \`Accept\` to name application/json, text/csv or application/x-npy, got '${accept.slice(0, 80)}'.`,
  )
}
