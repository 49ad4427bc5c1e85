/** Scenarios over the whole pipeline, from HTTP to SQL. */
export { checkedOutCommit } from './checked-out-commit.ts'
export { Cleanup } from './cleanup.ts'
export { eventually } from './eventually.ts'
export { PipelineProcess } from './pipeline-process.ts'
export { SeparateServices } from './separate-services.ts'
export { freePort, ServiceProcess } from './service-process.ts'
export { temporaryDirectory } from './temporary-directory.ts'
