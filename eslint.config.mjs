/** What the compiler does not see: promises that nobody awaits, types that say nothing, files with a second idea in them. */
import { builtinModules } from 'node:module'
import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import ts from 'typescript-eslint'

const withoutPrefix = builtinModules
  .filter((name) => !name.startsWith('node:'))
  .map((name) => ({ name, message: `Say "node:${name}": a builtin is told from a package at a glance.` }))

/** `test()` gives a promise that the runner itself waits for. */
const NODE_TEST = { from: 'package', name: ['test', 'describe', 'it', 'suite'], package: 'node:test' }

const defaultExport = 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]'

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'work/'] },

  {
    files: ['**/*.{ts,mjs}'],
    extends: [js.configs.recommended],
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 300],
      'no-restricted-imports': ['error', { paths: withoutPrefix }],
      'no-restricted-syntax': ['error', { selector: defaultExport, message: 'Export it by its name.' }],
    },
  },

  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked],
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [NODE_TEST] }],
    },
    languageOptions: { parserOptions: { projectService: true } },
  },

  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly'])),
    },
  },

  {
    // These tools want a default export of their configuration.
    files: ['*.mjs', '.*.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
)
