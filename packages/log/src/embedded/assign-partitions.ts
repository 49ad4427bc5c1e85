/**
 * Who should own which partition: the same answer for everyone who sees the same members and owners. The shares differ
 * by one at most, and a partition stays with its owner as long as that leaves the shares even.
 * @param owners by partition; undefined where nobody owns it
 * @returns the member of each partition, in partition order; empty without members
 */
export function assignPartitions(
  owners: readonly (string | undefined)[],
  members: readonly string[],
): string[] {
  if (members.length === 0) return []
  const room = shareSizes(owners, members)
  const assigned = owners.map((owner) => {
    const left = owner === undefined ? 0 : (room.get(owner) ?? 0)
    if (owner === undefined || left === 0) return undefined
    room.set(owner, left - 1)
    return owner
  })
  const open = [...room].flatMap(([member, left]) => Array<string>(left).fill(member))
  return assigned.flatMap((member) => member ?? open.splice(0, 1))
}

/** Those who own most get the larger shares, so that fewest partitions move; among equals, the first by name. */
function shareSizes(
  owners: readonly (string | undefined)[],
  members: readonly string[],
): Map<string, number> {
  const owned = (member: string): number => owners.filter((owner) => owner === member).length
  const ranked = members.toSorted((a, b) => owned(b) - owned(a) || (a < b ? -1 : 1))
  const size = Math.floor(owners.length / members.length)
  const larger = owners.length % members.length
  return new Map(ranked.map((member, rank) => [member, rank < larger ? size + 1 : size]))
}
