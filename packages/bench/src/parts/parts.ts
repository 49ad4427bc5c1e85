import type { BenchPart } from '../core/bench-part.ts'
import { enricherPart } from './consumers/enricher-part.ts'
import { sinkPart } from './consumers/sink-part.ts'
import { history } from './history/history.ts'
import { log } from './log/log.ts'
import { pipelinePart } from './pipeline/pipeline-part.ts'
import { producerPart } from './producer/producer-part.ts'
import { queries } from './queries/queries.ts'
import { backFillPart, scalePart } from './scale/scale-part.ts'
import { storage } from './storage/storage.ts'

/** In the order they run in. */
export const parts: readonly BenchPart[] = [
  producerPart,
  pipelinePart,
  enricherPart,
  sinkPart,
  scalePart,
  backFillPart,
  log,
  storage,
  queries,
  history,
]
