/** What kind of place a source is. */
export const sourceCategories = ['search', 'social', 'video', 'shopping', 'email', 'ai'] as const
export type SourceCategory = (typeof sourceCategories)[number]
