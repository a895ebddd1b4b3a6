/** Writes a command as somebody would type it. */

/** `['node', 'my fit.js', '']` is `node 'my fit.js' ''`. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(' ')
}

function quote(word: string): string {
  if (/^[\w@%+=:,./~^-]+$/.test(word)) return word
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
