import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { ResultPlot } from './bench-part.ts'

/** The plot as SVG text: a line with points for each series. */
export async function svgOf(plot: ResultPlot): Promise<string> {
  const axis = ({ title, scale = 'linear' }: ResultPlot['x']) => ({
    type: 'quantitative' as const,
    title,
    scale: { type: scale, ...(scale === 'linear' ? { zero: true } : {}) },
  })
  const spec: TopLevelSpec = {
    title: plot.title,
    width: 640,
    height: 360,
    background: 'white',
    data: { values: plot.points.map((point) => ({ ...point })) },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'x', ...axis(plot.x) },
      y: { field: 'y', ...axis(plot.y) },
      color: { field: 'series', type: 'nominal', title: null },
    },
  }
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}
