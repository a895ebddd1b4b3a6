/** Values as data, and the registry of classes whose instances are data. */

export { type ClassOf, type ClassRegistration, registerClass } from './class-registry.ts'
