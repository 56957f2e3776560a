/**
 * The direction of dependencies (DESIGN section 3, ARCHITECTURE.md) as data. `layers` says which folders of src/ a folder
 * may import, `packages` which folders may import a package. Everything that is not listed is forbidden, type-only
 * imports included. test/unit/tooling/planted-violations.test.ts proves that these rules bite.
 */

const FIVE = ['overlay', 'replication', 'consensus', 'work', 'board'];
const PURE = ['kernel', 'identity', ...FIVE, 'governance', 'node'];

/** Folder -> folders it may import, besides itself. */
const layers = {
  kernel: [],
  identity: ['kernel'],
  // The five never import each other: each declares the ports it needs and node/ joins them.
  overlay: ['kernel', 'identity'],
  replication: ['kernel', 'identity'],
  consensus: ['kernel', 'identity'],
  work: ['kernel', 'identity'],
  board: ['kernel', 'identity'],
  governance: ['kernel', 'identity', ...FIVE],
  node: ['kernel', 'identity', ...FIVE, 'governance'],
  sim: PURE,
  runtime: ['kernel', 'identity', 'node'],
  transport: ['kernel', 'identity'],
  storage: ['kernel'],
  scratch: ['kernel', 'board'],
  ui: ['kernel', 'board'],
  app: [...PURE, 'runtime', 'transport', 'storage', 'scratch', 'ui'],
};

/** Files outside src/ that a folder of src/ may import. */
const outside = { transport: ['signaling/protocol\\.ts'] };

/** Package -> the folders that may import it. A package that is missing here may be imported by nobody under src/ or signaling/. */
const packages = {
  '@noble/hashes': ['kernel'],
  // The simulator's hostile peers write updates that no editor writes.
  yjs: ['replication', 'board', 'scratch', 'sim'],
  'y-webrtc': ['scratch'],
  'y-protocols': ['scratch'],
  'fractional-indexing': ['board'],
  'simple-peer': ['transport'],
  idb: ['storage'],
  lit: ['ui'],
  '@lit/context': ['ui'],
  '@tanstack/lit-virtual': ['ui'],
  'lean-qr': ['ui'],
  'd3-force': ['ui'],
  uplot: ['ui'],
  marked: ['ui'],
  dompurify: ['ui'],
  valibot: ['app', 'signaling'],
  ws: ['signaling'],
};

const SOURCE = '^(?:src|signaling|verify|test|bench)/';
const folder = (name) => (name === 'signaling' ? 'signaling/' : `src/${name}/`);
const packagePath = (names) => `(?:^|/)node_modules/(?:@types/)?(?:${names.join('|')})(?:/|$)`;
const packagesOf = (name) => Object.keys(packages).filter((key) => packages[key].includes(name));

const layerRule = ([name, allowed]) => ({
  name: `layer-${name}`,
  comment: `src/${name} may import ${allowed.length === 0 ? 'nothing' : allowed.join(', ')}. Declare the port you need and let src/node or src/app join it.`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: {
    path: SOURCE,
    pathNot: [
      `^src/(?:${[name, ...allowed].join('|')})/`,
      ...(outside[name] ?? []).map((path) => `^${path}$`),
    ],
  },
});

const packageRule = (name) => ({
  name: `packages-${name}`,
  comment: `${folder(name)} may import these packages: ${packagesOf(name).join(', ') || 'none'}. One library lives in one folder, behind a port.`,
  severity: 'error',
  from: {
    path: `^${folder(name)}`,
    ...(name === 'signaling' ? { pathNot: '^signaling/(?:dev|precompress)\\.ts$' } : {}),
  },
  to: {
    path: '(?:^|/)node_modules/',
    ...(packagesOf(name).length === 0 ? {} : { pathNot: packagePath(packagesOf(name)) }),
  },
});

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(layerRule),
    {
      name: 'layer-unknown',
      comment:
        'A folder of src/ that has no row in the table above: add it to ARCHITECTURE.md and to this file.',
      severity: 'error',
      from: { path: `^src/(?!(?:${Object.keys(layers).join('|')})/)` },
      to: {},
    },
    {
      name: 'layer-signaling',
      comment: 'signaling/ knows only its own files: it introduces tabs and holds no data.',
      severity: 'error',
      from: { path: '^signaling/' },
      to: { path: SOURCE, pathNot: '^signaling/' },
    },
    {
      name: 'layer-verify',
      comment:
        'verify/ checks certificates offline: it knows what certificates are and how signatures are checked, and nothing that runs a board.',
      severity: 'error',
      from: { path: '^verify/' },
      to: {
        path: '(?:^|/)node_modules/|' + SOURCE,
        pathNot: ['^verify/', '^src/(?:kernel|identity|consensus|governance)/', '^src/runtime/crypto\\.ts$'],
      },
    },
    {
      name: 'sim-only-in-tests',
      comment: 'src/sim is the test world: only test/ and bench/ may import it.',
      severity: 'error',
      from: { path: '^(?:src|signaling|verify)/', pathNot: '^src/sim/' },
      to: { path: '^src/sim/' },
    },
    ...[...Object.keys(layers), 'signaling'].map(packageRule),
    {
      name: 'packages-signaling-dev',
      comment:
        'The development server and the build plug-in may import vite besides the packages of signaling/.',
      severity: 'error',
      from: { path: '^signaling/(?:dev|precompress)\\.ts$' },
      to: { path: '(?:^|/)node_modules/', pathNot: packagePath(['vite', ...packagesOf('signaling')]) },
    },
    {
      name: 'no-node-in-src',
      comment:
        'src/ runs in browsers: modules of Node.js belong in signaling/, test/, bench/ or the entry points and real keys of src/sim.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sim/(?:main|replay-main|ed25519)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circular',
      comment: 'A cycle has no bottom to start reading from: move what both need to a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports this file and it imports nothing: delete it, or connect it.',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^test/', '^bench/'] },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      comment: 'This import resolves to nothing.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-undeclared',
      comment: 'The package is not in package.json: it is here only because another package brought it.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-test-in-source',
      comment: 'What ships never imports what tests it.',
      severity: 'error',
      from: { path: '^(?:src|signaling|verify)/' },
      to: { path: '^(?:test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: '(?:^|/)node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'module', 'default', 'types'],
    },
    builtInModules: { add: [] },
    skipAnalysisNotInRules: false,
  },
};
