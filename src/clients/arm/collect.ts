/** Every row of a paged list of the SDK, each made one of ours, in the order of the pages. */
export async function collect<Row, Ours>(
  rows: AsyncIterable<Row>,
  toOurs: (row: Row) => Ours,
): Promise<readonly Ours[]> {
  const all: Ours[] = [];
  for await (const row of rows) all.push(toOurs(row));
  return all;
}
