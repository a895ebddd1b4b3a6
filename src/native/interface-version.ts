/** Which functions of the C++ core this code calls. */

/** A hash of their declarations; native/build.mjs writes it here and into the core. */
export const interfaceVersion = 'a64d79902705'
