import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Ends a run with what was skipped and what it would have needed, then one plain line of counts. */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    const skipped = new Map<string, number>()
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'pending') counts.failed++
        else counts[state]++
        if (state === 'skipped') skipped.set(needOf(test), (skipped.get(needOf(test)) ?? 0) + 1)
      }
    }
    const lines = [...skipped].map(([suite, count]) => `skipped ${String(count)}: ${suite}`)
    lines.push(
      `${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`,
    )
    process.stdout.write(`\n${lines.join('\n')}\n`)
  }
}

/** What skips says so in the name of its suite or in its own: `needs ...`. */
function needOf(test: TestCase): string {
  const { parent } = test
  const suite = parent.type === 'suite' ? parent.fullName : ''
  return suite.includes('needs ') ? suite : test.fullName
}
