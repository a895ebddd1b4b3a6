/** Which functions of the C++ core this code calls. */

/** A hash of their declarations; native/build.mjs writes it here and into the core. */
export const interfaceVersion = 'e1905e8bad3d'
