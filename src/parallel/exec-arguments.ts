/** Which of this process's Node options its workers get. */

/** Options that start something else than a program, or that only one process can have. */
const notForProcesses =
  /^(--inspect|--debug|--test|--experimental-test|--watch|--input-type|--eval|--print|--check|--interactive|--run|--build-snapshot|-e$|-p$|-pe$|-c$|-i$)/

/** Options that a thread may have of its own; all others are refused or belong to the process. */
const forThreads =
  /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--enable-source-maps|--no-warnings|--disable-warning|--trace-warnings|--no-deprecation|--unhandled-rejections|--preserve-symlinks)(=|$)/

/** Options of Node and environment for a worker process. */
export function processArguments(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  const env = environment()
  if (env['NODE_OPTIONS'] !== undefined) {
    env['NODE_OPTIONS'] = env['NODE_OPTIONS'].replaceAll(/(^|\s)--inspect\S*/g, '')
  }
  return { execArgv: selectOptions(process.execArgv, (name) => !notForProcesses.test(name)), env }
}

/**
 * Options and environment for a worker thread: all of the process's, unless `--input-type` is among
 * them, with which no thread can start from a file.
 */
export function threadArguments(): { execArgv?: string[]; env: NodeJS.ProcessEnv } {
  const env = environment()
  if (!process.execArgv.some((argument) => argument.startsWith('--input-type'))) return { env }
  return { execArgv: selectOptions(process.execArgv, (name) => forThreads.test(name)), env }
}

/**
 * The options whose names pass, with their values.
 *
 * @param options - such as `process.execArgv`: an option's value is a word of its own or follows `=`
 */
export function selectOptions(
  options: readonly string[],
  passes: (name: string) => boolean,
): string[] {
  const selected: string[] = []
  let isSelected = false
  let isCode = false
  for (const option of options) {
    const isValue: boolean = isCode || !option.startsWith('-')
    if (!isValue) isSelected = passes(option)
    if (isSelected) selected.push(option)
    isCode = !isValue && /^(-e|-p|-pe|--eval|--print)$/.test(option)
  }
  return selected
}

/** A worker is no part of the test run that its parent may be. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return env
}
