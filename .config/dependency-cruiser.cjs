/** Who may import whom; STYLE in one file. */
const onlyIn = (name, module, homes) => ({
  name,
  severity: 'error',
  from: {
    path: '^(packages|services)/',
    pathNot: [...homes.map((home) => `^${home}/`), '\\.test\\.ts$', '/testing\\.ts$'],
  },
  to: { path: `node_modules/${module}/` },
})
/** What one would write by hand, to measure ours against. */
const yardsticks = 'packages/bench/src/(yardsticks|parts)'

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'services-never-import-services',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-never-import-services',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/simulation/' },
      to: { path: '^services/' },
    },
    {
      name: 'the-simulation-enters-services-by-their-testing-doors',
      severity: 'error',
      from: { path: '^packages/simulation/' },
      to: { path: '^services/', pathNot: '^services/[^/]+/(src|dist)/testing\\.' },
    },
    {
      name: 'nothing-imports-the-simulation',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: '^packages/simulation/' },
      to: { path: '^packages/simulation/' },
    },
    {
      name: 'foundation-imports-no-adapter',
      severity: 'error',
      from: { path: '^packages/(events|runtime)/' },
      to: { path: '^packages/', pathNot: '^packages/(events|runtime)/' },
    },
    {
      name: 'adapters-import-foundation-only',
      severity: 'error',
      from: {
        path: '^packages/(log|clickhouse|embedded-clickhouse|enrichment|sessions|protocols|sites)/',
        pathNot: '\\.test\\.ts$', // a store is tested against the engine, a log against a log
      },
      to: {
        path: '^packages/',
        pathNot: ['^packages/(events|runtime)/', '^packages/$1/'],
      },
    },
    {
      name: 'borders-are-crossed-through-doors',
      severity: 'error',
      from: { path: '^(packages|services)/([^/]+)/' },
      to: {
        path: '^packages/[^/]+/(src|dist)/',
        pathNot: ['^packages/[^/]+/(src|dist)/(index|testing)\\.', '^$1/$2/'],
      },
    },
    onlyIn('kafka-client-only-in-log-and-yardsticks', 'kafkajs', ['packages/log', yardsticks]),
    onlyIn('lmdb-only-in-log', 'lmdb', ['packages/log']),
    onlyIn('clickhouse-client-only-in-clickhouse-and-yardsticks', '@clickhouse/client', [
      'packages/clickhouse',
      yardsticks,
    ]),
    onlyIn('chdb-only-in-embedded-clickhouse', 'chdb', ['packages/embedded-clickhouse']),
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'default'] },
    tsConfig: { fileName: 'tsconfig.json' },
  },
}
