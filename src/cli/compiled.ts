/**
 * What Bun compiles ahead, two commands in one program, since most of it is Bun: the name that it is started by says which (native/front/). Each loads what is its
 * own.
 */
if (process.argv0 === 'boxwright') await import('./hot.ts')
else await import('./runc/compiled.ts')
