/** The command `onecopy cache`: what a cache folder holds, and deleting. */

import { durationOf, newCommand } from './command.ts'

/** Makes the command; what reads folders is loaded when it runs. */
export function cacheCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('cache')
    .summary('list, sum up or delete results that cached functions keep')
    .description(
      'Works on a folder in which cached functions of onecopy/cache keep results. Other processes may use it meanwhile: who has a result open keeps it.',
    )
    .helpCommand(false)
    .addHelpText('after', examples)
    .addCommand(infoCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand())
  return command
}

function infoCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('info')
    .summary('sum up results by function')
    .description(
      'Says for each function how many results there are, their bytes, and when one was used last.',
    )
    .argument('<folder>', 'folder of a cache')
    .option('--json', 'print the figures as JSON on stdout, and nothing else')
    .action(async (folder, { json }) => {
      const [{ cacheInfo }, { formatInfo }] = await Promise.all([
        import('../../cache/index.ts'),
        import('../output/cache-tables.ts'),
      ])
      const info = cacheInfo(folder)
      process.stdout.write(`${json ? JSON.stringify(info, undefined, 2) : formatInfo(info)}\n`)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

function listCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('ls')
    .summary('list results, those used last first')
    .description(
      'Lists results with their arguments, as types and shapes, and how long they took to compute.',
    )
    .argument('<folder>', 'folder of a cache')
    .option('--name <name>', 'only results of functions of this name')
    .option('--json', 'print the list as JSON on stdout, and nothing else')
    .action(async (folder, { json, name }) => {
      const [{ listCache }, { formatItems }] = await Promise.all([
        import('../../cache/index.ts'),
        import('../output/cache-tables.ts'),
      ])
      const items = listCache(folder).filter((item) => name === undefined || item.name === name)
      process.stdout.write(`${json ? JSON.stringify(items, undefined, 2) : formatItems(items)}\n`)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

function removeCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('rm')
    .summary('delete results')
    .description('Deletes all results, or those that all given options are true of. Says how many.')
    .argument('<folder>', 'folder of a cache')
    .option('--name <name>', 'only results of functions of this name')
    .option(
      '--unused-for <time>',
      'only results that nobody has used for this long, such as 90min or 24h',
      durationOf('--unused-for'),
    )
    .option('--json', 'print what was deleted as JSON on stdout, and nothing else')
    .action(async (folder, { json, name, unusedFor }) => {
      const [{ clearCache }, { formatDeleted }] = await Promise.all([
        import('../../cache/index.ts'),
        import('../output/cache-tables.ts'),
      ])
      const deleted = clearCache(folder, {
        ...(name !== undefined && { name }),
        ...(unusedFor !== undefined && { unusedForMs: unusedFor }),
      })
      process.stdout.write(`${json ? JSON.stringify(deleted) : formatDeleted(deleted)}\n`)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

const examples = `
Examples:
  onecopy cache info .cache
  onecopy cache ls .cache --name similarity
  onecopy cache rm .cache --unused-for 168h`
