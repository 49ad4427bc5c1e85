/** The house rules that a machine checks: dependencies, documents, migrations, sizes. */
export {}
