/** What signs containers; apart, so that only who needs it loads node:crypto. */

export { digestContainer, signContainer } from './sign-container.ts'
