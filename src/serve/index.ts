/** A prediction service: models over HTTP. */

export {
  createServer,
  type ListenOptions,
  type Models,
  ModelServer,
  servePlugin,
} from './server/model-server.ts'
export type { AnyModel } from './model/served-model.ts'
export type { ServeOptions } from './server/serve-options.ts'
