import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export type { Counter, Gauge, Histogram }

interface Described<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labels?: readonly Label[]
}

/** The metrics of one service, in its own registry. Names start with `millrace_` and end in their unit. */
export class Metrics {
  readonly registry = new Registry()

  counter<Label extends string = never>({ name, help, labels = [] }: Described<Label>): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] })
  }

  /** @param collect called before each read, to set a value that is cheaper to look up than to track */
  gauge<Label extends string = never>(
    described: Described<Label> & { readonly collect?: (gauge: Gauge<Label>) => void },
  ): Gauge<Label> {
    const { name, help, labels = [], collect } = described
    const gauge = new Gauge<Label>({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(collect === undefined
        ? {}
        : {
            collect: () => {
              collect(gauge)
            },
          }),
    })
    return gauge
  }

  /** @param buckets upper bounds, in the unit of the name */
  histogram<Label extends string = never>(
    described: Described<Label> & { readonly buckets: readonly number[] },
  ): Histogram<Label> {
    const { name, help, labels = [], buckets } = described
    return new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.registry],
    })
  }
}
