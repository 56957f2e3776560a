/**
 * House rules, per folder. The layer directions are in .dependency-cruiser.cjs; test/unit/tooling/planted-violations.test.ts
 * proves that both bite. A ban names what to use instead: a message without a replacement is half a rule.
 */
import js from '@eslint/js';
import lit from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import wc from 'eslint-plugin-wc';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const PURE_FOLDERS = [
  'kernel',
  'identity',
  'overlay',
  'replication',
  'consensus',
  'governance',
  'work',
  'board',
  'node',
];
const PURE_FILES = PURE_FOLDERS.map((folder) => `src/${folder}/**/*.ts`);

/** Pure files that may produce JSON text, because people or other programs read it and nobody signs it. */
const JSON_TEXT_FILES = ['src/board/**/export*.ts'];

const ban = (message, names) => names.map((name) => ({ name, message }));

const CLOCK_AND_TIMER_GLOBALS = [
  ...ban('Take `now: Instant` as an argument; wall-clock time enters only as a field of a command.', [
    'Date',
    'performance',
  ]),
  ...ban('Return an `arm` effect; the driver owns timers.', [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'clearTimeout',
    'clearInterval',
    'queueMicrotask',
    'requestAnimationFrame',
    'requestIdleCallback',
  ]),
];

const PURE_GLOBALS = [
  ...CLOCK_AND_TIMER_GLOBALS,
  ...ban('Use `digest` of src/kernel/hash.ts, a `sign` effect, or `Protocol.checks`.', ['crypto']),
  ...ban('Return an effect and take its answer as an input; pure folders have no promises.', [
    'Promise',
    'PromiseLike',
    'AbortController',
    'AbortSignal',
  ]),
  ...ban('Copy the fields by name, or encode and decode.', ['structuredClone']),
  ...ban('Return a `send` or `dial` effect; the edges own the network.', [
    'fetch',
    'WebSocket',
    'XMLHttpRequest',
    'EventSource',
    'RTCPeerConnection',
    'RTCDataChannel',
    'BroadcastChannel',
    'MessageChannel',
    'Worker',
    'SharedWorker',
  ]),
  ...ban('Pure folders know no page: take the value as a field of a command or emit an event.', [
    'document',
    'window',
    'self',
    'globalThis',
    'navigator',
    'location',
    'history',
    'process',
  ]),
  ...ban('Return a `persist` effect; src/storage owns durable state.', [
    'indexedDB',
    'localStorage',
    'sessionStorage',
    'caches',
  ]),
  ...ban('Return an `emit` effect; the driver keeps the trace.', ['console']),
  ...ban('Results depend on the locale: compare with `<` or format in src/ui.', ['Intl']),
  ...ban('Garbage collection is not deterministic: own the lifetime.', ['WeakRef', 'FinalizationRegistry']),
];

const RANDOM = {
  object: 'Math',
  property: 'random',
  message:
    'Use the `Random` you were given (src/kernel/random.ts); keys and nonces come from WebCrypto in src/runtime.',
};

const TRANSCENDENTAL = [
  ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2'],
  ...['sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh'],
  ...['exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'pow', 'cbrt', 'hypot'],
].map((property) => ({
  object: 'Math',
  property,
  message: 'Engines round this differently: use integers, fixed point or a table, so that all peers agree.',
}));

const JSON_TEXT = {
  object: 'JSON',
  property: 'stringify',
  message: 'Key order and number text are not canonical: use the codec of src/kernel/codec.ts.',
};

const LOCALE_PROPERTIES = [
  'localeCompare',
  'toLocaleString',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
  'toLocaleDateString',
  'toLocaleTimeString',
].map((property) => ({
  property,
  message: 'Results depend on the locale: compare code units with `<`, or format in src/ui.',
}));

const NO_THROW = {
  selector: 'ThrowStatement',
  message:
    "Refuse other people's input with a `Result` code; for our own mistakes call `invariant` or `unreachable`.",
};

const NO_ASYNC = [
  {
    selector: ':function[async=true]',
    message: 'Return an effect and take its answer as an input; pure folders are synchronous.',
  },
  {
    selector: 'AwaitExpression, ForOfStatement[await=true]',
    message: 'Return an effect and take its answer as an input; pure folders are synchronous.',
  },
  {
    selector: 'ImportExpression',
    message: 'Import statically: a dynamic import is a promise.',
  },
  {
    selector: 'BinaryExpression[operator="**"]:not([left.type="Literal"][right.type="Literal"])',
    message: 'Engines round this differently: use integers, shifts or a table.',
  },
];

const NO_ASYNC_TYPES = {
  selector: 'TSTypeReference[typeName.name=/^(?:Promise|PromiseLike|AbortSignal|AbortController|Date)$/]',
  message: 'Return an effect and take its answer as an input; a pure interface names no promise and no date.',
};

/** The pure zone: what the machines are written in. */
const pureRules = ({ mayThrow = false, mayWriteJson = false, mayNamePromises = false } = {}) => ({
  'no-restricted-globals': ['error', { globals: PURE_GLOBALS, checkGlobalObject: true }],
  'no-restricted-properties': [
    'error',
    RANDOM,
    ...TRANSCENDENTAL,
    ...LOCALE_PROPERTIES,
    ...(mayWriteJson ? [] : [JSON_TEXT]),
  ],
  'no-restricted-syntax': [
    'error',
    ...NO_ASYNC,
    ...(mayNamePromises ? [] : [NO_ASYNC_TYPES]),
    ...(mayThrow ? [] : [NO_THROW]),
  ],
});

const RELATIVE_WITHOUT_EXTENSION = {
  regex: '^\\.{1,2}/(?!.*\\.(?:ts|js|mjs|cjs|json|css|svg)(?:\\?.*)?$)',
  message: 'Write the file extension: `./name.ts`.',
};

const SIZE_RULES = {
  'max-lines': ['error', { max: 500 }],
  'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
  'max-depth': ['error', 3],
};

/** Choices within typescript-eslint's strict and stylistic sets, for every TypeScript file. */
const TYPESCRIPT_RULES = {
  '@typescript-eslint/consistent-type-imports': [
    'error',
    { prefer: 'type-imports', fixStyle: 'inline-type-imports' },
  ],
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
  ],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  '@typescript-eslint/no-unnecessary-condition': [
    'error',
    { allowConstantLoopConditions: 'only-allowed-literals' },
  ],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  // A promise-returning port may have an implementation that has nothing to wait for.
  '@typescript-eslint/require-await': 'off',
  // Unions are types and contracts are interfaces; a rule cannot tell which is meant.
  '@typescript-eslint/consistent-type-definitions': 'off',
  '@typescript-eslint/no-empty-function': 'off',
  // Spreading a text gives its code points, which is what it is done for.
  '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
  // Its suggestion is the non-null `!`, which we do not use.
  '@typescript-eslint/non-nullable-type-assertion-style': 'off',
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [RELATIVE_WITHOUT_EXTENSION] }],
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-var': 'error',
  'prefer-const': 'error',
  'no-console': 'error',
  'no-restricted-properties': ['error', RANDOM],
  'no-restricted-exports': [
    'error',
    {
      restrictDefaultExports: {
        direct: true,
        named: true,
        defaultFrom: true,
        namedFrom: true,
        namespaceFrom: true,
      },
    },
  ],
};

const TEST_FUNCTIONS = ['it', 'test', 'describe'];
const TEST_SHORTCUTS = ['only', 'skip', 'todo', 'skipIf', 'runIf', 'fails'];
const TEST_PROPERTIES = TEST_FUNCTIONS.flatMap((object) =>
  TEST_SHORTCUTS.map((property) => ({
    object,
    property,
    message: 'Every test runs every time and passes: fix it or delete it.',
  })),
);

const NO_PAGE_SLEEP = {
  property: 'waitForTimeout',
  message: 'Wait for an event or a condition (page.waitForFunction, locator.waitFor), never for time.',
};
const NO_RETRY = {
  selector:
    'CallExpression[callee.name=/^(?:it|test|describe)$/] > ObjectExpression > Property[key.name=/^(?:retry|repeats)$/]',
  message: 'A flaky test is a bug in the seam: fix the seam.',
};
const NO_SLEEP = {
  selector:
    ':matches(ArrowFunctionExpression, FunctionExpression) > [callee.name="setTimeout"][arguments.0.type="Identifier"], BlockStatement > ExpressionStatement > CallExpression[callee.name="setTimeout"][arguments.0.type="Identifier"]',
  message: 'Wait for an event or a condition: test/support/wait-until.ts.',
};
const NO_TIMER_IMPORTS = {
  group: ['node:timers', 'node:timers/promises', 'timers', 'timers/promises'],
  message: 'Wait for an event or a condition: test/support/wait-until.ts.',
};

const testRules = {
  'no-restricted-properties': ['error', RANDOM, NO_PAGE_SLEEP, ...TEST_PROPERTIES],
  'no-restricted-syntax': ['error', NO_RETRY, NO_SLEEP],
  '@typescript-eslint/no-restricted-imports': [
    'error',
    { patterns: [RELATIVE_WITHOUT_EXTENSION, NO_TIMER_IMPORTS] },
  ],
};

const TEST_TIMER_GLOBALS = ban(
  'Tests take no time: step the machine or the simulated clock, or await the event.',
  ['setTimeout', 'setInterval', 'setImmediate'],
);

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.cache/', 'test-results/', 'test/wire/frozen/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.node.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: TYPESCRIPT_RULES,
  },
  { files: ['src/**/*.ts', 'signaling/**/*.ts', 'verify/**/*.ts'], rules: SIZE_RULES },

  { files: PURE_FILES, rules: pureRules() },
  // The recorder hands on what the node throws.
  { files: ['src/kernel/invariant.ts', 'src/node/recorder.ts'], rules: pureRules({ mayThrow: true }) },
  // The contracts that the edges fulfil: they name promises, and nothing here makes or awaits one.
  { files: ['src/kernel/ports.ts'], rules: pureRules({ mayNamePromises: true }) },
  { files: JSON_TEXT_FILES, rules: pureRules({ mayWriteJson: true }) },
  {
    // The simulated world is as deterministic as what it simulates; only its entry point talks to the process.
    files: ['src/sim/**/*.ts'],
    ignores: ['src/sim/{main,replay-main}.ts'],
    rules: {
      'no-restricted-globals': ['error', { globals: CLOCK_AND_TIMER_GLOBALS, checkGlobalObject: true }],
      'no-restricted-properties': ['error', RANDOM, ...TRANSCENDENTAL, ...LOCALE_PROPERTIES],
    },
  },
  {
    // The rules of the signaling rooms take the time as an argument and touch no socket.
    files: ['signaling/rooms.ts'],
    rules: pureRules({ mayWriteJson: true }),
  },
  {
    files: ['src/ui/**/*.ts'],
    extends: [lit.configs['flat/recommended'], wc.configs['flat/best-practice'], litA11y.configs.recommended],
    settings: { litHtmlSources: true },
    rules: {
      // Safari forgets that a list without bullets is a list unless its role is written down.
      'lit-a11y/no-redundant-role': 'off',
      // A dialog that opens has to say where the keyboard is; that is what the attribute is for.
      'lit-a11y/no-autofocus': 'off',
      'lit/no-invalid-escape-sequences': 'error',
      'lit/no-legacy-imports': 'error',
      'lit/no-this-assign-in-render': 'error',
      'lit/no-useless-template-literals': 'error',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            RELATIVE_WITHOUT_EXTENSION,
            {
              group: ['lit/directives/unsafe-*', 'lit-html/directives/unsafe-*'],
              message: 'Text of other people is never markup: bind it, and lit escapes it.',
            },
          ],
        },
      ],
    },
  },

  { files: ['test/**/*.ts'], rules: testRules },
  {
    files: ['test/{unit,contract,scenario,sim,wire}/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', { globals: TEST_TIMER_GLOBALS, checkGlobalObject: true }],
    },
  },
  {
    // The one place that may poll, with a deadline.
    files: ['test/support/wait-until.ts'],
    rules: { 'no-restricted-syntax': ['error', NO_RETRY] },
  },

  {
    // Entry points of the command line, and the driver, which tells the person that the node has stopped.
    files: [
      'src/runtime/**/*.ts',
      'src/sim/{main,replay-main}.ts',
      'signaling/{main,dev}.ts',
      'verify/main.ts',
      'bench/**/*.ts',
      'test/support/{run-*,check-*}.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  { files: ['*.config.{ts,js}'], rules: { 'no-restricted-exports': 'off' } },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable', require: 'readonly' } },
  },
);
