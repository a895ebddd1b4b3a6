/** Quotes a command as you would type it in a shell. */

/** `['node', 'my fit.js', '']` is `node 'my fit.js' ''`. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(' ')
}

function quote(word: string): string {
  if (/^[\w@%+=:,./~^-]+$/.test(word)) return word
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
