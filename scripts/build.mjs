// Bundles the command into dist/. Runs as npm's `prepare`, so a fresh clone has a working `npx waa` after `npm ci`.
//
//   node scripts/build.mjs [--entry FILE] [--out DIR]
//
// One file for the start, chunks for what is imported lazily (Azure SDK, lab): `waa --help` must not pay for them.
import { build } from 'esbuild';
import { chmod, cp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { entry: { type: 'string' }, out: { type: 'string' } } });
const entry = resolve(values.entry ?? join(root, 'src/cli.ts'));
const out = resolve(values.out ?? join(root, 'dist'));
const bin = join(out, 'waa.js');

/**
 * What is worth bundling: packages of the start-up path, and the Azure SDK (thousands of small files). The rest is
 * loaded from node_modules: native add-ons (ssh2), packages that read files of their own (dockerode), and CommonJS
 * packages, whose named exports a bundle does not offer to `import()`.
 */
const bundled = ['commander', 'picocolors', 'zod', 'yaml', 'execa'];
const isBundled = (name) => bundled.includes(name) || name.startsWith('@azure/');

/** Data that ships beside the code: [in the tree, in dist]. */
const assets = [
  ['src/host/scripts', 'host'],
  ['tasks', 'tasks'],
  ['images/waa-auto', 'image'],
];

/** Bundled CommonJS packages call `require` for Node's own modules, which an ES module does not have. */
const requireShim =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** `(await import('yaml')).parse` works in Node and is undefined in a bundle: refuse to build what would break there. */
function refuseDynamicCommonJs(inputs) {
  for (const [from, { imports }] of Object.entries(inputs)) {
    for (const { kind, path } of imports) {
      if (kind !== 'dynamic-import' || inputs[path]?.format !== 'cjs') continue;
      throw new Error(`build: ${from} imports the CommonJS module ${path} with import(); import it statically there`);
    }
  }
}

/** A waa that runs keeps the chunks it was started with until the new ones are all there. */
async function removeStaleChunks(outputs) {
  const fresh = new Set(Object.keys(outputs).map((file) => resolve(root, file)));
  for (const name of await readdir(out)) {
    if (name.startsWith('part-') && !fresh.has(join(out, name))) await rm(join(out, name));
  }
}

/** The entry alone carries the shebang; a chunk is never started by itself. */
async function makeExecutable() {
  const code = await readFile(bin, 'utf8');
  await writeFile(bin, code.startsWith('#!') ? code : `#!/usr/bin/env node\n${code}`);
  await chmod(bin, 0o755);
}

if (!(await exists(entry))) {
  console.error(`build: the entry ${relative(process.cwd(), entry)} does not exist`);
  process.exit(1);
}
const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const { metafile } = await build({
  entryPoints: { waa: entry },
  outdir: out,
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: [...Object.keys(dependencies).filter((name) => !isBundled(name)), 'cpu-features'],
  metafile: true,
  // Beside the entry: `new URL('./host/', import.meta.url)` means the same folder in every piece.
  chunkNames: 'part-[name]-[hash]',
  banner: { js: requireShim },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  logLevel: 'warning',
});
refuseDynamicCommonJs(metafile.inputs);
await removeStaleChunks(metafile.outputs);
await makeExecutable();
for (const [from, to] of assets) {
  if (await exists(join(root, from))) await cp(join(root, from), join(out, to), { recursive: true });
}
