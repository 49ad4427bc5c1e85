/** Deals a topic's partitions out to the members in turn; the same for every order in which they are given. */
export function dealPartitions(
  memberIds: readonly string[],
  partitions: readonly number[],
): ReadonlyMap<string, readonly number[]> {
  const members = memberIds.toSorted()
  const ordered = partitions.toSorted((a, b) => a - b)
  return new Map(
    members.map((memberId, place) => [
      memberId,
      ordered.filter((_, index) => index % members.length === place),
    ]),
  )
}
