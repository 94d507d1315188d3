// The import rules of docs/architecture.md. `npm run imports` fails on any of them.

/** npm package -> the only places that may import it. */
const packageHomes = {
  '@azure/': '^src/clients/arm/',
  ssh2: '^src/(clients/ssh|lab)/|^src/config/ssh-key',
  dockerode: '^src/clients/docker-engine/',
  protobufjs: '^src/clients/docker-engine/',
  '@balena/dockerignore': '^src/host/',
  commander: '^src/(program|commands/)',
  pino: '^src/output/log',
  selfsigned: '^src/lab/',
  undici: '^src/(clients|lab)/',
  tar: '^src/(clients|host|benchmark|lab)/',
  'tar-stream': '^src/(clients|host|benchmark|lab)/',
  pngjs: '^src/(health|lab|clients/qmp|benchmark/report)/',
  picocolors: '^src/output/',
  'proper-lockfile': '^src/(state/|lab/lab-handle)',
  'write-file-atomic': '^src/(state|lab|clients|benchmark)/',
  yaml: '^src/(config/|layers/vm/|lab/|benchmark/task-file\\.)',
};

/** What is wired up by the composition root alone: everything in these folders but types. */
const implementations = '^src/(clients|lab)/';
const compositionRoot = '^src/(cli|runtime)';
/** The commands that start, stop and show the lab itself, and the demo, which lives in one. */
const labCommands = '^src/commands/(lab-|demo)';

/** Decide from their arguments alone: no clock, no input or output, no chance of their own. */
const pure =
  '^src/(events/reducer|output/paint|retry/backoff|failures/|lab/world/|lab/faults/|benchmark/scoring|health/deadline|health/wait-for)';
const ioModules =
  '^(node:)?(fs|net|tls|http|https|http2|dns|dgram|child_process|worker_threads|cluster|os|readline|timers|inspector)(/|$)';

const packageRules = Object.entries(packageHomes).map(([name, home]) => ({
  name: `package-${name.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}-stays-home`,
  comment: `${name} is known in ${home} only; everywhere else it is behind an interface of ours.`,
  severity: 'error',
  from: { path: '^src/', pathNot: home },
  to: { path: `node_modules/(@types/)?${name}${name.endsWith('/') ? '' : '/'}`, dependencyTypesNot: ['npm-no-pkg'] },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      // A handler that is loaded on demand may know the table that names it.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nothing imports is dead, or a piece that was never connected.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/cli\\.ts$' },
      to: {},
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      comment: 'It would only be there by the grace of another package.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-package-in-product',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'layer-imports-no-other-layer',
      comment: 'What a layer needs from the one below arrives as its typed input (layers/io.ts).',
      severity: 'error',
      from: { path: '^src/layers/([^/]+)/' },
      to: { path: '^src/layers/[^/]+/', pathNot: '^src/layers/$1/' },
    },
    {
      name: 'layer-imports-contracts-only',
      severity: 'error',
      from: { path: '^src/layers/[^/]+/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(layers|azure|health|retry|failures|events|clock|config|host)/|^src/preflight/(check|outcomes)\\.ts$|^src/clients/|^src/(counted|money)\\.ts$',
      },
    },
    {
      name: 'layer-knows-clients-as-types',
      comment:
        'A layer is given its clients; it never makes one. Pure helpers (URLs, parsing) may sit beside the interface.',
      severity: 'error',
      from: { path: '^src/layers/' },
      to: { path: implementations, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'azure-knows-contracts-only',
      comment: 'What layers and deployments both do with Azure; it stands below either.',
      severity: 'error',
      from: { path: '^src/azure/' },
      to: { path: '^src/', pathNot: '^src/(azure|health|retry|failures|clock|clients)/' },
    },
    {
      name: 'deployment-knows-layers-as-types',
      comment: 'A deployment says what a worker shall be; walking its layers is for operations.',
      severity: 'error',
      from: { path: '^src/deployment/' },
      to: { path: '^src/layers/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'walk-and-preflight-know-contracts-only',
      severity: 'error',
      from: { path: '^src/(layers/[^/]+\\.ts|preflight/[^/]+\\.ts)$' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(layers/[^/]+\\.ts|preflight/[^/]+\\.ts|azure/|health/|retry/|failures/|events/|clock/|config/|state/checkpoint)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-the-composition-root-builds-clients',
      severity: 'error',
      from: { path: '^src/', pathNot: `${compositionRoot}|${implementations}` },
      // keys.ts reads the user's own key files; it opens no connection.
      to: { path: '^src/clients/', pathNot: '^src/clients/ssh/keys\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-composition-root-knows-the-lab',
      severity: 'error',
      from: { path: '^src/', pathNot: `${compositionRoot}|${labCommands}|^src/lab/` },
      to: { path: '^src/lab/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'clients-do-not-know-the-lab',
      comment: 'The real clients run against the lab unmodified; knowing it would be cheating.',
      severity: 'error',
      from: { path: '^src/clients/' },
      to: { path: '^src/(lab|commands|layers/[^/]+/|output|deployment|benchmark)/' },
    },
    {
      name: 'nothing-below-knows-commands-or-output',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(commands/|operations/|output/|program|execute|runtime|cli)' },
      to: { path: '^src/(commands|output)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'world-knows-no-wire',
      severity: 'error',
      from: { path: '^src/lab/world/' },
      to: { path: '^src/lab/(wire|process|lab-process)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-code-does-no-io',
      severity: 'error',
      from: { path: pure },
      to: { path: ioModules, dependencyTypes: ['core'] },
    },
    {
      name: 'product-knows-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    moduleSystems: ['es6', 'cjs'],
  },
};
