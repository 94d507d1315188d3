// The house rules a machine can check. What the import rules allow stands in .dependency-cruiser.cjs.
import tseslint from 'typescript-eslint';

const typescript = ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'vitest.config.ts'];

/** Where the outside world begins: here alone are the process, the terminal, wall-clock time and chance allowed. */
const edges = [
  'src/cli.ts',
  'src/clients/**/*.ts',
  'src/clock/**/*.ts',
  'src/lab/lab-process*.ts',
  'src/lab/process/**/*.ts',
];

const syntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  { selector: 'TSEnumDeclaration', message: 'A union of string literals instead of an enum.' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Modules instead of namespaces.' },
  {
    selector:
      ':matches(ForStatement, ForInStatement, ForOfStatement, WhileStatement, DoWhileStatement) VariableDeclaration[kind=/using$/]',
    message: 'esbuild keeps the error of a round with `using` for the rounds after it: give the round a function.',
  },
];
const hiddenTime = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Time comes from the Clock.' },
  { selector: 'CallExpression[callee.name="Date"]', message: 'Time comes from the Clock.' },
];
const clockInstead = 'Time comes from the injected Clock.';

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'node_modules/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-len': [
        'error',
        { code: 130, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true },
      ],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...syntax],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A caught unknown is passed on as it is; our own errors come from fail() and are WaaErrors.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true, allowRethrowing: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // An implementation of an async interface need not await anything.
      '@typescript-eslint/require-await': 'off',
      // Our objects are closures: a method taken from one needs no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // tsconfig's noPropertyAccessFromIndexSignature asks for the brackets.
      '@typescript-eslint/dot-notation': 'off',
      // A type parameter used once still ties a call to a type at the catalogue's helpers.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // `Readonly<Record<never, string>>` is meant: a failure without parameters.
      '@typescript-eslint/no-generated-empty-object-type': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: edges,
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Only the edges touch the process; pass in what is needed.' },
        { name: 'setTimeout', message: clockInstead },
        { name: 'setInterval', message: clockInstead },
        { name: 'performance', message: clockInstead },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: clockInstead },
        { object: 'Math', property: 'random', message: 'Chance is passed in.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:process', message: 'Only the edges touch the process.' },
            { name: 'node:timers', message: clockInstead },
            { name: 'node:timers/promises', message: clockInstead },
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...syntax, ...hiddenTime],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'vi', property: 'mock', message: 'Pass a real stand-in instead of replacing a module.' },
        ...['it', 'test', 'describe'].flatMap((object) => [
          { object, property: 'only', message: 'It would switch every other test off.' },
          { object, property: 'todo', message: 'Write the test, or leave it out.' },
        ]),
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // expect.any() and expect.objectContaining() are typed any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  { files: ['vitest.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
