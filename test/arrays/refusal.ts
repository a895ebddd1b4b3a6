/** Expectations on errors. */

import { isOneCopyError } from '../../src/errors.ts'

/** For `assert.throws`: an error of onecopy's with this code whose text has these words. */
export function refusal(code: string, words: RegExp | string = ''): (error: unknown) => boolean {
  return (error) => {
    if (!isOneCopyError(error)) return false
    const fits =
      typeof words === 'string' ? error.message.includes(words) : words.test(error.message)
    return error.code === code && fits
  }
}
