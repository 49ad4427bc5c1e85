/** The house rules that a machine checks: dependencies, documents, migrations, sizes. */
export { importedPackages, readWorkspaces, type SourceFile, type Workspace } from './workspaces.ts'
